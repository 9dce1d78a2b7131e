"""How late schools told stays the same when the reports are deleted, in every period and of every kind."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from tests.integration.gallring.conftest import World
from tests.integration.gallring.filling import AT, Youth
from tests.integration.gallring.searching import found

pytestmark = pytest.mark.stack
SCHOOL, OTHER_SCHOOL = "12345678", "87654321"
PERIODS = [{"from": "2023-09-01", "to": "2024-02-01"}, {"from": "2023-11-20", "to": "2023-11-21"},
           {"from": "2023-12-01", "to": "2023-12-31", "kind": "dropout"}, {"to": "2024-03-01", "kind": "started"},
           {"from": "2024-05-01", "to": "2024-05-31"}]  # fmt: skip
TOLD = (
    (date(2023, 11, 3), 40),
    (date(2023, 11, 20), 3),
    (date(2023, 12, 1), 3),
    (date(2023, 12, 31), 14),
    (date(2023, 12, 30), 14),
    (date(2024, 1, 2), -5),
)
NOT_DUE = "update persons set absent_since = null, birth_date = '2010-01-01' where id = $1"
DUE_AGAIN = "update persons set absent_since = '2023-12-04' where id = $1"
REPORT = """
insert into school_reports (id, person_id, person_number, school_unit, kind, event_date, reported_by, channel,
    received_on, first_told_on, recorded_at, recorded_by, matched_at)
values ($1, $2, $3, $4, $5, $6, 'head', 'api', $7, $7, $8, 'skola', $8)
"""
WITHDRAW = """
update school_reports set withdrawn_at = recorded_at, withdrawn_by = 'anna', withdrawn_why = 'not_true'
where id = $1
"""
SUPERSEDE = "update school_reports set superseded_by = $2, superseded_at = recorded_at where id = $1"


async def report(
    pool: asyncpg.Pool, youth: Youth, first_told: date, days: int, school: str = SCHOOL, kind: str = "dropout"
) -> UUID:
    event, report_id = first_told - timedelta(days=days), uuid4()
    await pool.execute(REPORT, report_id, youth.youth_id, youth.number, school, kind, event, first_told, AT)
    return report_id


async def lateness(world: World, headers: dict[str, str]) -> list[Any]:
    answers = [
        await world.api.get("/school-reports/lateness", headers=headers, params=period) for period in PERIODS
    ]
    assert [answer.status_code for answer in answers] == [200] * len(PERIODS)
    return [answer.json()["items"] for answer in answers]


async def test_figures_are_the_same_before_and_after(world: World, token: Callable[..., str]) -> None:
    def headers(role: str, subject: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {token(role, districts=(), subject=subject)}"}

    pool, gone, other = world.registry, world.gone, world.other
    for first_told, days in TOLD:
        await report(pool, gone, first_told, days)
    await report(pool, gone, date(2023, 12, 9), 9, OTHER_SCHOOL, "started")
    await report(pool, other, date(2023, 12, 10), 14)
    await report(pool, other, date(2024, 5, 10), 100, OTHER_SCHOOL)
    withdrawn = await report(pool, gone, date(2023, 12, 11), 300)
    await pool.execute(WITHDRAW, withdrawn)
    wrong, right = [await report(pool, gone, date(2023, 12, 12), days) for days in (500, 2)]
    await pool.execute(SUPERSEDE, wrong, right)
    statistician = headers("statistician", "stina")
    before = await lateness(world, statistician)
    assert [[one["reports"] for one in period] for period in before] == [[10, 1], [4], [5], [1], [1]]

    # First the one of them is due, then the other: the second deletion adds to what the first has left.
    await pool.execute(NOT_DUE, other.youth_id)
    for youth in (gone, other):
        await pool.execute(DUE_AGAIN, youth.youth_id)
        run_id = str(uuid4())
        rut, kim = headers("register_superuser", "rut"), headers("jurist", "kim")
        assert (await world.api.post("/gallring", headers=rut, json={"id": run_id})).status_code == 201
        for step, by in (("approve", kim), ("execute", rut)):
            answer = await world.api.post(f"/gallring/{run_id}/{step}", headers=by)
            assert answer.status_code == 200, answer.text
        assert await found(pool, [youth.number, youth.first_name]) == {}
        assert await lateness(world, statistician) == before
    assert await pool.fetchval("select count(*) from school_reports") == 0


async def test_of_a_protected_identity_nothing_is_left(world: World, token: Callable[..., str]) -> None:
    """As their reports counted in no figures before."""
    await world.registry.execute("update persons set protection = 'sekretessmarkering'")
    await report(world.registry, world.gone, date(2023, 12, 12), 4)
    rut = {"Authorization": f"Bearer {token('register_superuser', districts=(), subject='rut')}"}
    kim = {"Authorization": f"Bearer {token('jurist', districts=(), subject='kim')}"}
    run_id = str(uuid4())
    await world.api.post("/gallring", headers=rut, json={"id": run_id})
    for step, by in (("approve", kim), ("execute", rut)):
        assert (await world.api.post(f"/gallring/{run_id}/{step}", headers=by)).status_code == 200
    assert await world.registry.fetchval("select count(*) from school_reports") == 0
    assert await world.registry.fetchval("select count(*) from lateness_of_nobody") == 0
