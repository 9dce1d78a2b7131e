"""Fifty thousand open tasks: no work list reads more than it shows, page by page."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from chassis.postgres import create_pool
from contracts.tasks import TaskGroup
from deploy.local.databases import Database
from services.outreach.db import lists, staff, tasks, work
from services.outreach.db.lists import Reader, WorkList
from services.outreach.domain.access import Scope
from services.outreach.settings import Settings

pytestmark = pytest.mark.stack
OPEN_TASKS = 50_000
CITY = Scope(ordinary=True, districts=None, protected=False, city=True)
LOCAL = Scope(ordinary=True, districts=("d3",), protected=False, city=False)
# Blocks of 8 kB that a page may touch, whatever its list.
BLOCKS = 5_000


STAFF = """
insert into staff
select 's' || n, 'coordinators', array['d' || n % 10], 400, $1, null, 1, now(), 'kim' from generate_series(0, 99) n
"""
TASKS = """
insert into tasks (
    task_id, youth_id, episode_id, kind, task_group, district, attempt, due_on, state, opened_at, assigned_to,
    assigned_at, claimed_by, claimed_at, claimed_until, staff, escalated_at, escalation
)
select gen_random_uuid(), gen_random_uuid(), gen_random_uuid(),
    case when n % 20 = 0 then 'home_visit' else 'mapping' end, 'coordinators', 'd' || n % 10, 1,
    $1::date - 10 + abs(hashtext('due' || n)) % 60, case when n % 50 = 1 then 'claimed' else 'open' end, now(),
    case when abs(hashtext(n::text)) % 5 > 0 then 's' || n % 100 end, now(),
    case when n % 50 = 1 then 's' || n % 100 end, now(), now() + interval '1 hour',
    case when n % 20 = 0 then array['s' || n % 100, 's' || (n + 10) % 100] else '{}' end,
    case when n % 500 = 0 then now() end, case when n % 500 = 0 then 'overdue' end
from generate_series(1, $2) n
"""


@pytest.fixture
async def full(database: Database, settings: Settings) -> AsyncIterator[asyncpg.Pool]:
    """A hundred staff in ten districts, four fifths of the tasks theirs, due over two months."""
    # As the owner of the tables, who may gather statistics.
    async with await create_pool(database.migrator_url, application_name="test") as pool:
        today = settings.clock.today()
        await pool.execute(STAFF, today)
        await pool.execute(TASKS, today, OPEN_TASKS)
        for table in ("tasks", "staff"):
            await pool.execute(f"vacuum analyze {table}")
        yield pool


async def explained(pool: asyncpg.Pool, sql: str, *arguments: object) -> dict[str, Any]:
    plan = await pool.fetchval(f"explain (analyze, buffers, format json) {sql}", *arguments)
    found: dict[str, Any] = plan[0]
    return found


def blocks(plan: dict[str, Any]) -> int:
    return int(plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"])


async def test_no_list_reads_more_than_it_shows(full: asyncpg.Pool, settings: Settings) -> None:
    await each_list(full, settings.clock.now())
    await counts_and_choices(full, settings.clock.now())


async def each_list(full: asyncpg.Pool, now: datetime) -> None:
    reader = Reader("s3", now, {"s13": now.date() + timedelta(days=5)}, ["s99"])
    for scope in (LOCAL, CITY):
        for wanted in WorkList:
            where = tasks.Where()
            tasks.add_visibility(where, scope)
            lists.add_list(where, wanted, reader)
            # From the middle, as a second page begins.
            where.add("(due_on, task_id) > (?, ?)", now.date() - timedelta(days=5), UUID(int=0))
            plan = await explained(full, tasks.page(where, 51), *where.arguments)
            tell(f"{'city' if scope.city else 'district'} {wanted}", plan)
            assert "Seq Scan" not in str(plan), wanted
            assert blocks(plan) < BLOCKS, (wanted, blocks(plan))


async def counts_and_choices(full: asyncpg.Pool, now: datetime) -> None:
    for scope in (LOCAL, CITY):
        where = tasks.Where()
        tasks.add_visibility(where, scope)
        statement = lists.counts(where, Reader("s3", now, {}, []))
        plan = await explained(full, statement, *where.arguments)
        tell(f"counts, {'city' if scope.city else 'district'}", plan)
        assert "Seq Scan" not in str(plan) or scope.city  # the city's coordinator counts everything
    opening = await explained(full, staff.ABLE, now.date(), TaskGroup.COORDINATORS, "d3")
    tell("choice of an owner", opening)
    assert blocks(opening) < 2 * BLOCKS  # ten members with 400 tasks each: counted in their index
    today = now.date()
    tell("sweep, strayed", await explained(full, work.STRAYED, ["s99"], ["s13"], [today], 500))
    tell("sweep, waiting", await explained(full, work.WAITING, now, False, False, ["d5"], 500))
    tell("sweep, register", await explained(full, staff.MEMBERS, today))


def tell(what: str, plan: dict[str, Any]) -> None:
    """For `pytest -s`: what docs/performance.md says."""
    print(f"{what}: {plan['Execution Time']:.1f} ms, {blocks(plan)} blocks")  # noqa: T201
