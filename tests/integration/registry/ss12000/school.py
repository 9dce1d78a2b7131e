"""A made-up school: persons, enrolments and programmes as SS 12000 has them."""

from datetime import date
from typing import Any
from uuid import UUID, uuid5

from tests.unit.registry.files import made_up_number

NAMESPACE = UUID("0b0f4f0c-6b0e-4f8e-9a53-4c2c0a5f1f10")
MODIFIED = "2026-01-15T08:00:00+01:00"
UNIT = "12345678"
Entity = dict[str, Any]


def id_of(*what: object) -> UUID:
    return uuid5(NAMESPACE, ":".join(map(str, what)))


def organisation(name: str = "school", code: str | None = UNIT) -> Entity:
    return {"id": str(id_of("organisation", name)), "displayName": name, "schoolUnitCode": code or ""}


def programme(code: str, kind: str, *, parent: str | None = None) -> Entity:
    made = {"id": str(id_of("programme", code)), "name": code, "type": kind, "schoolType": "GY", "code": code}
    return made if parent is None else made | {"parentProgramme": {"id": str(id_of("programme", parent))}}


def enrolment(
    school_type: str = "GY", *, at: str = "school", programme: str | None = "NA", **changes: Any
) -> Entity:
    made: Entity = {
        "enroledAt": {"id": str(id_of("organisation", at))},
        "schoolType": school_type,
        "startDate": "2024-08-19",
        "schoolYear": 1,
        **changes,
    }
    return made if programme is None else made | {"programme": {"id": str(id_of("programme", programme))}}


def pupil(which: int = 0, *enrolments: Entity, born: date = date(2008, 3, 1), **changes: Any) -> Entity:
    """The ``which``-th made-up person; with one enrolment on a national programme unless others are given."""
    return {
        "id": str(id_of("person", which)),
        "meta": {"created": "2024-08-01T08:00:00+02:00", "modified": MODIFIED},
        "givenName": f"Förnamn{which}",
        "familyName": "Exempelsson",
        "eduPersonPrincipalNames": [f"p{which}@skola.example"],
        "civicNo": {"value": made_up_number(which, born)},
        "enrolments": list(enrolments) if enrolments else [enrolment()],
        **changes,
    }


def sums(which: int, activity: str, offered: int, invalid: int | None, **changes: Any) -> Entity:
    made = {
        "student": {"id": str(id_of("person", which))},
        "activity": {"id": str(id_of("activity", activity))},
        "startDate": "2026-01-01",
        "endDate": "2026-01-31",
        "offeredSum": offered,
        **changes,
    }
    return made if invalid is None else made | {"invalidAbsenceSum": invalid}
