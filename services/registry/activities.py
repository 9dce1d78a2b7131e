"""The activities that the registry offers to `RegisterSync`, on its own task queue."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import asyncpg
from temporalio import activity
from temporalio.exceptions import ApplicationError

from chassis import audit
from chassis.clock import CivilClock
from chassis.postgres import transaction
from contracts.ids import business_id
from contracts.registry_activities import (
    APPLY_SYNC,
    LOAD_SOURCE,
    OPEN_SYNC_RUN,
    LoadSource,
    SourceReport,
    SyncReport,
    SyncRequest,
    SyncRun,
)
from services.registry.apply_sync import NotLoaded, apply_sync
from services.registry.db import runs
from services.registry.heartbeats import heartbeats
from services.registry.load_source import RunNotOpen, load_source
from services.registry.settings import Settings

# Each holds the digests of a whole file's lines; more at once would not be faster.
SOURCES_AT_A_TIME = 2
# Types of the errors with which a run is refused; none gets better by repeating.
ANOTHER_RUN = "another-run-is-open"
NOT_OPEN = "run-not-open"
NOT_LOADED = "source-not-loaded"


class RegistryActivities:
    """Each is safe to repeat: a run is known by its id, and a run that is done stays as it was done."""

    def __init__(self, pool: asyncpg.Pool, clock: CivilClock, settings: Settings) -> None:
        self._pool, self._clock, self._settings = pool, clock, settings
        self._reading = asyncio.Semaphore(SOURCES_AT_A_TIME)

    def all(self) -> list[Callable[..., Any]]:
        return [self.open_sync_run, self.load_source, self.apply_sync]

    @activity.defn(name=OPEN_SYNC_RUN)
    async def open_sync_run(self, request: SyncRequest) -> SyncRun:
        """Open a run, or go on with the one that the API has opened. One run at a time."""
        info = activity.info()
        run_id = request.run_id or business_id("sync-run", info.workflow_id, info.workflow_run_id)
        async with transaction(self._pool) as conn:
            run = await conn.fetchrow(runs.GET, run_id)
            if run is not None and run["state"] == "done":
                return SyncRun(run_id=run_id, as_of=run["as_of"])
            if run is not None:
                as_of = await conn.fetchval(runs.START, run_id, info.workflow_id)
                if as_of is None:
                    raise _refused(NOT_OPEN, "the run has been abandoned")
                return SyncRun(run_id=run_id, as_of=as_of)
            return await self._open(conn, run_id, request, info.workflow_id)

    async def _open(self, conn: Any, run_id: UUID, request: SyncRequest, workflow_id: str | None) -> SyncRun:
        now = self._clock.now()
        as_of = request.as_of or now.date()
        try:
            await runs.open_run(
                conn,
                run_id=run_id,
                as_of=as_of,
                requested_by=request.requested_by,
                accept_shrunk=request.accept_shrunk,
                workflow_id=workflow_id,
                state="running",
                at=now,
            )
        except runs.RunOpen as other:
            raise _refused(ANOTHER_RUN, f"run {other.run_id} is under way") from None
        await audit.record(
            conn, actor=request.requested_by, role="service", action="sync-run.start", at=now, subject=str(run_id)
        )
        return SyncRun(run_id=run_id, as_of=as_of)

    @activity.defn(name=LOAD_SOURCE)
    async def load_source(self, load: LoadSource) -> SourceReport:
        """Read a source's newest file into staging and say what it gave."""
        async with heartbeats(), self._reading:
            try:
                return await load_source(self._pool, self._clock, self._settings, load.run_id, load.source)
            except RunNotOpen:
                raise _refused(NOT_OPEN, "the run is unknown or abandoned") from None

    @activity.defn(name=APPLY_SYNC)
    async def apply_sync(self, run: SyncRun) -> SyncReport:
        """Match, decide and write what the run has read, in one transaction."""
        async with heartbeats():
            try:
                return await apply_sync(self._pool, self._clock, self._settings, run.run_id)
            except RunNotOpen:
                raise _refused(NOT_OPEN, "the run is unknown or abandoned") from None
            except NotLoaded:
                raise _refused(NOT_LOADED, "a source has not been read in this run") from None


def _refused(type: str, message: str) -> ApplicationError:
    return ApplicationError(message, type=type, non_retryable=True)
