"""The nightly run: every source is read, then all of it is applied; a held source fails nothing."""

from collections.abc import AsyncIterator
from datetime import date
from uuid import uuid4

import pytest
from temporalio.client import Client

from contracts.outreach_workflow import WORKFLOWS_QUEUE
from contracts.registry_activities import REGISTER_SYNC, SyncReport, SyncRequest
from tests.workflows.sync import AS_OF, Registry, running_sync


@pytest.fixture
async def registry(temporal: Client) -> AsyncIterator[Registry]:
    async with running_sync(temporal) as registry:
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
