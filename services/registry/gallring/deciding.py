"""Propose a run of gallring, review it, approve it as a second person, or withdraw it. Nothing is deleted here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import asyncpg

from chassis import audit
from chassis.clock import CivilClock
from chassis.postgres import Connection, transaction
from chassis.problems import Problem, not_found
from services.registry.db import gallring_due, gallring_runs
from services.registry.db.gallring_due import Limits


@dataclass(frozen=True, slots=True)
class Clocks:
    """How many days after the duty ended (never covered: after they left) what is kept may be kept."""

    register_days: int
    documentation_days: int
    never_covered_days: int

    def limits(self, today: date) -> Limits:
        """Return the days of a run that is made today."""
        return Limits(
            today,
            today - timedelta(days=self.register_days),
            today - timedelta(days=self.documentation_days),
            today - timedelta(days=self.never_covered_days),
        )


@dataclass(frozen=True, slots=True)
class Decider:
    subject: str
    role: str


async def propose(pool: asyncpg.Pool, clock: CivilClock, clocks: Clocks, by: Decider, run_id: UUID) -> bool:
    """Store who would be deleted, by which clock; False when this id has been proposed already.

    Raises a Problem 409 when another run is open.
    """
    limits = clocks.limits(clock.today())
    async with transaction(pool) as conn:
        if await conn.fetchval(gallring_runs.GET, run_id) is not None:
            return False
        return await store(conn, clock, by, run_id, limits, await gallring_due.due(conn, limits))


async def store(
    conn: Connection,
    clock: CivilClock,
    by: Decider,
    run_id: UUID,
    limits: Limits,
    found: Sequence[tuple[UUID, str]],
    workflow_id: str | None = None,
) -> bool:
    """Store a proposal; ``workflow_id`` is of the workflow that makes it. As `propose`."""
    try:
        async with conn.transaction():
            new = await conn.fetchval(
                gallring_runs.PROPOSE, run_id, *limits.arguments()[1:], clock.now(), by.subject, workflow_id
            )
    except asyncpg.UniqueViolationError:
        raise await _another(conn) from None
    if not new:
        return False
    youths, named = [one for one, _ in found], [which for _, which in found]
    await conn.execute(gallring_runs.ADD_YOUTHS, run_id, youths, named)
    await _audit(conn, clock, by, "gallring.propose", run_id)
    return True


async def review(pool: asyncpg.Pool, clock: CivilClock, by: Decider, run_id: UUID) -> None:
    """Stand for what the daily workflow has proposed, as the first of two people.

    Raises a Problem: 404; 409 when a person proposed it, or when it was withdrawn.
    """
    async with transaction(pool) as conn:
        row = await _locked(conn, run_id)
        if row["workflow_id"] is None:
            raise Problem(
                409,
                "review-not-needed",
                "A person proposed it",
                "Whoever proposed it has looked at it: approve it.",
            )
        if row["state"] == "withdrawn":
            raise _over(row["state"])
        if row["reviewed_by"] is not None:
            return
        await conn.execute(gallring_runs.REVIEW, run_id, clock.now(), by.subject)
        await _audit(conn, clock, by, "gallring.review", run_id)


async def approve(pool: asyncpg.Pool, clock: CivilClock, by: Decider, run_id: UUID) -> None:
    """Approve a proposal. Raises a Problem: 404; 409 for whoever proposed or reviewed it, when the workflow
    proposed it and nobody has reviewed it, or when it was withdrawn."""
    async with transaction(pool) as conn:
        row = await _locked(conn, run_id)
        if by.subject in (row["proposed_by"], row["reviewed_by"]):
            raise Problem(
                409,
                "second-person-needed",
                "A second person approves",
                "Whoever proposed or reviewed it may not approve it.",
            )
        if row["state"] == "withdrawn":
            raise _over(row["state"])
        if row["state"] != "proposed":
            return
        if row["workflow_id"] is not None and row["reviewed_by"] is None:
            raise Problem(
                409, "review-first", "A person reviews it first", "It was proposed by itself: review it, then"
                " another person approves it.",
            )  # fmt: skip
        await conn.execute(gallring_runs.APPROVE, run_id, clock.now(), by.subject)
        await _audit(conn, clock, by, "gallring.approve", run_id)


async def withdraw(pool: asyncpg.Pool, clock: CivilClock, by: Decider, run_id: UUID) -> None:
    """Give up a proposal, or what is left of an approved run. Raises a Problem: 404; 409 when it is done."""
    async with transaction(pool) as conn:
        row = await _locked(conn, run_id)
        if row["state"] == "done":
            raise _over(row["state"])
        if row["state"] == "withdrawn":
            return
        await end_withdrawn(conn, clock, by, run_id)


async def end_withdrawn(conn: Connection, clock: CivilClock, by: Decider, run_id: UUID) -> None:
    """Withdraw a run that is open, in the caller's transaction."""
    await conn.execute(gallring_runs.END, run_id, "withdrawn", clock.now())
    await _audit(conn, clock, by, "gallring.withdraw", run_id)


async def _locked(conn: Connection, run_id: UUID) -> asyncpg.Record:
    row = await conn.fetchrow(gallring_runs.LOCKED, run_id)
    if row is None:
        raise not_found("run of gallring")
    return row


async def _another(conn: Connection) -> Problem:
    other = await conn.fetchval(gallring_runs.OPEN)
    return Problem(
        409, "gallring-open", "Another run is open", "Carry it out or withdraw it first.", open_run=str(other)
    )


def _over(state: str) -> Problem:
    return Problem(409, "gallring-over", "The run is over", f"It is {state}.")


async def _audit(conn: Connection, clock: CivilClock, by: Decider, action: str, run_id: UUID) -> None:
    await audit.record(conn, actor=by.subject, role=by.role, action=action, at=clock.now(), subject=str(run_id))
