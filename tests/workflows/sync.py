"""The registry's side of `RegisterSync`, as the workflow sees it. Also for replay."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date
from typing import Any
from uuid import UUID

from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError

from chassis.temporal import make_worker as make_activity_worker
from contracts.registry_activities import (
    APPLY_SYNC,
    LOAD_SOURCE,
    OPEN_SYNC_RUN,
    REGISTRY_QUEUE,
    LoadSource,
    Source,
    SourceReport,
    SyncReport,
    SyncRequest,
    SyncRun,
)
from workflows.settings import Settings
from workflows.worker import make_worker

AS_OF = date(2026, 8, 24)


class Registry:
    """The registry's activities as the workflow sees them."""

    def __init__(self) -> None:
        self.opened: list[UUID] = []
        self.loaded: list[Source] = []
        self.failures = 1

    @activity.defn(name=OPEN_SYNC_RUN)
    async def open_sync_run(self, request: SyncRequest) -> SyncRun:
        assert request.run_id is not None, "a repeat must open the same run"
        self.opened.append(request.run_id)
        return SyncRun(run_id=request.run_id, as_of=request.as_of or AS_OF)

    @activity.defn(name=LOAD_SOURCE)
    async def load_source(self, load: LoadSource) -> SourceReport:
        assert load.run_id == self.opened[-1]
        if load.source is Source.EXAMS:
            return SourceReport(source=load.source, held="missing")
        if load.source is Source.SCHOOLS and self.failures:
            self.failures -= 1
            raise ApplicationError("the database is away", next_retry_delay=None)
        await asyncio.sleep(0.05)
        self.loaded.append(load.source)
        return SourceReport(source=load.source, read=10, accepted=10)

    @activity.defn(name=APPLY_SYNC)
    async def apply_sync(self, run: SyncRun) -> SyncReport:
        assert set(self.loaded) == set(Source) - {Source.EXAMS}
        return SyncReport(run_id=run.run_id, as_of=run.as_of, registered=3, covered=3)


@asynccontextmanager
async def running_sync(client: Client) -> AsyncIterator[Registry]:
    """Run the workflows' worker, and the registry's activities."""
    registry = Registry()
    activities: list[Callable[..., Any]] = [registry.open_sync_run, registry.load_source, registry.apply_sync]
    async with (
        make_worker(client, Settings(environment="test")),
        make_activity_worker(client, task_queue=REGISTRY_QUEUE, activities=activities),
    ):
        yield registry
