"""Checking in and out of a visit, and the alarm when a pair does not: exactly once, whatever is killed."""

import asyncio
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from contracts.outreach_workflow import Decided
from contracts.reasons import EndReason, Step
from contracts.tasks import TaskKind
from deploy.local.databases import Database
from services.outreach.db import journeys
from services.outreach.domain.policy import load_policy
from services.outreach.settings import POLICIES, Settings
from services.outreach.sweeper import Sweeper
from tests.integration.outreach.conftest import Record
from tests.integration.outreach.policy_of_the_day import always
from tests.integration.outreach.staff import As, Office, ids
from tests.integration.outreach.test_sweeper import At
from tests.integration.outreach.youths import Youth

pytestmark = pytest.mark.stack
MakeSweeper = Callable[..., Sweeper]
WELL = {"kind": "visit_alarm", "result": "all_well"}


@pytest.fixture
def office(api: httpx.AsyncClient, as_: As, settings: Settings) -> Office:
    return Office(api, as_, settings.clock.today())


@pytest.fixture
def sweeper(pool: asyncpg.Pool, settings: Settings) -> MakeSweeper:
    def make(hours: float = 1) -> Sweeper:
        policy = load_policy(POLICIES / "stockholm.json")
        return Sweeper(pool, At(settings.clock, hours), always(policy), timedelta(milliseconds=20))

    return make


@pytest.fixture
async def visit_id(record: Record, settings: Settings) -> UUID:
    """A visit of anna and bo right now."""
    youth = Youth()
    spec = youth.spec(TaskKind.HOME_VISIT, not_before=settings.clock.now())
    await record(youth.opening(spec, step=Step.DOOR_CARD))
    return spec.task_id


async def post(api: httpx.AsyncClient, visit_id: UUID, what: str, headers: dict[str, str]) -> httpx.Response:
    return await api.post(f"/visits/{visit_id}/{what}", headers=headers)


async def alarms(pool: asyncpg.Pool) -> list[asyncpg.Record]:
    rows: list[asyncpg.Record] = await pool.fetch("select * from tasks where kind = 'visit_alarm'")
    return rows


async def test_one_of_the_two_checks_in_and_out_for_both(
    api: httpx.AsyncClient, as_: As, pool: asyncpg.Pool, visit_id: UUID, sweeper: MakeSweeper
) -> None:
    anna, bo = (as_("local_coordinator", "farsta", subject=name) for name in ("anna", "bo"))
    early = await post(api, visit_id, "check-out", anna)
    assert (early.status_code, early.json()["reason"]) == (409, "not-checked-in")
    inside = await post(api, visit_id, "check-in", anna)
    assert inside.status_code == 200, inside.text
    assert inside.json()["check_out_by"] > inside.json()["checked_in_at"]
    assert (await post(api, visit_id, "check-in", bo)).json() == inside.json()  # again is harmless
    out = await post(api, visit_id, "check-out", bo)
    assert out.json()["checked_out_at"]
    assert (await post(api, visit_id, "check-out", anna)).json() == out.json()
    assert (await sweeper().sweep())["alarms"] == 0
    audited = await pool.fetch("select actor, action, subject from audit where action like 'visit.%' order by id")
    assert [tuple(row) for row in audited] == [
        ("anna", "visit.check_in", str(visit_id)),
        ("bo", "visit.check_out", str(visit_id)),
    ]


async def test_nobody_else_does_nor_on_another_day_nor_when_it_is_off(
    api: httpx.AsyncClient, as_: As, record: Record, settings: Settings, visit_id: UUID, pool: asyncpg.Pool
) -> None:
    coordinator = await post(api, visit_id, "check-in", as_("kaa_coordinator", subject="kim"))
    assert (coordinator.status_code, coordinator.json()["type"]) == (403, "urn:uppsok:problem:not-your-visit")
    elsewhere = await post(api, visit_id, "check-in", as_("local_coordinator", "bromma", subject="eli"))
    assert elsewhere.status_code == 404
    anna, youth = as_("local_coordinator", "farsta", subject="anna"), Youth()
    later = youth.spec(TaskKind.HOME_VISIT, not_before=settings.clock.now() + timedelta(days=3))
    await record(youth.opening(later, step=Step.DOOR_CARD))
    assert (await post(api, later.task_id, "check-in", anna)).json()["reason"] == "not-today"
    await pool.execute("update visits set state = 'called_off'")
    assert (await post(api, visit_id, "check-in", anna)).json()["reason"] == "visit-not-booked"


async def test_not_checked_out_in_time_an_alarm_is_raised_once(
    api: httpx.AsyncClient, as_: As, office: Office, pool: asyncpg.Pool, visit_id: UUID, sweeper: MakeSweeper
) -> None:
    for name in ("anna", "bo", "cia"):
        await office.put(name, "farsta")
    await post(api, visit_id, "check-in", as_("local_coordinator", "farsta"))
    assert (await sweeper(0).sweep())["alarms"] == 0
    both = await asyncio.gather(sweeper().sweep(), sweeper().sweep())
    assert sorted(one["alarms"] for one in both) == [0, 1]
    assert (await sweeper(30).sweep())["alarms"] == 0
    (alarm,) = await alarms(pool)
    assert (alarm["staff"], alarm["district"], alarm["due_on"]) == (["anna", "bo"], "farsta", office.today)
    assert alarm["assigned_to"] is None, "by load it might be given to the very pair"
    assert str(alarm["task_id"]) in ids(await office.items(office.city, list="escalated"))
    assert str(alarm["task_id"]) in ids(await office.list_of("cia", "farsta", list="unassigned"))
    told = await pool.fetch("select type from outbox where data ->> 'task_id' = $1", str(alarm["task_id"]))
    assert [row["type"].split(".")[-2] for row in told] == ["task-opened", "task-escalated"]
    assert (await api.get(f"/visits/{visit_id}", headers=office.city)).json()["alarm_id"] == str(alarm["task_id"])


async def test_a_coordinator_completes_it_and_the_youth_stands_where_they_stood(
    api: httpx.AsyncClient, as_: As, office: Office, pool: asyncpg.Pool, visit_id: UUID, sweeper: MakeSweeper
) -> None:
    await post(api, visit_id, "check-in", as_("local_coordinator", "farsta"))
    await sweeper().sweep()
    (alarm,) = await alarms(pool)
    path, key = f"/tasks/{alarm['task_id']}/complete", as_("kaa_coordinator", subject="kim", key=str(uuid4()))
    wrong = await api.post(path, json={"kind": "home_visit", "result": "reached"}, headers=key)
    assert wrong.status_code == 422
    answers = [await api.post(path, json=WELL, headers=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200], answers[0].text
    assert answers[0].json() == answers[1].json()
    assert Decided.model_validate(answers[0].json()).step is Step.DOOR_CARD
    assert (await api.post(path, json=WELL, headers={**key, "Idempotency-Key": str(uuid4())})).status_code == 409
    done = (await api.get(f"/tasks/{alarm['task_id']}", headers=office.city)).json()
    assert (done["state"], done["outcome"], done["completed_by"]) == ("completed", WELL, "kim")
    visit = (await api.get(f"/visits/{visit_id}/", headers=office.city, follow_redirects=True)).json()
    assert visit["state"] == "booked"
    other = await api.post(
        f"/tasks/{visit_id}/complete", json=WELL, headers=as_("kaa_coordinator", key=str(uuid4()))
    )
    assert other.status_code == 422


async def test_neither_the_end_of_the_duty_nor_protection_stops_it(
    api: httpx.AsyncClient, as_: As, pool: asyncpg.Pool, record: Record, settings: Settings, sweeper: MakeSweeper
) -> None:
    anna, youth = as_("local_coordinator", "farsta"), Youth()
    spec = youth.spec(TaskKind.HOME_VISIT, not_before=settings.clock.now())
    await record(youth.opening(spec, step=Step.DOOR_CARD))
    await post(api, spec.task_id, "check-in", anna)
    await record(youth.progress(Step.ENDED, ended=EndReason.STARTED_SCHOOL))
    await pool.execute(journeys.TASKS_FOLLOW, youth.youth_id, True, None, settings.clock.now())
    assert (await sweeper().sweep())["alarms"] == 1
    (alarm,) = await alarms(pool)
    assert (alarm["restricted"], alarm["district"]) == (True, None)
    assert (
        await post(api, spec.task_id, "check-out", anna)
    ).status_code == 200  # they may still say that they are out


RAISE_AND_HANG = """
import asyncio, sys
from datetime import datetime
from chassis.postgres import create_pool, transaction
from services.outreach.alarms import raise_due

async def main():
    pool = await create_pool(sys.argv[1], application_name="killed")
    async with transaction(pool) as conn:
        print(await raise_due(conn, datetime.fromisoformat(sys.argv[2])), flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""


async def test_killed_while_it_raises_the_alarm_it_is_raised_once_by_the_next(
    api: httpx.AsyncClient,
    as_: As,
    database: Database,
    pool: asyncpg.Pool,
    settings: Settings,
    visit_id: UUID,
    sweeper: MakeSweeper,
) -> None:
    await post(api, visit_id, "check-in", as_("local_coordinator", "farsta"))
    now = (settings.clock.now() + timedelta(hours=1)).isoformat()
    command = [sys.executable, "-c", RAISE_AND_HANG, database.app_url, now]
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        assert await asyncio.wait_for(process.stdout.readline(), 60) == b"1\n"
        assert (await sweeper().sweep())["alarms"] == 0  # the other has it, and has not said so
    finally:
        process.kill()
        await process.wait()
    assert await alarms(pool) == []

    async def raised() -> bool:
        """PostgreSQL lets go of the row when it sees that the process is gone."""
        await sweeper().sweep()
        return bool(await alarms(pool))

    async with asyncio.timeout(60):
        while not await raised():
            await asyncio.sleep(0.05)
    for _ in range(2):
        await sweeper(5).sweep()
    assert len(await alarms(pool)) == 1
    told = "select count(*) from outbox where type like '%task-opened%' and data ->> 'kind' = 'visit_alarm'"
    assert await pool.fetchval(told) == 1
