"""The migration of the work, forward and back, over tasks that somebody has and is at."""

from datetime import timedelta
from pathlib import Path

import asyncpg
import httpx
import pytest

import services.outreach
from deploy.local.databases import Database
from services.outreach.settings import Settings
from tests.integration.outreach.conftest import Record
from tests.integration.outreach.staff import As, Office
from tests.integration.outreach.youths import Youth

pytestmark = pytest.mark.stack
SQL = Path(services.outreach.__file__).parent / "db" / "migrations" / "0002_work.sql"


async def test_back_and_forward_no_task_is_lost_and_claims_end(
    api: httpx.AsyncClient, as_: As, settings: Settings, record: Record, database: Database
) -> None:
    office = Office(api, as_, settings.clock.today())
    await office.put("anna", "farsta")
    youth = Youth()
    call = youth.spec()
    await record(youth.opening(call))
    claim = await api.post(f"/tasks/{call.task_id}/claim", headers=as_("local_coordinator", subject="anna"))
    assert claim.status_code == 200
    up, _, down = SQL.read_text().partition("-- migrate:down")
    conn = await asyncpg.connect(database.migrator_url)
    try:
        await conn.execute(down)
        before = await conn.fetchrow("select * from tasks")
        assert before is not None
        assert (before["state"], before["claimed_by"], "assigned_to" in dict(before)) == ("claimed", "anna", False)
        events = await conn.fetch("select event from task_history order by id")
        assert [row["event"] for row in events] == ["opened", "claimed"]
        await conn.execute(up)
        after = await conn.fetchrow("select * from tasks")
        assert after is not None
        assert after["claimed_until"] - after["claimed_at"] == timedelta(hours=4)
        assert {name: after[name] for name in before.keys()} == dict(before)  # noqa: SIM118 - a record
        assert await conn.fetchval("select count(*) from staff") == 0
    finally:
        await conn.close()
