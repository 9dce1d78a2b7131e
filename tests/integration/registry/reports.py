"""Handing in school reports in tests: dates are counted back from the civil today of the API."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import httpx

from chassis.clock import CivilClock, ClockSpec
from tests.integration.registry.city import City
from tests.unit.registry.files import made_up_number, resident

TODAY = CivilClock(ClockSpec()).today()
SCHOOL, OTHER_SCHOOL = "12345678", "87654321"
COVERED, BROMMA, PROTECTED, STRANGER = 1, 2, 3, 800
ENROLLED = 100  # one of the city's bystanders: attends SCHOOL
As = Callable[..., dict[str, str]]
SchoolOf = Callable[..., dict[str, str]]


def ago(days: int) -> str:
    return (TODAY - timedelta(days=days)).isoformat()


def dropout(which: int = COVERED, **changes: Any) -> dict[str, Any]:
    return {
        "person_number": made_up_number(which),
        "school_unit": SCHOOL,
        "kind": "dropout",
        "event_date": ago(10),
        "reported_by": "study_counsellor",
        **changes,
    }


def absence(which: int = ENROLLED, **changes: Any) -> dict[str, Any]:
    figures = {"absence_from": ago(40), "absence_percent": 35}
    return dropout(which, kind="invalid_absence", **{**figures, **changes})


async def populate(city: City) -> None:
    """Two covered youths in two districts, a protected one, and the bystanders in school."""
    city.day = date(2026, 10, 1)
    city.residents += [
        resident(COVERED),
        resident(BROMMA, district="bromma"),
        resident(PROTECTED, protection="sekretessmarkering"),
    ]
    city.drop_all()
    await city.sync()


async def hand_in(
    api: httpx.AsyncClient, headers: dict[str, str], report: dict[str, Any], status: int = 201
) -> dict[str, Any]:
    response = await api.post("/school-reports", headers=headers, json=report)
    assert response.status_code == status, response.text
    body: dict[str, Any] = response.json()
    return body
