"""On the day a new policy takes effect, real workflows that wait for the start take it, and say so."""

from collections.abc import Callable
from datetime import timedelta

import asyncpg
import pytest

from contracts.reasons import Step
from services.outreach.adoption import Adoption
from services.outreach.app import make_app
from services.outreach.domain.policy import load_policy
from services.outreach.pace import Pace
from services.outreach.policy_versions import Policies
from services.outreach.settings import POLICIES
from services.outreach.signals import Signals
from tests.integration.outreach.conftest import Record, serving
from tests.integration.outreach.running import eventually, running
from tests.integration.outreach.test_policies import NAME, PATH, START, TODAY, On, on, proposal
from tests.integration.outreach.youths import Youth
from workflows.youth_outreach import dates

__all__ = ["on"]  # a fixture
pytestmark = pytest.mark.stack


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
    on: On, as_: Callable[..., dict[str, str]], pool: asyncpg.Pool, record: Record
) -> None:
    async with serving(make_app(on(TODAY))) as api:
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
