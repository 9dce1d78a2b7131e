"""The whole stack on its own folder and ports, with a clock on which a civil day takes two seconds."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest

from deploy.demo.client import Stack
from deploy.demo.school_year import sleep_until
from deploy.demo.views import SyncRun
from deploy.local import stack
from deploy.local.config import Config
from deploy.sample.extract import extract, people
from tests.e2e.collector import Collector, collecting
from tests.e2e.town import BEGIN, Town, clock_of, configured_stack, policy_of

SEED, COVERED, RESIDENTS = 5, 24, 60


@pytest.fixture(scope="package")
def collector() -> Iterator[Collector]:
    """Where the stack's processes send their traces."""
    with collecting() as found:
        yield found


@pytest.fixture(scope="package")
def configured(collector: Collector) -> Iterator[Config]:
    # Stockholm's policy, with starts at once and shorter windows: the same course in fewer days.
    policy = policy_of(
        "stockholm",
        version="e2e-1",
        intake="spread",
        start_spread_days=0,
        answer_window="P3D",
        call_gap="P1D",
        tried_window="P2D",
        visit_lead_time="P2D",
        working_days_only=False,
    )
    with configured_stack(
        policy=policy,
        day=timedelta(seconds=2),
        begins_in=timedelta(seconds=15),  # the parts start meanwhile; if they take longer, it is some days later
        environment={"UPPSOK_OTLP_ENDPOINT": collector.endpoint},
    ) as found:
        yield found


@pytest.fixture(scope="package")
async def town(configured: Config) -> AsyncIterator[Town]:
    """A stack that is up, before the first sync."""
    facts = await asyncio.to_thread(stack.up, configured)
    async with Stack(facts) as api:
        await sleep_until(clock_of(configured), BEGIN)
        rows = extract(SEED, COVERED, BEGIN.date(), residents=RESIDENTS)
        covered = people(SEED, COVERED, BEGIN.date(), RESIDENTS)[:COVERED]
        yield Town(configured, api, rows, covered)


@pytest.fixture(scope="package")
async def first_sync(town: Town) -> SyncRun:
    """The first extracts, synced."""
    return await town.sync()
