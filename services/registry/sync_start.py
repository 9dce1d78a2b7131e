"""Use case: a person starts a register sync."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID, uuid4

import asyncpg
import structlog
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from chassis import audit
from chassis.clock import CivilClock
from chassis.postgres import transaction
from chassis.problems import Problem
from contracts.outreach_workflow import WORKFLOWS_QUEUE
from contracts.registry_activities import REGISTER_SYNC, Source, SyncRequest
from services.registry.db import runs

log = structlog.get_logger(__name__)


def sync_workflow_id(run_id: UUID) -> str:
    return f"register-sync/{run_id}"


class SyncStart:
    def __init__(self, pool: asyncpg.Pool, client: Client, clock: CivilClock) -> None:
        self._pool, self._client, self._clock = pool, client, clock

    async def start(self, as_of: date | None, accept_shrunk: Sequence[Source], by: str, role: str) -> UUID:
        """Open a run and start its workflow; return the run's id.

        Raises a Problem: 409 when another run is under way, 422 for a day that is not over, 503 when the
        workflow server does not answer (nothing is started then).
        """
        today = self._clock.today()
        if as_of is not None and as_of > today:
            raise Problem(
                422, "as-of-in-the-future", "as_of lies ahead", "Coverage is decided for today or an earlier day."
            )
        run_id = uuid4()
        try:
            await self._open(run_id, as_of or today, accept_shrunk, by, role)
        except runs.RunOpen as other:
            if not await self._is_over(other):
                raise _another_run(other) from None
            await self._pool.execute(runs.ABANDON, other.run_id)
            try:
                await self._open(run_id, as_of or today, accept_shrunk, by, role)
            except runs.RunOpen as one_more:
                raise _another_run(one_more) from None
        try:
            await self._client.start_workflow(
                REGISTER_SYNC,
                SyncRequest(
                    run_id=run_id, as_of=as_of or today, requested_by=by, accept_shrunk=tuple(accept_shrunk)
                ),
                id=sync_workflow_id(run_id),
                task_queue=WORKFLOWS_QUEUE,
            )
        except (RPCError, RuntimeError) as error:
            log.warning("sync_not_started", error=type(error).__name__)
            await self._pool.execute(runs.ABANDON, run_id)
            raise Problem(
                503,
                "workflows-unavailable",
                "The sync could not be started",
                "Nothing was started. Try again soon.",
            ) from None
        return run_id

    async def _open(self, run_id: UUID, as_of: date, accept_shrunk: Sequence[Source], by: str, role: str) -> None:
        at = self._clock.now()
        async with transaction(self._pool) as conn:
            await runs.open_run(
                conn,
                run_id=run_id,
                as_of=as_of,
                requested_by=by,
                accept_shrunk=accept_shrunk,
                workflow_id=sync_workflow_id(run_id),
                state="requested",
                at=at,
            )
            why = f"accept_shrunk: {', '.join(accept_shrunk)}" if accept_shrunk else None
            await audit.record(
                conn, actor=by, role=role, action="sync-run.request", at=at, subject=str(run_id), why=why
            )

    async def _is_over(self, other: runs.RunOpen) -> bool:
        """Whether the workflow of an open run has ended without finishing it."""
        if other.workflow_id is None:
            return False
        try:
            description = await self._client.get_workflow_handle(other.workflow_id).describe()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                # Just opened by another request it will come; else that request died before it started it.
                return other.quiet
            log.warning("workflow_not_described", error=type(error).__name__)
            return False
        return description.status is not WorkflowExecutionStatus.RUNNING


def _another_run(other: runs.RunOpen) -> Problem:
    return Problem(
        409,
        "sync-run-open",
        "Another sync run is under way",
        "Wait until it is done, or see how far it is.",
        run_id=str(other.run_id),
    )
