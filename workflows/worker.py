"""The worker that runs the workflows. It has no activities: the services offer those."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager

from temporalio.client import Client
from temporalio.worker import Worker, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from chassis.health import Check
from chassis.temporal import GRACE, check_temporal, connect
from contracts.outreach_workflow import WORKFLOWS_QUEUE
from workflows.daily_intake import DailyIntake
from workflows.register_gallring import RegisterGallring
from workflows.register_sync import RegisterSync
from workflows.settings import Settings
from workflows.term_mailing.workflow import TermMailing
from workflows.youth_outreach.workflow import YouthOutreach

WORKFLOWS = (YouthOutreach, RegisterSync, RegisterGallring, DailyIntake, TermMailing)
# Pure or wrapping `workflow.*`; imported anew for every workflow they would cost 60 ms and 0.8 MB each.
PASSED_THROUGH = ("contracts", "chassis.clock", "pydantic")


def sandbox() -> WorkflowRunner:
    """Return the runner that keeps the workflow files deterministic."""
    restrictions = SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH)
    return SandboxedWorkflowRunner(restrictions=restrictions)


def make_worker(client: Client, settings: Settings) -> Worker:
    """Return the worker. Run it with ``worker.run()``."""
    return Worker(
        client,
        task_queue=WORKFLOWS_QUEUE,
        workflows=WORKFLOWS,
        workflow_runner=sandbox(),
        max_cached_workflows=settings.workflows_max_cached,
        max_concurrent_workflow_tasks=settings.workflows_max_concurrent_tasks,
        graceful_shutdown_timeout=GRACE,
    )


@asynccontextmanager
async def start(settings: Settings, checks: dict[str, Check]) -> AsyncIterator[list[Awaitable[object]]]:
    """Give what the worker process runs."""
    client = await connect(settings)
    checks["temporal"] = lambda: check_temporal(client)
    yield [make_worker(client, settings).run()]
