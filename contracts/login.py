"""Which claims of the identity provider's tokens give which roles: a document that the municipality writes.

Claim names are those of the Claims and Scopes Specification for the Swedish OpenID Connect Profile 1.0
(2023-12-11), section 2.2: the organisation's number (2.2.1), the affiliation ``<person>@<number>`` (2.2.2) and
the unit's name (2.2.4). It knows no roles, so a rule may also ask for a claim of the provider's own, e.g. groups.
"""

import json
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator

from chassis.auth import CallerOf, Principal, own_claims
from chassis.problems import Problem
from chassis.settings import Settings
from contracts.access import TABLE, Scope
from contracts.base import Contract
from contracts.districts import DISTRICT_BY_CODE
from contracts.roles import Role

ORG_NUMBER = "https://id.oidc.se/claim/orgNumber"
ORG_AFFILIATION = "https://id.oidc.se/claim/orgAffiliation"
ORG_UNIT = "https://id.oidc.se/claim/orgUnit"

# A token without districts reaches all of them, so who is kept to districts must be given some.
BY_DISTRICT = frozenset(
    role for row in TABLE.values() for role, scope in row.items() if scope is Scope.OWN_DISTRICTS
) | {Role.SOCIAL_WORKER}


class LoginMappingInvalid(Exception):
    """The document cannot be used; the message names the file, and each fault with its place."""


def _existing(code: str) -> str:
    district = DISTRICT_BY_CODE.get(code)
    if district is None:
        near = get_close_matches(code, DISTRICT_BY_CODE, n=1)
        raise ValueError("no such district" + (f"; did you mean {near[0]}?" if near else ""))
    if district.merged_into:
        raise ValueError(f"this district has been merged into {district.merged_into}")
    return code


class Rule(Contract):
    """Who has all of ``when`` gets ``roles``. A claim that is a list has each of its values."""

    when: dict[str, str] = Field(min_length=1, description="Claim name and the value that it must have")
    roles: tuple[Role, ...] = Field(min_length=1)
    districts: tuple[Annotated[str, AfterValidator(_existing)], ...] = Field(
        default=(), description="Codes; needed by the roles that are kept to districts"
    )
    units: tuple[str, ...] = Field(default=(), description="Role school: the school units it speaks for")

    @model_validator(mode="after")
    def reaches_no_further_than_said(self) -> Self:
        if Role.SERVICE in self.roles:
            raise ValueError("the role service is for our own services: list their sub under services")
        kept = sorted(BY_DISTRICT.intersection(self.roles))
        if kept and not self.districts:
            raise ValueError(f"districts are needed for {', '.join(kept)}: without any, all would be reached")
        if (Role.SCHOOL in self.roles) != bool(self.units):
            raise ValueError("units are for the role school, which needs them")
        return self


class Organisation(Contract):
    """An organisation whose tokens are good here, and what they give."""

    number: str = Field(pattern=r"^\d{10}$", description="Organisationsnummer, ten digits without hyphen")
    name: str = Field(min_length=1, description="For those who read the document")
    rules: tuple[Rule, ...] = Field(min_length=1)


class LoginMapping(Contract):
    """The whole document."""

    organisations: tuple[Organisation, ...] = Field(min_length=1)
    services: tuple[str, ...] = Field(default=(), description="sub of our own services' tokens")

    @model_validator(mode="after")
    def each_organisation_once(self) -> Self:
        numbers = [organisation.number for organisation in self.organisations]
        if len(set(numbers)) < len(numbers):
            raise ValueError("an organisation stands here twice")
        return self


def read_mapping(file: Path) -> LoginMapping:
    """Return the document of a file. Raises LoginMappingInvalid."""
    try:
        return LoginMapping.model_validate(json.loads(file.read_text(encoding="utf-8")))
    except ValidationError as error:
        faults = [
            f"{'.'.join(map(str, fault['loc'])) or 'document'}: {fault['msg'].removeprefix('Value error, ')}"
            for fault in error.errors(include_input=False, include_url=False)
        ]
    except (OSError, ValueError) as error:
        faults = [f"not readable as JSON ({type(error).__name__})"]
    raise LoginMappingInvalid(f"UPPSOK_CLAIMS_FILE {file.name}: " + "; ".join(faults))


def caller_of(settings: Settings) -> CallerOf:
    """Return how this installation reads claims. Raises LoginMappingInvalid."""
    if settings.claims_file is None:
        return own_claims
    mapping = read_mapping(settings.claims_file)
    return lambda claims: mapped(claims, mapping)


def mapped(claims: Mapping[str, Any], mapping: LoginMapping) -> Principal:
    """Return the caller that a good token tells of. Raises a 403 Problem for who has no business here."""
    subject = str(claims["sub"])
    if subject in mapping.services:
        return Principal(subject, frozenset({Role.SERVICE.value}), frozenset())
    number = _organisation_number(claims)
    organisation = next((one for one in mapping.organisations if one.number == number), None)
    if organisation is None:
        raise _no_business("The token is of an organisation that is not let in here, or of none.")
    rules = [rule for rule in organisation.rules if all(_has(claims, *asked) for asked in rule.when.items())]
    if not rules:
        raise _no_business("The organisation is known, but no rule gives this unit and these groups a role.")
    # Two roles with different districts would each reach the other's: a token carries one set of districts.
    areas: dict[Role, set[str]] = {}
    for rule in rules:
        for role in BY_DISTRICT.intersection(rule.roles):
            areas.setdefault(role, set()).update(rule.districts)
    if len({frozenset(area) for area in areas.values()}) > 1:
        raise _no_business("The rules give two roles with different districts, which one token cannot carry.")
    return Principal(
        subject,
        frozenset(role.value for rule in rules for role in rule.roles),
        frozenset().union(*areas.values()),
        frozenset(unit for rule in rules for unit in rule.units),
    )


def _organisation_number(claims: Mapping[str, Any]) -> str | None:
    """Return the number, which can always be derived from the affiliation (section 3.3); None if they differ."""
    affiliation = claims.get(ORG_AFFILIATION)
    derived = affiliation.rpartition("@")[2] if isinstance(affiliation, str) and "@" in affiliation else None
    number = claims.get(ORG_NUMBER, derived)
    return number if isinstance(number, str) and derived in (None, number) else None


def _has(claims: Mapping[str, Any], name: str, value: str) -> bool:
    claim = claims.get(name)
    return value in claim if isinstance(claim, list) else claim == value


def _no_business(detail: str) -> Problem:
    return Problem(
        403, "no-role-here", "Your login gives no role here", f"{detail} docs/login.md says what is needed."
    )
