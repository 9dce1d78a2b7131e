"""Considerable absence without valid reason, by the server's sums."""

from datetime import date
from typing import Any

import pytest

from services.registry.sources.ss12000.delivery import Absence
from tests.integration.registry.ss12000.conftest import MakeSchool, Served
from tests.integration.registry.ss12000.school import id_of, pupil, sums

PERIOD = (date(2026, 1, 5), date(2026, 2, 1))
RULE: dict[str, Any] = {"absence": {"over_percent": 20, "least_offered_minutes": 600}}


@pytest.fixture
async def served(make_school: MakeSchool) -> Served:
    return await make_school(
        persons=[pupil(which) for which in range(5)],
        attendance=[
            sums(0, "maths", 600, 100),
            sums(1, "maths", 600, 240),
            sums(2, "maths", 599, 599),  # too little was offered to say
            sums(0, "english", 400, 101),  # 201 of 1000 minutes: over a fifth
            sums(1, "english", 600, None),  # 240 of 1200: a fifth, not over it
            sums(3, "maths", 10_000, 0),
        ],
    )


async def test_sums_of_all_activities_and_pages_are_added_up(served: Served) -> None:
    delivery, batches = await served.read(absences=PERIOD, page_size=2, **RULE)
    found = [one for batch in batches for one in batch.absences]
    assert found == [Absence(id_of("person", 0), *PERIOD, offered_minutes=1000, invalid_minutes=201)]
    assert (delivery.counts.absences, delivery.absences_until) == (1, PERIOD[1])
    asked = [query for path, query in served.school.asked if path == "/aggregatedAttendance"]
    assert asked[0] == {"startDate": "2026-01-05", "endDate": "2026-02-01", "limit": "2"}


async def test_a_sum_that_comes_again_is_added_once(served: Served) -> None:
    served.school.attendance = [sums(0, "maths", 1000, 150), sums(1, "x", 1, 0), sums(0, "maths", 1000, 150)]
    served.school.attendance += [sums(0, "maths", 100, 90, startDate="2026-02-01", endDate="2026-02-01")]
    _, batches = await served.read(absences=PERIOD, page_size=2, **RULE)
    (found,) = [one for batch in batches for one in batch.absences]
    assert (found.offered_minutes, found.invalid_minutes) == (1100, 240)


async def test_strange_sums_are_told_and_the_rest_is_added_up(served: Served) -> None:
    served.school.strays = True
    served.school.attendance += [
        sums(4, "a", -1, 0),
        sums(4, "b", 100, "many"),  # type: ignore[arg-type]
        sums(4, "c", None, 0),  # type: ignore[arg-type]
        {"offeredSum": 100},
        sums(4, "d", 600, 300),
    ]
    _, batches = await served.read(absences=PERIOD, **RULE)
    assert [one.entity_id for batch in batches for one in batch.absences] == [
        id_of("person", 0),
        id_of("person", 4),
    ]
    assert [(one.row, one.field, one.reason) for batch in batches for one in batch.rejects] == [
        (7, "offeredSum", "format"),
        (8, "invalidAbsenceSum", "format"),
        (9, "offeredSum", "format"),
        (10, "student", "empty"),
    ]


@pytest.mark.parametrize("trouble", [{"not_offered": {"/aggregatedAttendance"}}, {}])
async def test_trouble_with_the_sums_spoils_nothing_else(served: Served, trouble: dict[str, set[str]]) -> None:
    served.school.not_offered = trouble.get("not_offered", set())
    served.school.trouble["/aggregatedAttendance"] = [] if trouble else ["ok", "status 500"] + ["status 500"] * 3
    delivery, batches = await served.read(absences=PERIOD, page_size=2, **RULE)
    assert sum(len(batch.rows) for batch in batches) == 5
    assert [one for batch in batches for one in batch.absences] == []
    assert delivery.counts.not_read == {"/aggregatedAttendance": "http_404" if trouble else "http_500"}


async def test_sums_are_read_only_when_they_are_wanted(served: Served) -> None:
    await served.read(absences=PERIOD)
    await served.read(**RULE)
    assert "/aggregatedAttendance" not in served.school.paths()
