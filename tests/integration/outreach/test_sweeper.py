"""What time does to tasks, swept and not yet swept."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import asyncpg
import httpx
import pytest

from chassis.clock import CivilClock, ClockSpec
from contracts.policy import OutreachPolicy
from contracts.reasons import Step
from contracts.tasks import TaskKind
from services.outreach.domain.policy import load_policy
from services.outreach.settings import POLICIES, Settings
from services.outreach.sweeper import Sweeper
from tests.integration.outreach.conftest import Record
from tests.integration.outreach.policy_of_the_day import always
from tests.integration.outreach.staff import As, Office, ids
from tests.integration.outreach.youths import Youth, cancelled, protected_task

pytestmark = pytest.mark.stack
MakeSweeper = Callable[..., Sweeper]


class At(CivilClock):
    """A clock that stands still, so many hours after the services' own."""

    def __init__(self, clock: CivilClock, hours: float = 0) -> None:
        super().__init__(ClockSpec())
        self._now = clock.now() + timedelta(hours=hours)

    def now(self) -> datetime:
        return self._now


@pytest.fixture
def policy() -> OutreachPolicy:
    return load_policy(POLICIES / "stockholm.json")


@pytest.fixture
def sweeper(pool: asyncpg.Pool, settings: Settings, policy: OutreachPolicy) -> MakeSweeper:
    def make(hours: float = 0, **changed: object) -> Sweeper:
        in_force = always(policy.model_copy(update=changed))
        return Sweeper(pool, At(settings.clock, hours), in_force, timedelta(milliseconds=20))

    return make


@pytest.fixture
def office(api: httpx.AsyncClient, as_: As, settings: Settings) -> Office:
    return Office(api, as_, settings.clock.today())


async def opened(record: Record, youth: Youth, **fields: object) -> str:
    spec = youth.spec(**fields)  # type: ignore[arg-type]
    await record(youth.opening(spec))
    return str(spec.task_id)


async def test_a_claim_without_a_sign_of_its_holder_ends_by_itself(
    office: Office, record: Record, pool: asyncpg.Pool, as_: As, sweeper: MakeSweeper
) -> None:
    task_id = await opened(record, Youth(), due_on=office.today)
    anna, bo = as_("local_coordinator", subject="anna"), as_("local_coordinator", subject="bo")
    await office.api.post(f"/tasks/{task_id}/claim", headers=anna)
    assert (await sweeper(3.9).sweep())["leases_ended"] == 0
    assert ids(await office.list_of("anna")) == {task_id}
    assert await office.list_of("bo", list="unassigned") == []

    # At the end of the lease the lists say so at once, swept or not.
    await pool.execute("update tasks set claimed_until = now() - interval '1 second'")
    assert await office.list_of("anna") == []
    assert ids(await office.list_of("bo", list="unassigned")) == {task_id}
    assert ids(await office.items(bo, state="open")) == {task_id}
    assert await office.items(bo, state="claimed") == await office.items(bo, claimed_by="anna") == []
    read = (await office.api.get(f"/tasks/{task_id}", headers=bo)).json()
    assert (read["state"], read["claimed_by"], read["claimed_until"]) == ("open", None, None)

    assert (await sweeper().sweep())["leases_ended"] == 1
    assert (await sweeper().sweep())["leases_ended"] == 0
    history = (await office.api.get(f"/tasks/{task_id}", headers=bo)).json()["history"]
    assert [(one["event"], one["actor"]) for one in history[1:]] == [
        ("claimed", "anna"),
        ("lease_ended", "outreach"),
    ]
    assert await pool.fetchval("select count(*) from audit where action = 'task.lease_ended'") == 1


async def test_another_may_take_what_has_been_left_before_any_sweep(
    office: Office, record: Record, pool: asyncpg.Pool, as_: As
) -> None:
    task_id = await opened(record, Youth())
    anna, bo = as_("local_coordinator", subject="anna"), as_("local_coordinator", subject="bo")
    await office.api.post(f"/tasks/{task_id}/claim", headers=anna)
    assert (await office.api.post(f"/tasks/{task_id}/claim", headers=bo)).status_code == 409
    await pool.execute("update tasks set claimed_until = now() - interval '1 second'")
    assert (await office.api.post(f"/tasks/{task_id}/claim", headers=bo)).json()["claimed_by"] == "bo"
    events = await pool.fetch("select event from task_history order by id")
    assert [row["event"] for row in events] == ["opened", "claimed", "lease_ended", "claimed"]


async def test_what_waits_is_given_when_somebody_has_room(
    office: Office, record: Record, sweeper: MakeSweeper
) -> None:
    tasks = [await opened(record, Youth(), due_on=office.today + timedelta(days=days)) for days in (2, 1, 3)]
    assert (await sweeper().sweep())["given"] == 0
    await office.put("anna", "farsta", capacity=2)
    assert (await sweeper().sweep())["given"] == 2
    assert [await office.owner(task_id) for task_id in tasks] == ["anna", "anna", None]  # the earliest due first
    assert (await sweeper().sweep())["given"] == 0


async def test_the_first_day_of_an_absence_is_noticed(
    office: Office, record: Record, sweeper: MakeSweeper
) -> None:
    await office.put("anna", "farsta")
    task_id = await opened(record, Youth(), due_on=office.today + timedelta(days=2))
    await office.put("bo", "farsta")
    await office.away("anna", 1, 4)
    assert (await sweeper().sweep())["taken_back"] == 0
    assert (await sweeper(24).sweep())["taken_back"] == 1
    assert await office.owner(task_id) == "bo"


async def test_a_task_that_is_overdue_is_escalated_once(
    office: Office,
    record: Record,
    pool: asyncpg.Pool,
    settings: Settings,
    policy: OutreachPolicy,
    sweeper: MakeSweeper,
) -> None:
    today = settings.clock.today()
    late = await opened(record, Youth(), due_on=today - timedelta(days=30))
    recent = await opened(record, Youth(), due_on=today - timedelta(days=1))
    youth = Youth()
    over = youth.spec(due_on=today - timedelta(days=30))
    await record(youth.opening(over), youth.progress(closed=(cancelled(over),)))
    sweeps = await asyncio.gather(*(sweeper().sweep() for _ in range(3)))
    assert sum(done["overdue"] for done in sweeps) == 1
    assert (await sweeper().sweep())["overdue"] == 0
    assert (await sweeper(escalation_working_days=None).sweep())["overdue"] == 0

    listed = await office.items(office.city, list="escalated")
    assert [(one["task_id"], one["escalation"]) for one in listed] == [(late, "overdue")]
    assert ids(await office.items(office.city, list="overdue")) == {late, recent}
    (event,) = await pool.fetch("select data from outbox where type = 'se.uppsok.outreach.task-escalated.v1'")
    assert (event["data"]["task_id"], event["data"]["reason"]) == (late, "overdue")
    assert await pool.fetchval("select count(*) from task_history where event = 'escalated'") == 1


async def test_where_nobody_is_there_the_coordinator_is_told_and_it_passes(
    office: Office, record: Record, pool: asyncpg.Pool, sweeper: MakeSweeper
) -> None:
    there, nowhere = await opened(record, Youth()), await opened(record, Youth(district="bromma"))
    unknown = await opened(record, Youth(district=None))
    never = {"escalation_working_days": None}
    assert (await sweeper(**never).sweep())["lonely"] == 0  # the register is not used yet
    await office.put("anna", "farsta")
    await office.put("bo", "bromma")
    await office.away("bo")
    assert (await sweeper(**never).sweep())["lonely"] == 2
    listed = await office.items(office.city, list="escalated")
    assert ids(listed) == {nowhere, unknown}
    assert {one["escalation"] for one in listed} == {"nobody_present"}
    assert await office.owner(there) == "anna"
    await office.put("cilla")  # of the city
    assert (await sweeper(**never).sweep())["given"] == 2
    assert await office.items(office.city, list="escalated") == []
    assert await pool.fetchval("select count(*) from outbox where type like '%task-escalated%'") == 2


async def test_an_escalated_task_of_special_handlers_is_not_the_citys(
    office: Office, record: Record, sweeper: MakeSweeper
) -> None:
    youth = Youth(district=None)
    task = protected_task(youth)
    await record(youth.opening(task, step=Step.MANUAL))
    assert (await sweeper().sweep())["overdue"] == 1
    assert await office.items(office.city, list="escalated") == []
    headers = office.as_("special_handler", subject="sam")
    assert ids(await office.items(headers, list="escalated")) == {str(task.task_id)}


async def test_it_goes_on_sweeping_by_itself(office: Office, record: Record, sweeper: MakeSweeper) -> None:
    await opened(record, Youth(), kind=TaskKind.MAPPING)
    running = asyncio.create_task(sweeper().run())
    try:
        for _ in range(500):
            if await office.items(office.city, list="escalated"):
                break
            await asyncio.sleep(0.02)
        else:
            raise AssertionError("nothing was escalated")
    finally:
        running.cancel()
