"""Runs whose workflow task keeps failing: code that does not fit their history, or a bug in it.

The server itself asks again, ever more rarely (up to ten minutes); nothing is lost meanwhile. To drive a run
again is to go back to its last completed workflow task, so that what faulty code decided there is decided anew;
signals and updates since are kept, and activities are safe to repeat.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.common import SearchAttributeKey
from temporalio.service import RPCError, RPCStatusCode

from contracts.ids import business_id, youth_workflow_id
from services.outreach.operations.acting import Trail
from services.outreach.pace import Pace

QUERY = 'ExecutionStatus = "Running" AND TemporalReportedProblems IS NOT NULL'
PROBLEMS = SearchAttributeKey.for_keyword_list("TemporalReportedProblems")
CAUSE = "cause="


@dataclass(frozen=True, slots=True)
class Stuck:
    workflow_id: str
    run_id: str
    cause: str


@dataclass(frozen=True, slots=True)
class Driven:
    """``over``: ended or went on by itself meanwhile."""

    driven: int
    over: int


async def stuck(client: Client) -> list[Stuck]:
    """Return the runs that the server reports, after some failures in a row."""
    found = []
    async for run in client.list_workflows(QUERY):
        problems = run.typed_search_attributes.get(PROBLEMS) or []
        cause = next((one.removeprefix(CAUSE) for one in problems if one.startswith(CAUSE)), "unknown")
        found.append(Stuck(run.id, run.run_id, cause))
    return found


async def drive_again(
    client: Client, runs: list[Stuck], trail: Trail, pace: Pace, report: Callable[[int], None]
) -> Driven:
    """Reset each run to its last completed workflow task, at a pace. Run again it takes those that are left."""
    await trail.note("journey.redrive", [youth for run in runs if (youth := _youth(run))], "workflow task failed")
    driven = over = 0
    for run in runs:
        await pace.wait()
        try:
            await _reset(client, run, trail)
            driven += 1
        except RPCError as error:
            if error.status not in (RPCStatusCode.NOT_FOUND, RPCStatusCode.INVALID_ARGUMENT):
                raise
            over += 1
        report(driven)
    return Driven(driven, over)


async def _reset(client: Client, run: Stuck, trail: Trail) -> None:
    handle = client.get_workflow_handle(run.workflow_id, run_id=run.run_id)
    completed = started = 0
    async for event in handle.fetch_history_events():
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
            completed = event.event_id
        elif event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED:
            started = event.event_id
    await client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=run.workflow_id, run_id=run.run_id),
            reason=f"driven again by {trail.operator.subject}",
            workflow_task_finish_event_id=completed or started,
            # The same run twice: the server makes one new run of it.
            request_id=str(business_id("driven again", run.run_id)),
            identity=trail.operator.subject,
        )
    )


def _youth(run: Stuck) -> UUID | None:
    """Return whose workflow it is; None of one that is nobody's, e.g. a wave."""
    prefix = youth_workflow_id(UUID(int=0)).removesuffix(str(UUID(int=0)))
    return UUID(run.workflow_id.removeprefix(prefix)) if run.workflow_id.startswith(prefix) else None
