"""Telling the workflow that waits for a run that somebody has decided."""

from datetime import timedelta

import structlog
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from contracts.gallring import GALLRING_CHANGED

log = structlog.get_logger(__name__)
RPC_TIMEOUT = timedelta(seconds=5)


class TellWorkflow:
    """Callable: signal the workflow of a run. What was decided is committed, so that a lost signal loses nothing:
    the workflow looks by itself some hours later."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def __call__(self, workflow_id: str | None) -> None:
        """Never raises for a workflow that is over, or a server that does not answer."""
        if workflow_id is None:
            return
        try:
            await self._client.get_workflow_handle(workflow_id).signal(GALLRING_CHANGED, rpc_timeout=RPC_TIMEOUT)
        except (RPCError, RuntimeError) as error:
            if not isinstance(error, RPCError) or error.status is not RPCStatusCode.NOT_FOUND:
                log.warning("gallring_not_told", error=type(error).__name__)
