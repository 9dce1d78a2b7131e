"""A visit that nobody has checked in to: an alarm, once, and nothing of who has come or does not go."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from contracts.reasons import Step
from contracts.tasks import TaskKind
from contracts.workdays import at_time
from services.outreach.domain.policy import load_policy
from services.outreach.settings import POLICIES, Settings
from services.outreach.sweeper import Sweeper
from tests.integration.outreach.conftest import Record
from tests.integration.outreach.policy_of_the_day import always
from tests.integration.outreach.staff import As, Office, ids
from tests.integration.outreach.test_sweeper import At
from tests.integration.outreach.youths import Youth

pytestmark = pytest.mark.stack
POLICY = load_policy(POLICIES / "stockholm.json")
WITHIN = POLICY.visit_check_in_within
Sweep = Callable[..., Awaitable[dict[str, int]]]


@pytest.fixture
def noon(settings: Settings) -> datetime:
    """The time of the visit: that it is on the day of the sweep must not depend on when the tests run."""
    return at_time(settings.clock.today(), time(12))


@pytest.fixture
async def visit_id(record: Record, noon: datetime) -> UUID:
    """A visit of anna and bo at noon today."""
    youth = Youth()
    spec = youth.spec(TaskKind.HOME_VISIT, not_before=noon)
    await record(youth.opening(spec, step=Step.DOOR_CARD))
    return spec.task_id


@pytest.fixture
def sweep(pool: asyncpg.Pool, settings: Settings, noon: datetime) -> Sweep:
    """`await sweep(minutes)`: what is due so long after noon."""

    async def sweep(minutes: float, **policy: Any) -> dict[str, int]:
        hours = (noon - settings.clock.now()) / timedelta(hours=1) + minutes / 60
        in_force = always(POLICY.model_copy(update=policy))
        return await Sweeper(pool, At(settings.clock, hours), in_force, timedelta(seconds=1)).sweep()

    return sweep


async def alarms(pool: asyncpg.Pool) -> list[asyncpg.Record]:
    rows: list[asyncpg.Record] = await pool.fetch(
        "select * from tasks where kind = 'visit_alarm' order by opened_at"
    )
    return rows


async def test_nobody_has_checked_in_an_alarm_is_raised_once(
    api: httpx.AsyncClient, as_: As, settings: Settings, pool: asyncpg.Pool, visit_id: UUID, sweep: Sweep
) -> None:
    office = Office(api, as_, settings.clock.today())
    assert timedelta(minutes=30) == WITHIN
    assert (await sweep(29))["missed"] == 0
    both = await asyncio.gather(sweep(31), sweep(31))
    assert sorted(one["missed"] for one in both) == [0, 1]
    assert (await sweep(60))["missed"] == 0
    (alarm,) = await alarms(pool)
    assert (alarm["staff"], alarm["escalation"], alarm["assigned_to"]) == (["anna", "bo"], "alarm", None)
    assert alarm["due_on"] == office.today
    assert str(alarm["task_id"]) in ids(await office.items(office.city, list="escalated"))
    visit = (await api.get(f"/visits/{visit_id}", headers=office.city)).json()
    assert (visit["missed_alarm_id"], visit["alarm_id"]) == (str(alarm["task_id"]), None)
    told = await pool.fetch("select type from outbox where data ->> 'task_id' = $1", str(alarm["task_id"]))
    assert [row["type"].split(".")[-2] for row in told] == ["task-opened", "task-escalated"]


async def test_who_comes_after_the_alarm_and_does_not_go_raises_the_other_one(
    api: httpx.AsyncClient, as_: As, pool: asyncpg.Pool, visit_id: UUID, sweep: Sweep, settings: Settings
) -> None:
    assert (await sweep(31))["missed"] == 1
    inside = await api.post(f"/visits/{visit_id}/check-in", headers=as_("local_coordinator", "farsta"))
    assert inside.status_code == 200, inside.text
    later = (settings.clock.now() - at_time(settings.clock.today(), time(12))) / timedelta(minutes=1) + 60
    assert (await sweep(later))["alarms"] == 1
    assert len({row["task_id"] for row in await alarms(pool)}) == 2


@pytest.mark.parametrize("what", ["checked in", "done", "called off", "yesterday"])
async def test_there_is_none_of_a_visit_that_has_been_or_is_off(
    what: str, api: httpx.AsyncClient, as_: As, pool: asyncpg.Pool, visit_id: UUID, sweep: Sweep
) -> None:
    if what == "checked in":
        await api.post(f"/visits/{visit_id}/check-in", headers=as_("local_coordinator", "farsta"))
    elif what == "yesterday":
        await pool.execute("update visits set starts_at = starts_at - interval '1 day'")
    else:
        await pool.execute("update visits set state = $1", what.replace(" ", "_"))
    assert (await sweep(60))["missed"] == 0


async def test_by_a_policy_that_does_not_say_so_there_is_none(visit_id: UUID, sweep: Sweep) -> None:
    assert (await sweep(60, visit_check_in_within=None))["missed"] == 0
