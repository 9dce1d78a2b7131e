"""What an export says in words, and what of it is withheld."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from chassis.clock import STOCKHOLM
from chassis.subject_data import without_staff
from contracts.reasons import Step
from services.registry.export.compose import Export, ExportReason, compose
from services.registry.export.readable import WORDS, action, content, said

YOUTH, OTHER = UUID(int=1), UUID(int=2)
AT = datetime(2026, 5, 4, 10, 0, tzinfo=STOCKHOLM)
SERVICES = Path(__file__).parents[3] / "services"


def audit(at: str, **changes: Any) -> dict[str, Any]:
    return {"id": 1, "at": at, "role": "service", "action": "youth.read", "subject": None, "why": None} | changes


def registry(**sections: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    person = {"id": str(YOUTH), "first_name": "Alva", "last_name": "Exempelsson", "sex": "woman"}
    empty: dict[str, list[dict[str, Any]]] = {
        "guardians": [],
        "contact_points": [],
        "audit": [],
        "person_numbers": [],
    }
    return empty | {"persons": [person]} | sections


def made(*, minor: bool = True, **services: dict[str, list[dict[str, Any]]]) -> Export:
    return compose([YOUTH, OTHER], AT, ExportReason.YOUTH_ASKED, {"registry": registry()} | services, minor=minor)


def test_the_read_log_is_of_all_services_the_latest_first() -> None:
    export = made(
        registry=registry(audit=[audit("2026-05-04T08:00:00+00:00"), audit("2026-05-01T08:00:00+02:00")]),
        outreach={"audit": [audit("2026-05-04T09:59:00+02:00", role="special_handler")]},
    )
    assert [(look.service, look.at.astimezone(UTC).hour) for look in export.read_log] == [
        ("registry", 8),
        ("outreach", 7),
        ("registry", 6),
    ]
    assert all("audit" not in sections for sections in export.services.values())


def test_guardians_own_data_are_withheld_when_the_youth_is_of_age() -> None:
    guardian = {"id": "g", "first_name": "Robin", "last_name": "Exempelsson", "relation": "parent"}
    points: list[dict[str, Any]] = [
        {"id": "a", "guardian_id": None, "value": "alva@example.org"},
        {"id": "b", "guardian_id": "g", "value": "robin@example.org"},
    ]
    sections = registry(guardians=[guardian], contact_points=points)
    assert made(registry=sections).services["registry"]["guardians"] == [guardian]
    kept = made(registry=sections, minor=False).services["registry"]
    assert kept["guardians"] == [{"id": "g", "relation": "parent", "withheld": "guardian"}]
    assert kept["contact_points"] == [points[0], {"id": "b", "guardian_id": "g", "withheld": "guardian"}]


def test_staff_ids_are_left_out_at_any_depth() -> None:
    row = {
        "recorded_by": "x",
        "request": {"outcome": {"staff": ["x"], "result": "reached"}},
        "list": [{"by": "x"}],
    }
    assert without_staff(row) == {"request": {"outcome": {"result": "reached"}}, "list": [{}]}


def test_the_readable_one_is_of_the_person_as_known_now() -> None:
    double = {"id": str(OTHER), "first_name": "Alma", "last_name": "Exempelsson"}
    sections = registry()
    shown = content(made(registry=sections | {"persons": [double, *sections["persons"]]}))
    assert shown["name"] == "Alva Exempelsson"
    assert shown["made_at"] == "2026-05-04 kl. 10.00"
    assert shown["parts"][0]["sections"][0]["rows"][1][-1] == ["Kön", "kvinna"]
    assert "Vårdnadshavare" in shown["empty"]


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("state", "place_offered", "plats erbjuden"),
        ("state", "a_later_code", "a_later_code"),  # never silently left out
        ("first_name", "none", "none"),  # a name is no code
        ("goal", "work", "work"),
        ("district", "farsta", "Farsta"),
        ("protected", False, "nej"),
        ("valid_from", "2026-05-04", "2026-05-04"),
        ("at", "2026-01-04T09:00:00+00:00", "2026-01-04 kl. 10.00"),
        ("tracks", ["newly_arrived", "studiebevis"], "ny i Sverige, studiebevis"),
        ("grounds", {"criterion": "under_20", "met": True, "since": None}, "Krav: under 20 år; Uppfyllt: ja"),
        ("attempt", 3, "3"),
    ],
)
def test_values_are_said_in_swedish(field: str, value: Any, text: str) -> None:
    assert said(field, value) == text


def test_every_action_of_the_audit_has_words() -> None:
    literal = re.compile(r'"((?:%s)\.[a-z_-]+)"' % "|".join(WORDS["actions"]["objects"]))  # noqa: UP031
    found = {
        match
        for file in SERVICES.rglob("*.py")
        if file.parent.name != "export"
        for match in literal.findall(file.read_text(encoding="utf-8"))
        if not match.endswith(".html")
    }
    assert len(found) > 40
    assert {code for code in found if action(code) == code} == set()
    assert {step for step in Step if action(f"journey.{step}") == f"journey.{step}"} == set()
    assert action("consent.read") == "Läste samtycken"
    assert action("something.new") == "something.new"
