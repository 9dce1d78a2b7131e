"""The workflows that are not one youth's: the nightly sync, the intake, a term mailing, gallring."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import uuid4

from temporalio.client import Client, WorkflowHistory
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from contracts.gallring import GallringState
from contracts.outreach_workflow import WORKFLOWS_QUEUE
from contracts.registry_activities import REGISTER_SYNC, SyncRequest
from contracts.waves import WaveState
from tests.workflows import gallring, intake
from tests.workflows.driver import eventually
from tests.workflows.mailing import Services, Wave, working
from tests.workflows.sync import running_sync
from workflows.daily_intake import BATCH
from workflows.register_gallring import LOOK_AGAIN, PATIENCE


async def gallring_is_decided_by_two(client: Client) -> list[WorkflowHistory]:
    """Waits for two people, looks by itself once, and deletes."""
    async with gallring.running_gallring(client) as registry:
        skipper = TimeSkipper(client, config=TimeSkippingConfig(enabled=False))
        handle = await gallring.start(skipper.client)
        await eventually(lambda: registry.asked, "a proposal")
        await gallring.decide(registry, handle, GallringState.REVIEWED)
        await skipper.fast_forward(handle, LOOK_AGAIN)
        await gallring.decide(registry, handle, GallringState.APPROVED)
        await handle.result()
        return [await handle.fetch_history()]


async def gallring_is_decided_by_nobody(client: Client) -> list[WorkflowHistory]:
    async with gallring.running_gallring(client):
        skipper = TimeSkipper(client, config=TimeSkippingConfig(enabled=False))
        handle = await gallring.start(skipper.client)
        await skipper.fast_forward(handle, PATIENCE + timedelta(minutes=1))
        await handle.result()
        return [await handle.fetch_history()]


async def the_registers_are_read(client: Client) -> list[WorkflowHistory]:
    """One source is missing, and one must be asked twice."""
    async with running_sync(client):
        handle = await client.start_workflow(
            REGISTER_SYNC, SyncRequest(), id=f"sync-{uuid4()}", task_queue=WORKFLOWS_QUEUE
        )
        await handle.result()
        return [await handle.fetch_history()]


async def searches_begin(client: Client) -> list[WorkflowHistory]:
    """The daily intake, of more youths than are told at once."""
    async with intake.running_intake(client, BATCH + 1):
        handle = await intake.start(client)
        await handle.result()
        return [await handle.fetch_history()]


async def a_wave_is_paused_and_goes_on(client: Client) -> list[WorkflowHistory]:
    """To its end, in more than one run."""
    async with _a_wave(client, 70) as wave:
        await wave.starts(sms_per_minute=1)
        await wave.has_queued(1)
        await wave.becomes(WaveState.PAUSED)
        await wave.passes(timedelta(minutes=40))
        await wave.becomes(WaveState.RUNNING)
        for _ in range(20):
            if wave.services.ended is None:
                await wave.passes(timedelta(minutes=15))
        await wave.handle.result()
        return await wave.histories()


async def a_wave_is_stopped(client: Client) -> list[WorkflowHistory]:
    async with _a_wave(client, 1_000) as wave:
        await wave.starts()
        await wave.has_queued(1)
        await wave.becomes(WaveState.STOPPED)
        await wave.handle.result()
        return await wave.histories()


@asynccontextmanager
async def _a_wave(client: Client, youths: int) -> AsyncIterator[Wave]:
    wave = Wave(client, Services(youths))
    async with working(client, wave.services):
        yield wave
