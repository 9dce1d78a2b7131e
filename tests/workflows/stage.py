"""The workers that tests of the workflows need, and the youths in them. Also used to record histories."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any

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


async def connect(address: str) -> Client:
    """Return a client that does not encrypt: what is recorded must stay readable."""
    return await Client.connect(address, data_converter=pydantic_data_converter)


@asynccontextmanager
async def running_workers(client: Client, records: Records | None = None) -> AsyncIterator[Records]:
    """Run the workflows and the services' activities; gives what the activities were asked."""
    async with make_worker(client, Settings(environment="test")), running_activities(client, records) as records:
        yield records


@asynccontextmanager
async def running_activities(client: Client, records: Records | None = None) -> AsyncIterator[Records]:
    """Run the services' activities alone, for workflows that others run; gives what they were asked."""
    records = records or Records()
    async with (
        make_activity_worker(client, task_queue=OUTREACH_QUEUE, activities=records.outreach),
        make_activity_worker(client, task_queue=NOTIFICATIONS_QUEUE, activities=records.notifications),
    ):
        yield records


@asynccontextmanager
async def registering_youths(client: Client, records: Records) -> AsyncIterator[NewYouth]:
    """Give a function that registers a youth whose time stands still until it is let pass."""
    skipper = TimeSkipper(client, config=TimeSkippingConfig(enabled=False))
    youths: list[Youth] = []

    async def new(*, at: datetime = samples.REGISTERED, speed: float = ALMOST_ONE, **changes: Any) -> Youth:
        clock = ClockSpec(speed=speed, real_anchor=datetime.now(UTC), civil_anchor=at)  # noqa: TID251 - the anchor
        fields = {"clock": clock, "registered_on": at.date(), **changes}
        start: OutreachStart = samples.start(**fields)
        youth = Youth(skipper, records, start)
        youths.append(youth)
        await youth.registered()
        return youth

    try:
        yield new
    finally:
        for youth in youths:
            with suppress(RPCError):
                await youth.handle.terminate("the test is over")
