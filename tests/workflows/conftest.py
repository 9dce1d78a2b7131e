"""A workflow worker and the services' activities on a real Temporal server that skips time when asked to."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from chassis.clock import ClockSpec
from chassis.temporal import make_worker as make_activity_worker
from contracts.notifications_activities import NOTIFICATIONS_QUEUE
from contracts.outreach_activities import OUTREACH_QUEUE
from contracts.outreach_workflow import OutreachStart
from tests.workflows import samples
from tests.workflows.driver import Youth
from tests.workflows.records import Records
from workflows.settings import Settings
from workflows.worker import make_worker

# As good as 1, and not 1: such a clock may be shifted, so that every test begins on the same civil day.
ALMOST_ONE = 1.000001

NewYouth = Callable[..., Awaitable[Youth]]


@pytest.fixture(scope="module")
async def temporal(temporal_address: str) -> Client:
    return await Client.connect(temporal_address, data_converter=pydantic_data_converter)


@pytest.fixture(scope="module")
async def records(temporal: Client) -> AsyncIterator[Records]:
    """Workers for workflows and for the services' activities; gives what the activities were asked."""
    records = Records()
    settings = Settings(environment="test")
    async with AsyncExitStack() as running:
        for worker in (
            make_worker(temporal, settings),
            make_activity_worker(temporal, task_queue=OUTREACH_QUEUE, activities=records.outreach),
            make_activity_worker(temporal, task_queue=NOTIFICATIONS_QUEUE, activities=records.notifications),
        ):
            await running.enter_async_context(worker)
        yield records


@pytest.fixture
async def new_youth(temporal: Client, records: Records) -> AsyncIterator[NewYouth]:
    """`await new_youth(protected=True)`: a registered youth, whose time stands still until it is let pass."""
    skipper = TimeSkipper(temporal, config=TimeSkippingConfig(enabled=False))
    youths: list[Youth] = []

    async def new(*, at: datetime = samples.REGISTERED, speed: float = ALMOST_ONE, **changes: Any) -> Youth:
        clock = ClockSpec(speed=speed, real_anchor=datetime.now(UTC), civil_anchor=at)  # noqa: TID251 - the anchor
        fields = {"clock": clock, "registered_on": at.date(), **changes}
        start: OutreachStart = samples.start(**fields)
        youth = Youth(skipper, records, start)
        youths.append(youth)
        await youth.registered()
        return youth

    yield new
    for youth in youths:
        with suppress(RPCError):
            await youth.handle.terminate("the test is over")
