"""What the daily workflow does to a run of gallring, under an actor of its own. It decides nothing: people do."""

from uuid import UUID

import asyncpg

from chassis.clock import CivilClock
from chassis.postgres import transaction
from chassis.problems import not_found
from contracts.gallring import GallringRun, GallringState
from services.registry.db import gallring_due, gallring_runs
from services.registry.gallring import deciding
from services.registry.gallring.deciding import Clocks, Decider

# In the protocol and the audit. What is automatic is told by `workflow_id`, not by this name.
BY = Decider("gallring", "service")


async def propose(
    pool: asyncpg.Pool, clock: CivilClock, clocks: Clocks, run_id: UUID, workflow_id: str
) -> GallringRun:
    """Propose who is due, or take over an automatic run that is open. Nothing due: nothing is opened.

    Safe to repeat with the same id. Raises a Problem 409 when somebody proposed in that very moment.
    """
    async with transaction(pool) as conn:
        found = await conn.fetchrow(gallring_runs.OPEN)
        if found is not None and found["workflow_id"] is None:
            return GallringRun(run_id=found["id"], state=GallringState.ANOTHERS_IS_OPEN)
        if found is not None:
            await conn.execute(gallring_runs.TAKE_OVER, found["id"], workflow_id)
            run_id = found["id"]
        elif await conn.fetchrow(gallring_runs.GET, run_id) is None:
            limits = clocks.limits(clock.today())
            due = await gallring_due.due(conn, limits)
            if not due:
                return GallringRun(run_id=run_id, state=GallringState.NOTHING_DUE)
            await deciding.store(conn, clock, BY, run_id, limits, due, workflow_id)
    return await look_at(pool, run_id)


async def give_up(pool: asyncpg.Pool, clock: CivilClock, run_id: UUID) -> GallringRun:
    """Withdraw a proposal on which nobody has decided. What was decided meanwhile stands."""
    async with transaction(pool) as conn:
        row = await conn.fetchrow(gallring_runs.LOCKED, run_id)
        if row is not None and row["state"] == "proposed":
            await deciding.end_withdrawn(conn, clock, BY, run_id)
    return await look_at(pool, run_id)


async def look_at(pool: asyncpg.Pool, run_id: UUID) -> GallringRun:
    """Return how far a run is. Raises a Problem 404 (after a restore of the database)."""
    row = await pool.fetchrow(gallring_runs.STANDING, run_id)
    if row is None:
        raise not_found("run of gallring")
    return GallringRun.model_validate(dict(row))
