"""At the door: a pair checks in and out of a visit, so that somebody notices when they do not come out.

Checking in starts the time of the alarm (`services.outreach.alarms`); nothing but checking out stops it, for a
visit whose outcome is recorded may still be under way.
"""

from datetime import datetime
from uuid import UUID

import asyncpg

from chassis import audit
from chassis.auth import Principal
from chassis.clock import STOCKHOLM, CivilClock
from chassis.postgres import Connection, transaction
from chassis.problems import Problem, not_found
from services.outreach.db import visits
from services.outreach.domain.access import acting_role, scope_of
from services.outreach.domain.free_slots import later
from services.outreach.policy_versions import InForce


class Visiting:
    """Check-in and check-out, by one of the two for both."""

    def __init__(self, pool: asyncpg.Pool, clock: CivilClock, in_force: InForce) -> None:
        """``in_force``: an alarm is about the staff, and goes by the policy of the day, not the youth's own."""
        self._pool, self._clock, self._in_force = pool, clock, in_force

    async def check_in(self, principal: Principal, visit_id: UUID) -> asyncpg.Record:
        """Note that the two are at the door; again changes nothing, whichever of them does it.

        Raises 404 when the caller sees no such visit, 403 when it is not theirs, 409 when it is called off or on
        another day.
        """
        policy = await self._in_force()
        async with transaction(self._pool) as conn:
            visit = await self._theirs(conn, principal, visit_id)
            if visit["checked_in_at"] is not None:
                return visit
            now = self._clock.now()
            _can_begin(visit, now)
            out_by = later(now, policy.visit_check_out_within)
            await conn.execute(visits.CHECK_IN, visit_id, now, principal.subject, out_by)
            return await _noted(conn, principal, visit, "visit.check_in", now)

    async def check_out(self, principal: Principal, visit_id: UUID) -> asyncpg.Record:
        """Note that both are out and well; again changes nothing. An alarm that is raised stays the coordinator's.

        Raises 404 and 403 as `check_in`, 409 when nobody has checked in.
        """
        async with transaction(self._pool) as conn:
            visit = await self._theirs(conn, principal, visit_id)
            if visit["checked_out_at"] is not None:
                return visit
            if visit["checked_in_at"] is None:
                raise Problem(409, "not-checked-in", "Nobody has checked in yet", reason="not-checked-in")
            now = self._clock.now()
            await conn.execute(visits.CHECK_OUT, visit_id, now, principal.subject)
            return await _noted(conn, principal, visit, "visit.check_out", now)

    async def _theirs(self, conn: Connection, principal: Principal, visit_id: UUID) -> asyncpg.Record:
        visit = await conn.fetchrow(visits.ONE_LOCKED, visit_id)
        if visit is None or not sees(principal, visit):
            raise not_found("visit")
        if principal.subject not in visit["staff"]:
            raise Problem(
                403, "not-your-visit", "You are not one of the two", "One of the pair checks in and out for both."
            )
        return visit


def sees(principal: Principal, visit: asyncpg.Record) -> bool:
    """Return whether a caller may see a visit: their own, or one of their districts.

    Once the youth's identity is protected, the two of the visit may still check out of it, and nobody else but
    special handlers sees it.
    """
    if principal.subject in visit["staff"]:
        return not visit["restricted"] or visit["checked_in_at"] is not None
    return scope_of(principal).sees(protected=visit["restricted"], district=visit["district"])


def _can_begin(visit: asyncpg.Record, now: datetime) -> None:
    if visit["state"] != "booked":
        raise Problem(
            409,
            "visit-not-booked",
            "The visit does not come about, or has been",
            "Read the day list again.",
            reason="visit-not-booked",
        )
    if visit["starts_at"].astimezone(STOCKHOLM).date() != now.date():
        raise Problem(409, "not-today", "The visit is on another day", reason="not-today")


async def _noted(
    conn: Connection, principal: Principal, visit: asyncpg.Record, action: str, at: datetime
) -> asyncpg.Record:
    await audit.record(
        conn,
        actor=principal.subject,
        role=acting_role(principal, protected=False),
        action=action,
        at=at,
        youth_id=visit["youth_id"],
        subject=str(visit["task_id"]),
    )
    row = await conn.fetchrow(visits.ONE, visit["task_id"])
    assert row is not None
    return row
