"""Taking a task and giving it back: who works on what, so that nobody calls the same youth twice."""

from uuid import UUID

import asyncpg

from chassis import audit
from chassis.auth import Principal
from chassis.clock import CivilClock
from chassis.postgres import Connection, transaction
from chassis.problems import Problem, not_found
from contracts.outreach_workflow import REFUSED_NOT_CURRENT
from contracts.tasks import OPEN_STATES, TaskState
from services.outreach.db import tasks
from services.outreach.domain.access import acting_role, scope_of


def closed() -> Problem:
    """The task is over."""
    return Problem(
        409,
        REFUSED_NOT_CURRENT,
        "The task is closed",
        "It has been completed or cancelled meanwhile; read it again.",
        reason=REFUSED_NOT_CURRENT,
    )


def taken() -> Problem:
    """Somebody else has the task. Who, the task itself tells to those who may see it."""
    return Problem(
        409,
        "claimed-by-another",
        "Another member of staff has this task",
        "Choose another task, or ask them, or a coordinator of the city, to release it.",
        reason="claimed-by-another",
    )


async def locked(conn: Connection, principal: Principal, task_id: UUID) -> asyncpg.Record:
    """Return a task that the caller sees, with its row locked. Raises 404 for any other: it is not told apart."""
    row = await conn.fetchrow(tasks.ONE_LOCKED, task_id)
    if row is None or not scope_of(principal).sees(protected=row["restricted"], district=row["district"]):
        raise not_found("task")
    return row


async def take(conn: Connection, principal: Principal, task: asyncpg.Record, clock: CivilClock) -> asyncpg.Record:
    """Claim a locked task in the caller's transaction. Raises 409 when it is closed or somebody else's."""
    if task["state"] not in OPEN_STATES:
        raise closed()
    if task["state"] == TaskState.CLAIMED:
        if task["claimed_by"] != principal.subject:
            raise taken()
        return task
    now = clock.now()
    await _note(conn, principal, task, "claimed", clock)
    row = await conn.fetchrow(tasks.CLAIM, task["task_id"], principal.subject, now)
    assert row is not None
    return row


class Claims:
    """Claims and releases of tasks."""

    def __init__(self, pool: asyncpg.Pool, clock: CivilClock) -> None:
        self._pool, self._clock = pool, clock

    async def claim(self, principal: Principal, task_id: UUID) -> asyncpg.Record:
        """Give the task to the caller; again is harmless. Raises 404, or 409 when it is closed or taken."""
        async with transaction(self._pool) as conn:
            return await take(conn, principal, await locked(conn, principal, task_id), self._clock)

    async def release(self, principal: Principal, task_id: UUID) -> asyncpg.Record:
        """Give the task back; again is harmless. By its claimer, or by a coordinator of the city.

        Raises 404, 403 for anybody else, and 409 when the task is closed.
        """
        async with transaction(self._pool) as conn:
            task = await locked(conn, principal, task_id)
            if task["state"] not in OPEN_STATES:
                raise closed()
            if task["state"] == TaskState.OPEN:
                return task
            if task["claimed_by"] != principal.subject and not scope_of(principal).city:
                raise Problem(
                    403,
                    "not-your-claim",
                    "Another member of staff has this task",
                    "Only they, or a coordinator of the city, may release it.",
                )
            await _note(conn, principal, task, "released", self._clock)
            row = await conn.fetchrow(tasks.RELEASE, task_id)
            assert row is not None
            return row


async def _note(
    conn: Connection, principal: Principal, task: asyncpg.Record, event: str, clock: CivilClock
) -> None:
    now = clock.now()
    await conn.execute(tasks.ADD_HISTORY, task["task_id"], now, event, principal.subject)
    await audit.record(
        conn,
        actor=principal.subject,
        role=acting_role(principal, protected=task["restricted"]),
        action=f"task.{'claim' if event == 'claimed' else 'release'}",
        at=now,
        youth_id=task["youth_id"],
        subject=str(task["task_id"]),
    )
