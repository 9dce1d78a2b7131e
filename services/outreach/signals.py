"""Facts on their way to a youth's workflow: paced, and safe to repeat (the workflow knows the event ids)."""

from datetime import timedelta
from uuid import UUID

from pydantic import BaseModel
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError, RPCStatusCode

from chassis.inbox import Transient
from contracts.ids import youth_workflow_id
from contracts.outreach_workflow import SIGNAL_REGISTERED, WORKFLOWS_QUEUE, YOUTH_OUTREACH, OutreachStart
from services.outreach.pace import Pace

RPC_TIMEOUT = timedelta(seconds=10)
# The server is away, busy or restarting: the same call works later.
PASSING = frozenset(
    {
        RPCStatusCode.UNAVAILABLE,
        RPCStatusCode.DEADLINE_EXCEEDED,
        RPCStatusCode.RESOURCE_EXHAUSTED,
        RPCStatusCode.ABORTED,
        RPCStatusCode.CANCELLED,
        RPCStatusCode.INTERNAL,
        RPCStatusCode.UNKNOWN,
    }
)


class NoWorkflow(Exception):
    """The youth has no open workflow."""


class Signals:
    """Sends facts to workflows. Raises `Transient` when Temporal cannot take them now."""

    def __init__(self, client: Client, pace: Pace) -> None:
        self._client, self._pace = client, pace

    async def start(self, start: OutreachStart) -> None:
        """Start the youth's workflow; one that runs already gets the fact as its signal."""
        await self._pace.wait()
        try:
            await self._client.start_workflow(
                YOUTH_OUTREACH,
                start,
                id=youth_workflow_id(start.youth_id),
                task_queue=WORKFLOWS_QUEUE,
                start_signal=SIGNAL_REGISTERED,
                start_signal_args=[start],
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                # A new episode after an ended one; that an ended one stays ended is PostgreSQL's word.
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                rpc_timeout=RPC_TIMEOUT,
            )
        except RPCError as error:
            raise _understood(error) from error

    async def send(self, youth_id: UUID, signal: str, fact: BaseModel) -> None:
        """Send a fact to the youth's running workflow. Raises NoWorkflow when there is none."""
        await self._pace.wait()
        handle = self._client.get_workflow_handle(youth_workflow_id(youth_id))
        try:
            await handle.signal(signal, fact, rpc_timeout=RPC_TIMEOUT)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                raise NoWorkflow from None
            raise _understood(error) from error


def _understood(error: RPCError) -> Exception:
    return Transient(f"temporal: {error.status.name}") if error.status in PASSING else error
