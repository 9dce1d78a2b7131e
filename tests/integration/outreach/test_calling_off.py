"""Planning a visit with the real workflow: refused when one of the two cannot, called off when one falls ill."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from chassis.temporal import connect
from deploy.local.databases import Database
from services.outreach.calling_off import CallingOff
from services.outreach.claims import Claims
from services.outreach.decisions import Decisions
from services.outreach.domain.policy import load_policy
from services.outreach.settings import Settings
from tests.integration.outreach.conftest import LoadSettings
from tests.integration.outreach.policy_of_the_day import always
from tests.integration.outreach.running import Running, eventually, running
from tests.integration.outreach.staff import As, Office
from tests.integration.outreach.youths import Youth

pytestmark = pytest.mark.stack
Plan = Callable[..., Any]
NO_ANSWER = {"kind": "call", "result": "no_answer"}


@pytest.fixture
def settings(database: Database, load_settings: LoadSettings) -> Settings:
    return load_settings(database, fast=True)


@pytest.fixture
async def run(pool: asyncpg.Pool, settings: Settings) -> AsyncIterator[Running]:
    async with running(pool, settings) as run:
        yield run


@pytest.fixture
def office(api: httpx.AsyncClient, as_: As, settings: Settings) -> Office:
    return Office(api, as_, settings.clock.today())


@pytest.fixture
async def calling_off(pool: asyncpg.Pool, settings: Settings) -> CallingOff:
    claims = Claims(pool, settings.clock, timedelta(hours=4))
    policy = load_policy(settings.outreach_policy_file)
    decisions = Decisions(
        pool, await connect(settings), settings.clock, claims, always(policy), timedelta(seconds=30)
    )
    return CallingOff(pool, settings.clock, decisions, timedelta(seconds=1))


async def planning(run: Running, api: httpx.AsyncClient, as_: As, youth: Youth) -> UUID:
    """Go the way of who never answers, as far as the task of planning a visit; returns it."""
    await run.register(youth, registered_on=run.settings.clock.today())
    for _ in range(3):
        call = await run.task(youth, "call")

        async def attempt(call: UUID = call) -> bool:
            """An attempt before its time is refused, so wait for the gap."""
            return (await complete(api, as_, call, NO_ANSWER)).status_code == 200

        await eventually(attempt, "an accepted call")
    return await run.task(youth, "plan_home_visit")


async def complete(api: httpx.AsyncClient, as_: As, task_id: UUID, outcome: dict[str, Any]) -> httpx.Response:
    headers = as_("kaa_coordinator", subject="kim", key=str(uuid4()))
    return await api.post(f"/tasks/{task_id}/complete", json=outcome, headers=headers)


def plan(at: datetime, *staff: str) -> dict[str, Any]:
    return {"kind": "plan_home_visit", "visit_at": at.isoformat(), "staff": staff}


async def taken(pool: asyncpg.Pool) -> int:
    count: int = await pool.fetchval("select count(*) from calendar")
    return count


async def test_a_visit_is_planned_in_a_free_slot_and_called_off_when_one_of_the_two_falls_ill(
    api: httpx.AsyncClient, as_: As, run: Running, office: Office, pool: asyncpg.Pool, calling_off: CallingOff
) -> None:
    for name in ("anna", "bo", "cia"):
        await office.put(name, "farsta")
    youth, other = Youth(), Youth()
    first, second = await asyncio.gather(*(planning(run, api, as_, one) for one in (youth, other)))
    path = f"/visits/free-slots?youth_id={youth.youth_id}&limit=200"
    slots = (await api.get(path, headers=office.city)).json()["items"]
    slot = datetime.fromisoformat(slots[-1]["starts_at"])  # time runs fast here: days ahead is seconds

    too_soon = await complete(api, as_, first, plan(run.settings.clock.now(), "anna", "bo"))
    assert too_soon.json()["reason"] == "against-policy"
    assert await taken(pool) == 0, "what the workflow refuses holds no time"

    assert (await complete(api, as_, first, plan(slot, "anna", "bo"))).json()["step"] == "door_card"
    busy = await complete(api, as_, second, plan(slot, "bo", "cia"))
    assert (busy.status_code, busy.json()["reason"]) == (409, "staff-not-free")
    assert busy.json()["staff"] == [{"staff_id": "bo", "why": "at_another_visit"}]
    visit = await run.task(youth, "home_visit")
    assert await calling_off.once() == 0

    ill = (slot.date() - office.today).days
    await office.away("bo", first=ill, last=ill)
    away = await complete(api, as_, second, plan(slot, "bo", "cia"))
    assert {"staff_id": "bo", "why": "away"} in away.json()["staff"]
    assert sum(await asyncio.gather(calling_off.once(), calling_off.once())) >= 1  # two workers: one decision
    assert await calling_off.once() == 0
    again = await run.task(youth, "plan_home_visit")
    assert again != first
    assert await taken(pool) == 0
    assert (await api.get(f"/visits/{visit}", headers=office.city)).json()["state"] == "called_off"
    task = (await api.get(f"/tasks/{visit}", headers=office.city)).json()
    assert (task["completed_by"], task["outcome"]["result"]) == ("outreach", "called_off")
    audited = await pool.fetch(
        "select actor, role from audit where subject = $1 and action = 'task.complete'", str(visit)
    )
    assert [tuple(row) for row in audited] == [("outreach", "service")]

    assert (await complete(api, as_, again, plan(slot, "anna", "cia"))).status_code == 200
    assert await taken(pool) == 2


async def test_a_visit_that_was_promised_otherwise_than_through_us_is_called_off_when_one_is_taken(
    api: httpx.AsyncClient, as_: As, run: Running, pool: asyncpg.Pool, calling_off: CallingOff
) -> None:
    youth = Youth()
    task_id = await planning(run, api, as_, youth)
    at = run.settings.clock.now() + timedelta(days=20)
    await pool.execute(  # somebody else's visit, of which the decision does not know
        "insert into calendar values ('anna', tstzrange($1, $2), $3, 'some-key')",
        at,
        at + timedelta(hours=1),
        uuid4(),
    )
    await run.complete(youth, task_id, plan(at, "anna", "bo"))
    visit = await run.task(youth, "home_visit")
    assert await taken(pool) == 2  # anna with the other, bo here
    assert await calling_off.once() == 1
    assert await run.task(youth, "plan_home_visit") != task_id
    assert await pool.fetchval("select state from visits where task_id = $1", visit) == "called_off"
    assert await taken(pool) == 1
