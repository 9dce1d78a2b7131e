"""The activities that the registry offers to `RegisterGallring`, on its own task queue."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any
from uuid import UUID

import asyncpg
from temporalio import activity
from temporalio.exceptions import ApplicationError

from chassis.clock import CivilClock
from chassis.problems import Problem
from contracts.gallring import (
    EXECUTE_GALLRING,
    GIVE_UP_GALLRING,
    LOOK_AT_GALLRING,
    PROPOSE_GALLRING,
    GallringAsked,
    GallringRun,
)
from services.registry.gallring import daily
from services.registry.gallring.deciding import Clocks
from services.registry.gallring.deleting import OpenOutreach, execute_batch
from services.registry.heartbeats import heartbeats


class GallringActivities:
    """Each is safe to repeat: the run's state stands in the database."""

    def __init__(self, pool: asyncpg.Pool, clock: CivilClock, clocks: Clocks, open_outreach: OpenOutreach) -> None:
        self._pool, self._clock, self._clocks, self._open_outreach = pool, clock, clocks, open_outreach

    def all(self) -> list[Callable[..., Any]]:
        return [self.propose, self.look_at, self.give_up, self.execute]

    @activity.defn(name=PROPOSE_GALLRING)
    async def propose(self, asked: GallringAsked) -> GallringRun:
        """Propose who is due, if anybody is."""
        workflow_id = activity.info().workflow_id or ""
        with _refusals():
            return await daily.propose(self._pool, self._clock, self._clocks, asked.run_id, workflow_id)

    @activity.defn(name=LOOK_AT_GALLRING)
    async def look_at(self, asked: GallringAsked) -> GallringRun:
        """Say how far a run is."""
        with _refusals():
            return await daily.look_at(self._pool, asked.run_id)

    @activity.defn(name=GIVE_UP_GALLRING)
    async def give_up(self, asked: GallringAsked) -> GallringRun:
        """Withdraw a proposal on which nobody has decided."""
        with _refusals():
            return await daily.give_up(self._pool, self._clock, asked.run_id)

    @activity.defn(name=EXECUTE_GALLRING)
    async def execute(self, asked: GallringAsked) -> GallringRun:
        """Delete batch by batch. A worker that dies loses the batch that it was in, and the next one goes on."""
        with _refusals():
            async with heartbeats():
                await self._delete(asked.run_id)
            return await daily.look_at(self._pool, asked.run_id)

    async def _delete(self, run_id: UUID) -> None:
        try:
            while await execute_batch(self._pool, self._clock, daily.BY, run_id, self._open_outreach):
                pass
        except Problem as problem:
            if problem.code != "not-approved":  # somebody has withdrawn what is left
                raise


@contextmanager
def _refusals() -> Iterator[None]:
    """Most of them are for now: a sync under way, Temporal that does not say whose outreach goes on."""
    try:
        yield
    except Problem as problem:
        gone = problem.status == HTTPStatus.NOT_FOUND
        raise ApplicationError(problem.title, type=problem.code, non_retryable=gone) from None
