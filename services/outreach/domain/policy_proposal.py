"""A proposal: a policy document and the civil date from which it shall hold. Pure.

All faults are told at once, each by its field, in Swedish (`policy_faults`).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from contracts.policy import OutreachPolicy
from services.outreach.domain.policy import PolicyInvalid, parse_json, policy_of
from services.outreach.domain.policy_faults import WRITE_DATE, WRITE_FIELDS, Fault, fault, unknown_field
from services.outreach.domain.policy_rules import holidays_lacking, rules_of_the_plan
from services.outreach.domain.policy_words import day

# A version is part of addresses; these are ours already.
VERSION = re.compile(r"[a-z][a-z0-9.-]{2,59}")
TAKEN = frozenset({"schema", "preview"})
MEMBERS = {"document": "Policyn", "effective_from": "Gäller från"}
FURTHEST = timedelta(days=2 * 365)
DATE = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Proposal:
    policy: OutreachPolicy
    effective_from: date


def read_proposal(text: str, version: str | None = None) -> Proposal:
    """Return the proposal in a JSON text ``{"document": {...}, "effective_from": "2027-01-07"}``.

    ``version``: the name that the address gives it. Raises PolicyInvalid.
    """
    content = parse_json(text)
    if not isinstance(content, dict):
        raise PolicyInvalid("", [fault((), WRITE_FIELDS)])
    faults: list[Fault] = list(_members(content))
    effective_from = _date(content.get("effective_from"))
    if "effective_from" in content and effective_from is None:
        faults.append(_of("effective_from", WRITE_DATE))
    policy: OutreachPolicy | None = None
    if "document" in content:
        try:
            policy = policy_of(content["document"])
        except PolicyInvalid as invalid:
            faults += invalid.faults
        else:
            faults += [*_name(policy, version), *rules_of_the_plan(policy)]
    if faults or policy is None or effective_from is None:
        raise PolicyInvalid("", faults)
    return Proposal(policy, effective_from)


def faults_of_time_and_place(proposal: Proposal, today: date, municipality: str | None) -> Iterator[Fault]:
    """Yield what speaks against the proposal today, in a municipality (None: not known yet)."""
    start = proposal.effective_from
    if start <= today:
        yield _of("effective_from", f"tidigast i morgon, {day(today + timedelta(days=1))}. Välj en senare dag")
    elif start > today + FURTHEST:
        yield _of("effective_from", f"senast {day(today + FURTHEST)}. Välj en tidigare dag")
    else:
        yield from holidays_lacking(proposal.policy, start)
    if municipality not in (None, proposal.policy.municipality):
        yield fault(("municipality",), f"den här tjänsten är för kommun {municipality}. Skriv den koden")


def _members(content: Mapping[str, Any]) -> Iterator[Fault]:
    for name in MEMBERS:
        if name not in content:
            yield _of(name, "saknas. Lägg till fältet")
    for name in content:
        if name not in MEMBERS:
            yield unknown_field((name,), MEMBERS)


def _name(policy: OutreachPolicy, version: str | None) -> Iterator[Fault]:
    place = ("version",)
    if not VERSION.fullmatch(policy.version) or policy.version in TAKEN:
        yield fault(
            place, "skriv 3-60 små bokstäver a-z, siffror, punkter och bindestreck, till exempel stockholm-2027.1"
        )
    elif version is not None and policy.version != version:
        yield fault(place, "skriv samma namn som i adressen")


def _of(member: str, said: str) -> Fault:
    return Fault(member, f"{MEMBERS[member]}: {said}.")


def _date(value: object) -> date | None:
    if not isinstance(value, str) or not DATE.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None
