"""Which policy a youth starts with: that of the day; who still waits when a new one takes effect takes that."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta

import asyncpg
import pytest

from chassis.temporal import connect
from contracts.ids import youth_workflow_id
from contracts.outreach_workflow import OutreachStart
from contracts.reasons import Step
from services.outreach.adoption import Adoption
from services.outreach.consumers import Facts
from services.outreach.domain.policy import load_policy
from services.outreach.pace import Pace
from services.outreach.policy_versions import Policies
from services.outreach.settings import POLICIES, Settings
from services.outreach.signals import Signals
from tests.integration.outreach.conftest import Record
from tests.integration.outreach.running import eventually, running
from tests.integration.outreach.test_policies import (
    DOCUMENT,
    NAME,
    PATH,
    START,
    TODAY,
    As,
    On,
    api_on,
    on,
    proposal,
)
from tests.integration.outreach.youths import Youth, incoming
from workflows.youth_outreach import dates

__all__ = ["on"]  # a fixture
pytestmark = pytest.mark.stack


async def test_a_youth_starts_with_the_policy_of_the_day_and_keeps_it(
    on: On, as_: As, pool: asyncpg.Pool, outreach_started: Callable[[Youth], Awaitable[OutreachStart]]
) -> None:
    async with api_on(on, TODAY) as api:
        await api.put(PATH, json=proposal(), headers=as_("kaa_coordinator"))
    old, new = Youth(), Youth()

    async def register(youth: Youth, day: date) -> None:
        settings = on(day)
        signals = Signals(await connect(settings), Pace(1000))
        facts = Facts(pool, signals, Policies(pool, settings.clock), settings.clock_spec)
        await facts.from_registry(incoming(youth.registered(), settings.clock.now()))

    await register(old, START - timedelta(days=1))
    await register(new, START)
    await register(old, START)  # told again, after midnight
    rows = await pool.fetch("select youth_id, policy_version from journeys")
    assert {row["youth_id"]: row["policy_version"] for row in rows} == {
        old.youth_id: DOCUMENT["version"],
        new.youth_id: NAME,
    }
    assert (await outreach_started(old)).policy.version == DOCUMENT["version"]
    assert (await outreach_started(new)).policy.answer_window == timedelta(days=10)


async def test_a_fact_is_stored_and_its_start_repeated_with_the_policy_of_the_first_day(
    on: On, as_: As, pool: asyncpg.Pool, outreach_started: Callable[[Youth], Awaitable[OutreachStart]]
) -> None:
    """The process dies between the journey and the signal, before midnight; the event comes again after it."""
    async with api_on(on, TODAY) as api:
        await api.put(PATH, json=proposal(), headers=as_("kaa_coordinator"))
    youth = Youth()
    await pool.execute(
        "insert into journeys (youth_id, episode_id, step, facts_at, policy_version) values ($1, $2, $3, $4, $5)",
        youth.youth_id, youth.episode_id, "awaiting_start", on(TODAY).clock.now(), DOCUMENT["version"],
    )  # fmt: skip
    settings = on(START)
    signals = Signals(await connect(settings), Pace(1000))
    facts = Facts(pool, signals, Policies(pool, settings.clock), settings.clock_spec)
    await facts.from_registry(incoming(youth.registered(), settings.clock.now()))
    assert (await outreach_started(youth)).policy.version == DOCUMENT["version"]


@pytest.fixture
def outreach_started(settings: Settings) -> Callable[[Youth], Awaitable[OutreachStart]]:
    """`await outreach_started(youth)`: what the youth's workflow was started with; nobody works on it."""

    async def started(youth: Youth) -> OutreachStart:
        client = await connect(settings)
        handle = client.get_workflow_handle(youth_workflow_id(youth.youth_id))
        async for event in handle.fetch_history_events():
            payloads = event.workflow_execution_started_event_attributes.input.payloads
            (start,) = await client.data_converter.decode(payloads, [OutreachStart])
            await handle.terminate()
            return OutreachStart.model_validate(start)
        raise AssertionError("no history")

    return started


def who_waits(on: On) -> Youth:
    """A youth whose start the plan's policy puts some days after today."""
    policy, now = load_policy(POLICIES / "stockholm.json"), on(TODAY).clock.now()
    for _ in range(1_000):
        youth = Youth()
        due = dates.start_due(policy, youth.youth_id, TODAY, TODAY + timedelta(days=600), now)
        if due > now + timedelta(days=2):
            return youth
    raise AssertionError("all start at once")


async def test_who_waits_takes_the_new_policy_and_who_is_sought_keeps_the_old(
    on: On, as_: As, pool: asyncpg.Pool, record: Record
) -> None:
    async with api_on(on, TODAY) as api:
        await api.put(PATH, json=proposal(), headers=as_("kaa_coordinator"))
    waits, sought, lost = who_waits(on), Youth(), Youth()
    await record(sought.progress(Step.FIRST_CONTACT, started=True), lost.progress(Step.AWAITING_START))
    version = "select policy_version from journeys where youth_id = $1"
    async with running(pool, on(TODAY)) as run:
        await run.register(waits, registered_on=TODAY)
        await run.step(waits, "awaiting_start")
        await eventually(lambda: pool.fetchval("select true from transitions where youth_id = $1", waits.youth_id),
                         "a first transition")  # fmt: skip
        clock = on(START).clock
        adoption = Adoption(pool, Policies(pool, clock), Signals(run.client, Pace(1000)), clock)
        # The lost one has no workflow, and keeps nobody else from being told.
        assert await adoption.once() == 1
        await eventually(
            lambda: pool.fetchval(f"{version} and policy_version = $2", waits.youth_id, NAME), "the new version"
        )
        assert await adoption.once() == 0  # looked through for today
        again = Adoption(pool, Policies(pool, clock), Signals(run.client, Pace(1000)), clock)
        assert await again.once() == 0  # nobody waits with another
    assert await pool.fetchval(version, sought.youth_id) is None
    steps = await pool.fetch("select step from transitions where youth_id = $1", waits.youth_id)
    assert [row["step"] for row in steps] == ["awaiting_start"] * 2
