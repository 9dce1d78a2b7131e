"""The daily gallring: nothing is opened when nothing is due; two people decide; a lost signal loses nothing."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from uuid import uuid4

import pytest
from temporalio.client import Client, ScheduleActionExecutionStartWorkflow, ScheduleHandle
from temporalio.service import RPCError
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from contracts.gallring import GallringRun, GallringState
from tests.workflows.gallring import DUE, Handle, Registry, decide, details, running_gallring, start
from workflows.register_gallring import LOOK_AGAIN, PATIENCE
from workflows.setup import register_gallring_schedule


@pytest.fixture
async def registry(temporal: Client) -> AsyncIterator[Registry]:
    async with running_gallring(temporal) as registry:
        yield registry


@pytest.fixture
def skipper(temporal: Client) -> TimeSkipper:
    return TimeSkipper(temporal, config=TimeSkippingConfig(enabled=False))


async def eventually(look: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await look():
            await asyncio.sleep(0.02)


async def waiting(handle: Handle, for_what: str) -> None:
    async def look() -> bool:
        return for_what in await details(handle)

    await eventually(look)


@pytest.mark.parametrize("state", [GallringState.NOTHING_DUE, GallringState.ANOTHERS_IS_OPEN])
async def test_without_a_proposal_it_ends_at_once(
    temporal: Client, registry: Registry, state: GallringState
) -> None:
    registry.state = state
    assert (await (await start(temporal)).result()).state is state
    assert registry.asked == ["propose"]


async def test_two_people_decide_then_it_deletes(temporal: Client, registry: Registry) -> None:
    registry.refusals = 1
    handle = await start(temporal)
    await waiting(handle, f"{DUE} youths, and waits for a person to look at it (review), then another person's")
    await decide(registry, handle, GallringState.REVIEWED)
    await waiting(handle, "waits for another person's approval")
    await decide(registry, handle, GallringState.APPROVED)
    done = await handle.result()
    assert (done.state, done.deleted) == (GallringState.DONE, DUE)
    assert registry.asked == ["propose", "look", "look", "execute"]
    assert await details(handle) == f"Run {done.run_id} is done: {DUE} youths deleted, 0 left out"


async def test_what_a_person_withdraws_is_not_carried_out(temporal: Client, registry: Registry) -> None:
    handle = await start(temporal)
    await decide(registry, handle, GallringState.WITHDRAWN)
    assert (await handle.result()).state is GallringState.WITHDRAWN
    assert "execute" not in registry.asked


async def test_a_lost_signal_loses_hours_and_nothing_else(registry: Registry, skipper: TimeSkipper) -> None:
    handle = await start(skipper.client)
    await waiting(handle, "review")
    registry.state = GallringState.APPROVED
    await skipper.fast_forward(handle, LOOK_AGAIN)
    assert (await handle.result()).state is GallringState.DONE
    assert registry.asked == ["propose", "look", "execute"]


@pytest.mark.parametrize("late", [False, True])
async def test_what_nobody_decides_is_withdrawn_within_a_week(
    registry: Registry, skipper: TimeSkipper, late: bool
) -> None:
    """Unless somebody decides in the very moment in which it is given up: the registry has the last word."""
    registry.decided_in_the_last_moment = late
    handle = await start(skipper.client)
    await skipper.fast_forward(handle, PATIENCE + timedelta(minutes=1))
    ended = await handle.result()
    assert ended.state is (GallringState.DONE if late else GallringState.WITHDRAWN)
    assert registry.asked[-2 if late else -1] == "give up"
    looks = registry.asked.count("look")
    assert looks == PATIENCE / LOOK_AGAIN, "the history stays short"


async def running(schedule: ScheduleHandle) -> list[str]:
    actions = (await schedule.describe()).info.running_actions
    return [one.workflow_id for one in actions if isinstance(one, ScheduleActionExecutionStartWorkflow)]


async def test_a_day_on_which_the_last_run_still_waits_is_skipped(temporal: Client, registry: Registry) -> None:
    schedule = await temporal.create_schedule(f"gallring-{uuid4()}", register_gallring_schedule())

    async def started() -> bool:
        return bool(await running(schedule))

    async def skipped() -> bool:
        return (await schedule.describe()).info.num_actions_skipped_overlap == 1

    async def one_more() -> bool:
        return (await schedule.describe()).info.num_actions == 2

    try:
        await schedule.trigger()
        await eventually(started)
        (waits,) = await running(schedule)
        await schedule.trigger()  # the next day
        await eventually(skipped)
        assert await running(schedule) == [waits]
        handle: Handle = temporal.get_workflow_handle(waits, result_type=GallringRun)
        await decide(registry, handle, GallringState.WITHDRAWN)
        await handle.result()
        await schedule.trigger()
        await eventually(one_more)
    finally:
        for workflow_id in await running(schedule):
            with suppress(RPCError):  # has ended
                await temporal.get_workflow_handle(workflow_id).terminate()
        await schedule.delete()


async def test_the_result_is_small_and_holds_counts(temporal: Client, registry: Registry) -> None:
    registry.state = GallringState.APPROVED  # an own run that an earlier workflow has left
    done: GallringRun = await (await start(temporal)).result()
    assert set(done.model_dump()) == {"run_id", "state", "waiting", "deleted", "left_out"}
    assert registry.asked == ["propose", "execute"]
