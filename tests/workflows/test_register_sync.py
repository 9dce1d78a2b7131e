"""The nightly run: every source is read, then all of it is applied; a held source fails nothing."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError

from chassis.temporal import make_worker as make_activity_worker
from contracts.outreach_workflow import WORKFLOWS_QUEUE
from contracts.registry_activities import (
    APPLY_SYNC,
    LOAD_SOURCE,
    OPEN_SYNC_RUN,
    REGISTER_SYNC,
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


@pytest.fixture
async def registry(temporal: Client) -> AsyncIterator[Registry]:
    registry = Registry()
    activities: list[Callable[..., Any]] = [
        registry.open_sync_run,
        registry.load_source,
        registry.apply_sync,
    ]
    async with (
        make_worker(temporal, Settings(environment="test")),
        make_activity_worker(temporal, task_queue=REGISTRY_QUEUE, activities=activities),
    ):
        yield registry


async def test_sources_are_read_then_applied(temporal: Client, registry: Registry) -> None:
    report: SyncReport = await temporal.execute_workflow(
        REGISTER_SYNC, SyncRequest(), id=f"sync-{uuid4()}", task_queue=WORKFLOWS_QUEUE, result_type=SyncReport
    )
    assert (report.run_id, report.as_of, report.registered) == (registry.opened[-1], AS_OF, 3)


async def test_a_run_can_be_asked_for_by_id_and_day(temporal: Client, registry: Registry) -> None:
    asked = SyncRequest(run_id=uuid4(), as_of=date(2026, 9, 1), requested_by="superuser")
    report: SyncReport = await temporal.execute_workflow(
        REGISTER_SYNC, asked, id=f"sync-{uuid4()}", task_queue=WORKFLOWS_QUEUE, result_type=SyncReport
    )
    assert (report.run_id, report.as_of) == (asked.run_id, asked.as_of)
