"""The migration of visits, back and forward over visits that were planned before there were calendars."""

from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from contracts.reasons import Step
from contracts.tasks import TaskKind
from deploy.local.databases import Database
from tests.integration.outreach.conftest import Record
from tests.integration.outreach.youths import NOON, Youth

pytestmark = pytest.mark.stack
(SQL,) = Path("services/outreach/db/migrations").glob("*_visits.sql")
AT = NOON + timedelta(days=9)


async def test_who_was_planned_for_two_at_once_keeps_the_visit_that_was_planned_first(
    database: Database, record: Record
) -> None:
    planned = NOON
    for at, staff in ((AT, ("anna", "bo")), (AT, ("bo", "cia")), (AT + timedelta(hours=1), ("anna", "bo"))):
        youth = Youth()
        spec = youth.spec(TaskKind.HOME_VISIT, not_before=at, staff=staff)
        planned += timedelta(minutes=1)
        await record(youth.opening(spec, step=Step.DOOR_CARD, at=planned))
    up, _, down = SQL.read_text().partition("-- migrate:down")
    conn = await asyncpg.connect(database.migrator_url)
    try:
        await conn.execute(down)
        assert await conn.fetchval("select to_regclass('visits') is null and to_regclass('calendar') is null")
        await conn.execute(up)
        rows = await conn.fetch(
            "select staff, (select count(*) from calendar c where c.task_id = v.task_id) as taken, state"
            " from visits v order by starts_at, staff"
        )
        assert [tuple(row) for row in rows] == [
            (["anna", "bo"], 2, "booked"),
            (["bo", "cia"], 1, "booked"),  # bo is taken: called off by the worker
            (["anna", "bo"], 2, "booked"),
        ]
    finally:
        await conn.close()
