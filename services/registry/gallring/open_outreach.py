"""Whose outreach goes on, as the workflow server says: an open workflow is a reason not to delete."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from chassis.problems import Problem
from contracts.ids import youth_workflow_id

RPC_TIMEOUT = timedelta(seconds=10)
AT_ONCE = 20


class AskTemporal:
    """Callable: the youths of those asked about who have an open workflow."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def __call__(self, youth_ids: Sequence[UUID]) -> frozenset[UUID]:
        """Raises a Problem 503 when the workflow server does not answer: then nothing is deleted."""
        at_once = asyncio.Semaphore(AT_ONCE)

        async def is_open(youth_id: UUID) -> bool:
            async with at_once:
                return await self._is_open(youth_id)

        answers = await asyncio.gather(*(is_open(one) for one in youth_ids))
        return frozenset(one for one, is_open in zip(youth_ids, answers, strict=True) if is_open)

    async def _is_open(self, youth_id: UUID) -> bool:
        handle = self._client.get_workflow_handle(youth_workflow_id(youth_id))
        try:
            found = await handle.describe(rpc_timeout=RPC_TIMEOUT)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return False  # never searched for, or past the history's retention
            raise Problem(
                503, "workflows-unavailable", "Nothing was deleted", "The workflow server does not answer."
            ) from None
        return found.status is WorkflowExecutionStatus.RUNNING
