"""What an operator does to runs that are stuck, on a real server."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from temporalio import workflow
from temporalio.client import WorkflowHandle
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from contracts.ids import youth_workflow_id
from services.outreach.operations import stuck
from services.outreach.operations.__main__ import run as command
from services.outreach.operations.acting import Trail
from services.outreach.pace import Pace
from services.outreach.settings import Settings
from tests.integration.outreach.operating import OVE, audited
from tests.integration.outreach.running import Running, eventually, running
from tests.integration.outreach.youths import Youth

pytestmark = pytest.mark.stack
Out = Callable[[], str]


@pytest.fixture
async def run(pool: asyncpg.Pool, settings: Settings) -> AsyncIterator[Running]:
    async with running(pool, settings) as run:
        yield run


@workflow.defn(name="Deciding")
class Faulty:
    """Sleeps where it should wait for its signal, as code that was let out by mistake."""

    @workflow.run
    async def run(self) -> str:
        await workflow.sleep(timedelta(days=1))
        return "slept"

    @workflow.signal
    def go(self) -> None: ...


@workflow.defn(name="Deciding")
class Right:
    def __init__(self) -> None:
        self.gone = False

    @workflow.run
    async def run(self) -> str:
        await workflow.wait_condition(lambda: self.gone)
        return "went on"

    @workflow.signal
    def go(self) -> None:
        self.gone = True


@pytest.mark.usefixtures("as_operator")
async def test_what_faulty_code_decided_is_decided_anew(
    run: Running, settings: Settings, out: Out, pool: asyncpg.Pool
) -> None:
    """Its timer is in the history, so the right code does not fit: the run stands still until then."""
    client, queue, youth_id = run.client, f"deciding-{uuid4()}", uuid4()
    run.youths.append(Youth(youth_id=youth_id))
    unsandboxed = UnsandboxedWorkflowRunner()
    handle: WorkflowHandle[Any, str] = await client.start_workflow(
        "Deciding", id=youth_workflow_id(youth_id), task_queue=queue, result_type=str
    )
    async with Worker(client, task_queue=queue, workflows=[Faulty], workflow_runner=unsandboxed):
        await eventually(lambda: _has_timer(handle), "the faulty decision")
    await handle.signal("go")
    async with Worker(client, task_queue=queue, workflows=[Right], workflow_runner=unsandboxed):

        async def ours() -> list[stuck.Stuck]:
            return [one for one in await stuck.stuck(client) if one.workflow_id == handle.id]

        (found,) = await eventually(ours, "a run that is reported")
        assert found.cause == "WorkflowTaskFailedCauseNonDeterministicError"
        assert await command(["stuck-runs"], settings) == 0
        said = out()
        assert handle.id in said
        assert "WorkflowTaskFailedCauseNonDeterministicError" in said
        assert "Nothing was done" in said

        trail = Trail(pool, settings.clock, OVE)
        driven = await stuck.drive_again(client, [found], trail, Pace(100), lambda _: None)
        assert (driven.driven, driven.over) == (1, 0)
        again = client.get_workflow_handle(handle.id, result_type=str)
        assert await asyncio.wait_for(again.result(), 60) == "went on"
        driven = await stuck.drive_again(client, [found], trail, Pace(100), lambda _: None)
        assert driven.driven + driven.over == 1, "the same again does no harm"
    assert (await audited(pool, "journey.redrive"))[0] == ("ove", "operator", youth_id, "workflow task failed")


async def _has_timer(handle: WorkflowHandle[Any, Any]) -> bool:
    return any(event.HasField("timer_started_event_attributes") for event in (await handle.fetch_history()).events)
