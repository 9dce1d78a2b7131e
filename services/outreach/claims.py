"""Taking a task and giving it back: who works on what, so that nobody calls the same youth twice."""

from datetime import timedelta
from uuid import UUID

import asyncpg

from chassis import audit
from chassis.auth import Principal
from chassis.clock import CivilClock
from chassis.postgres import Connection, transaction
from chassis.problems import Problem, not_found
from contracts.outreach_workflow import REFUSED_NOT_CURRENT
from contracts.tasks import OPEN_STATES, TaskState
from services.outreach.assigning import SERVICE, note
from services.outreach.db import journeys, tasks
from services.outreach.domain.access import acting_role, scope_of
from services.outreach.domain.lease import is_claimed, lease_length


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


async def locked_journey(conn: Connection, principal: Principal, youth_id: UUID) -> asyncpg.Record:
    """Return the newest journey of a youth whom the caller sees, with its row locked. Raises 404 for any other."""
    row = await conn.fetchrow(journeys.NEWEST_LOCKED, youth_id)
    if row is None or not scope_of(principal).sees(protected=row["protected"], district=row["district"]):
        raise not_found("youth")
    return row


class Claims:
    """Claims and releases of tasks. A claim is a lease: without a sign of its holder it ends by itself."""

    def __init__(self, pool: asyncpg.Pool, clock: CivilClock, lease: timedelta) -> None:
        """``lease``: how long a claim holds (civil time) after its holder's last request about the task."""
        self._pool, self._clock = pool, clock
        self._lease = lease_length(lease, clock.spec.speed)

    async def take(self, conn: Connection, principal: Principal, task: asyncpg.Record) -> asyncpg.Record:
        """Claim a locked task in the caller's transaction, or renew the claim that the caller has.

        Raises 409 when it is closed or somebody else's.
        """
        if task["state"] not in OPEN_STATES:
            raise closed()
        now = self._clock.now()
        if is_claimed(task["state"], task["claimed_until"], now):
            if task["claimed_by"] != principal.subject:
                raise taken()
            row = await conn.fetchrow(tasks.RENEW, task["task_id"], now + self._lease)
        else:
            if task["state"] == TaskState.CLAIMED:
                await note(conn, [task], now, event="lease_ended", actor=SERVICE, role="service")
            await _note(conn, principal, task, "claimed", self._clock)
            row = await conn.fetchrow(tasks.CLAIM, task["task_id"], principal.subject, now, now + self._lease)
        assert row is not None
        return row

    async def claim(self, principal: Principal, task_id: UUID) -> asyncpg.Record:
        """Give the task to the caller; again renews the lease. Raises 404, or 409 when it is closed or taken."""
        async with transaction(self._pool) as conn:
            return await self.take(conn, principal, await locked(conn, principal, task_id))

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
            held = is_claimed(task["state"], task["claimed_until"], self._clock.now())
            if held and task["claimed_by"] != principal.subject and not scope_of(principal).city:
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
