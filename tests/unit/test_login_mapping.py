"""Claims of the Swedish OpenID Connect profile give roles by a document, and nothing without one."""

import json
from pathlib import Path
from typing import Any

import pytest

from chassis.auth import own_claims
from chassis.problems import Problem
from chassis.settings import Settings
from contracts.login import LoginMapping, LoginMappingInvalid, caller_of, mapped, read_mapping

EXAMPLE = Path(__file__).parents[2] / "docs/login-mapping.example.json"
CLAIM = "https://id.oidc.se/claim/"
CITY = {f"{CLAIM}orgNumber": "2120000142"}
FARSTA = {**CITY, f"{CLAIM}orgUnit": "KAA Farsta", "groups": ["uppsok-samordnare", "alla"]}


def mapping(**changed: Any) -> LoginMapping:
    return LoginMapping.model_validate(json.loads(EXAMPLE.read_text()) | changed)


def refusal(claims: dict[str, Any], of: LoginMapping | None = None) -> Problem:
    with pytest.raises(Problem) as refused:
        mapped({"sub": "anna"} | claims, of or mapping())
    return refused.value


def test_unit_and_group_give_role_and_district() -> None:
    caller = mapped({"sub": "anna", **FARSTA}, read_mapping(EXAMPLE))
    assert caller.subject == "anna"
    assert caller.roles == {"local_coordinator"}
    assert caller.districts == {"farsta"}


def test_the_number_may_be_derived_from_the_affiliation() -> None:
    derived = {f"{CLAIM}orgAffiliation": "anna01@2120000142", "groups": ["uppsok-drift"]}
    assert mapped({"sub": "anna", **derived}, mapping()).roles == {"operator"}
    assert refusal({**FARSTA, f"{CLAIM}orgAffiliation": "anna01@5560000000"}).code == "no-role-here"


@pytest.mark.parametrize(
    "claims",
    [{}, {f"{CLAIM}orgNumber": "5560000000"}, {f"{CLAIM}orgNumber": 2120000142}, {f"{CLAIM}orgNumber": None}],
    ids=["none", "another", "a number", "null"],
)
def test_another_organisation_is_refused_whatever_else_its_token_says(claims: dict[str, Any]) -> None:
    refused = refusal({"roles": ["operator"], "groups": ["uppsok-drift"], **claims})
    assert (refused.status, refused.code) == (403, "no-role-here")
    assert "organisation that is not let in" in str(refused.detail)


def test_who_fits_no_rule_is_refused_and_own_role_claims_do_not_count() -> None:
    refused = refusal({**CITY, "roles": ["operator"], "districts": ["farsta"], "groups": "uppsok"})
    assert "no rule gives" in str(refused.detail)


def test_two_units_of_one_role_are_both_reached() -> None:
    caller = mapped({"sub": "anna", **FARSTA, f"{CLAIM}orgUnit": ["KAA Farsta", "KAA Skarpnäck"]}, mapping())
    assert caller.districts == {"farsta", "skarpnack"}


def rules(*given: dict[str, Any]) -> dict[str, Any]:
    return {"organisations": [{"number": "2120000142", "name": "Stockholms stad", "rules": list(given)}]}


def test_two_roles_with_different_districts_are_not_mixed() -> None:
    mixed = mapping(
        **rules(
            {"when": {"groups": "a"}, "roles": ["local_coordinator"], "districts": ["farsta"]},
            {"when": {"groups": "b"}, "roles": ["social_worker"], "districts": ["jarva"]},
        )
    )
    assert "different districts" in str(refusal({**CITY, "groups": ["a", "b"]}, mixed).detail)
    assert mapped({"sub": "anna", **CITY, "groups": ["b"]}, mixed).districts == {"jarva"}


def test_our_own_services_are_known_by_their_sub() -> None:
    assert mapped({"sub": "uppsok-registry"}, mapping()).roles == {"service"}
    assert refusal({"sub": "uppsok-stranger"}).status == 403


RULE: dict[str, Any] = {"when": {"groups": "a"}, "roles": ["local_coordinator"], "districts": ["farsta"]}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"districts": ["fasta"]}, "organisations.0.rules.0.districts.0: no such district; did you mean farsta?"),
        ({"districts": ["norrmalm"]}, "merged into norra-innerstaden"),
        ({"districts": []}, "districts are needed for local_coordinator"),
        ({"roles": ["boss"]}, "organisations.0.rules.0.roles.0: Input should be 'local_coordinator'"),
        ({"roles": ["service"]}, "list their sub under services"),
        ({"roles": ["school"]}, "units are for the role school"),
        ({"when": {}}, "organisations.0.rules.0.when"),
        ({"distrikt": ["farsta"]}, "organisations.0.rules.0.distrikt: Extra inputs"),
    ],
)
def test_a_wrong_document_says_where_and_what(changed: dict[str, Any], told: str, tmp_path: Path) -> None:
    file = tmp_path / "claims.json"
    file.write_text(json.dumps(rules(RULE | changed)))
    with pytest.raises(LoginMappingInvalid) as invalid:
        caller_of(Settings(environment="test", claims_file=file))
    assert told in str(invalid.value)
    assert "claims.json" in str(invalid.value)


def test_a_document_that_is_not_there_or_no_json_is_said(tmp_path: Path) -> None:
    for file in (tmp_path / "missing.json", tmp_path / "torn.json"):
        (tmp_path / "torn.json").write_text("{")
        with pytest.raises(LoginMappingInvalid, match="not readable as JSON"):
            read_mapping(file)


def test_without_a_document_only_our_own_names_are_read() -> None:
    assert caller_of(Settings(environment="test")) is own_claims
