"""What a municipality's policy must keep beyond its form, and the proposal in which it is sent."""

import json
from datetime import date
from typing import Any

import pytest

from services.outreach.domain.policy import PolicyInvalid, policy_of
from services.outreach.domain.policy_proposal import Proposal, faults_of_time_and_place, read_proposal
from services.outreach.domain.policy_rules import rules_of_the_plan
from services.outreach.settings import POLICIES

DOCUMENT: dict[str, Any] = json.loads((POLICIES / "stockholm.json").read_text())
SLOT = {"name": "dag", "start": "09:00", "end": "12:00"}


def plan_faults(**fields: Any) -> list[tuple[str, str]]:
    return [(one.field, one.message) for one in rules_of_the_plan(policy_of({**DOCUMENT, **fields}))]


def test_the_plans_own_policy_keeps_its_rules() -> None:
    assert plan_faults() == []


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"calls_in_distinct_slots": False}, "calls_in_distinct_slots", "försök vid olika tillfällen"),
        ({"call_gap": "PT4H"}, "call_gap", "på olika dagar. Skriv minst P1D"),
        ({"sending_hours": {**SLOT, "end": "00:00"}}, "sending_hours", "mellan kl. 07.00 och 21.00"),
        ({"sending_hours": {**SLOT, "start": "06:59"}}, "sending_hours", "mellan kl. 07.00 och 21.00"),
        ({"visit_hours": {**SLOT, "end": "21:01"}}, "visit_hours", "mellan kl. 07.00 och 21.00"),
        (
            {"call_slots": [SLOT, {"name": "sent", "start": "20:00", "end": "22:00"}]},
            "call_slots.1",
            "mellan kl. 07.00 och 21.00",
        ),
    ],
)
def test_a_policy_that_breaks_with_the_plan_is_refused(fields: dict[str, Any], field: str, said: str) -> None:
    ((place, message),) = plan_faults(**fields)
    assert place == field
    assert said in message


def timely(start: date, today: date = date(2026, 11, 25), **fields: Any) -> list[tuple[str, str]]:
    proposal = Proposal(policy_of({**DOCUMENT, **fields}), start)
    return [(one.field, one.message) for one in faults_of_time_and_place(proposal, today, "0180")]


def test_holidays_cover_the_coming_school_year() -> None:
    assert timely(date(2027, 1, 7)) == []
    # From 7 January 2027 the coming school year ends in June 2028: Easter 2028 is needed, Christmas 2028 is not.
    until = [one for one in DOCUMENT["holidays"] if one < "2028-07-01"]
    assert timely(date(2027, 1, 7), holidays=until) == []
    assert timely(date(2027, 7, 1), holidays=until) == []
    ((field, message),) = timely(date(2027, 7, 2), holidays=until)
    assert field == "holidays"
    assert "helgdagar saknas till och med läsåret som slutar 30 juni 2029: 4 november 2028" in message
    without_easter = [one for one in until if one != "2028-04-17"]
    assert timely(date(2027, 1, 7), holidays=without_easter)[0][1].endswith("17 april 2028. Lägg till dem.")
    # Midsummer's Eve is no holiday by law: the municipality's own to decide.
    assert timely(date(2027, 1, 7), holidays=[one for one in until if one != "2027-06-25"]) == []
    assert timely(date(2027, 1, 7), holidays=[], working_days_only=False) == []


def test_it_takes_effect_tomorrow_at_the_earliest_and_within_two_years() -> None:
    assert timely(date(2026, 11, 26)) == []
    assert timely(date(2026, 11, 25)) == [
        ("effective_from", "Gäller från: tidigast i morgon, 26 november 2026. Välj en senare dag.")
    ]
    assert timely(date(2206, 1, 1))[0] == (
        "effective_from",
        "Gäller från: senast 24 november 2028. Välj en tidigare dag.",
    )


def test_it_is_for_the_municipality_that_it_is_given_to() -> None:
    assert timely(date(2027, 1, 7), municipality="1480") == [
        ("municipality", "Kommunkod: den här tjänsten är för kommun 0180. Skriv den koden.")
    ]


def proposal(version: str | None = "stockholm-2027.1", **members: Any) -> list[tuple[str, str]]:
    body = {"document": {**DOCUMENT, "version": "stockholm-2027.1"}, "effective_from": "2027-01-07", **members}
    with pytest.raises(PolicyInvalid) as invalid:
        read_proposal(json.dumps({name: value for name, value in body.items() if value is not None}), version)
    return [(fault.field, fault.message) for fault in invalid.value.faults]


@pytest.mark.parametrize("date_sent", ["soon", "2027-02-30", "20270107", 20270107, True, "2027-W01-1"])
def test_the_effective_date_is_a_date(date_sent: Any) -> None:
    assert proposal(effective_from=date_sent) == [
        ("effective_from", "Gäller från: skriv ett datum, till exempel 2026-12-24.")
    ]


def test_document_and_date_are_needed_and_nothing_else() -> None:
    assert proposal(document=None, effective_from=None) == [
        ("document", "Policyn: saknas. Lägg till fältet."),
        ("effective_from", "Gäller från: saknas. Lägg till fältet."),
    ]
    assert proposal(effective="2027-01-07") == [
        ("effective", 'Fältet "effective" finns inte. Menade du "effective_from" (Gäller från)? Rätta namnet.')
    ]
    assert proposal(document=[]) == [("", "Dokumentet: skriv fält och värden inom klamrar, { och }.")]


@pytest.mark.parametrize("name", ["schema", "preview", "Stockholm", "a/b", "å-1", "x", "a" * 61])
def test_a_version_has_a_name_that_fits_an_address(name: str) -> None:
    ((field, message),) = proposal(None, document={**DOCUMENT, "version": name})
    assert (field, message[:24]) == ("version", "Policyns namn (version):")


def test_a_version_has_the_name_of_its_address() -> None:
    assert proposal("stockholm-2027.2") == [
        ("version", "Policyns namn (version): skriv samma namn som i adressen.")
    ]
