"""Use case: somebody has the day's intake run now; the demonstration does it each of its days."""

from datetime import date

import structlog
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError

from chassis.problems import Problem
from contracts.intake import DAILY_INTAKE, IntakeRequest
from contracts.outreach_workflow import WORKFLOWS_QUEUE
from services.outreach.signals import RPC_TIMEOUT

log = structlog.get_logger(__name__)


class IntakeStart:
    def __init__(self, client: Client) -> None:
        self._client = client

    async def start(self, day: date, by: str) -> str:
        """Start the intake of a day, or find the one that runs; return the workflow's id. Raises a 503 Problem."""
        workflow_id = f"daily-intake/{day}"
        try:
            await self._client.start_workflow(
                DAILY_INTAKE,
                IntakeRequest(requested_by=by),
                id=workflow_id,
                task_queue=WORKFLOWS_QUEUE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                rpc_timeout=RPC_TIMEOUT,
            )
        except (RPCError, RuntimeError) as error:
            log.warning("intake_not_started", error=type(error).__name__)
            raise Problem(
                503, "workflows-unavailable", "The intake could not be started", "Try again soon."
            ) from None
        return workflow_id
