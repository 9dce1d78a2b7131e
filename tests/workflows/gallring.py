"""The registry's side of `RegisterGallring`, as the workflow sees it; and what people decide. Also for replay."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

from temporalio import activity
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import Client, WorkflowHandle
from temporalio.exceptions import ApplicationError

from chassis.temporal import make_worker as make_activity_worker
from contracts.gallring import (
    EXECUTE_GALLRING,
    GALLRING_CHANGED,
    GIVE_UP_GALLRING,
    LOOK_AT_GALLRING,
    PROPOSE_GALLRING,
    REGISTER_GALLRING,
    GallringAsked,
    GallringRun,
    GallringState,
)
from contracts.outreach_workflow import WORKFLOWS_QUEUE
from contracts.registry_activities import REGISTRY_QUEUE
from workflows.settings import Settings
from workflows.worker import make_worker

DUE = 12
Handle = WorkflowHandle[Any, GallringRun]


class Registry:
    """One run at a time. ``asked`` is which activities ran, in order."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.state, self.due = GallringState.PROPOSED, DUE
        self.run_id: UUID | None = None
        self.decided_in_the_last_moment = False
        self.refusals = 0

    def run(self) -> GallringRun:
        assert self.run_id is not None
        done = self.state is GallringState.DONE
        return GallringRun(
            run_id=self.run_id, state=self.state, waiting=0 if done else self.due, deleted=self.due if done else 0
        )

    @activity.defn(name=PROPOSE_GALLRING)
    async def propose(self, asked: GallringAsked) -> GallringRun:
        self.asked.append("propose")
        self.run_id = asked.run_id
        return self.run()

    @activity.defn(name=LOOK_AT_GALLRING)
    async def look_at(self, asked: GallringAsked) -> GallringRun:
        assert asked.run_id == self.run_id
        self.asked.append("look")
        return self.run()

    @activity.defn(name=GIVE_UP_GALLRING)
    async def give_up(self, asked: GallringAsked) -> GallringRun:
        assert asked.run_id == self.run_id
        self.asked.append("give up")
        late = self.decided_in_the_last_moment
        self.state = GallringState.APPROVED if late else GallringState.WITHDRAWN
        return self.run()

    @activity.defn(name=EXECUTE_GALLRING)
    async def execute(self, asked: GallringAsked) -> GallringRun:
        assert (asked.run_id, self.state) == (self.run_id, GallringState.APPROVED)
        if self.refusals:
            self.refusals -= 1
            raise ApplicationError("The register is being synced", type="sync-under-way")
        self.asked.append("execute")
        self.state = GallringState.DONE
        return self.run()


@asynccontextmanager
async def running_gallring(client: Client) -> AsyncIterator[Registry]:
    """Run the workflows' worker, and the registry's activities."""
    registry = Registry()
    activities: list[Callable[..., Any]] = [
        registry.propose, registry.look_at, registry.give_up, registry.execute,
    ]  # fmt: skip
    async with (
        make_worker(client, Settings(environment="test")),
        make_activity_worker(client, task_queue=REGISTRY_QUEUE, activities=activities),
    ):
        yield registry


async def start(client: Client) -> Handle:
    return await client.start_workflow(
        REGISTER_GALLRING, id=f"gallring-{uuid4()}", task_queue=WORKFLOWS_QUEUE, result_type=GallringRun
    )


async def decide(registry: Registry, handle: Handle, state: GallringState) -> None:
    """Somebody decides, and the API tells the workflow."""
    registry.state = state
    await handle.signal(GALLRING_CHANGED)


async def details(handle: Handle) -> str:
    metadata: WorkflowMetadata = await handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
    return metadata.current_details
