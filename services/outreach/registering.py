"""Keeping the staff register: who works, where, how much, and when somebody is away.

Whatever changes, the tasks follow in the same transaction: who leaves, or is away without cover, leaves
none behind that nobody can find.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg

from chassis import audit
from chassis.auth import Principal
from chassis.clock import CivilClock
from chassis.postgres import Connection, transaction
from chassis.preconditions import check_seen
from chassis.problems import Problem, not_found
from services.outreach.assigning import note, register_on, settle
from services.outreach.db import staff, work

MEMBER = ("task_group", "districts", "capacity", "active_from", "active_to")
ABSENCE = ("first_day", "last_day", "cover", "withdrawn")
ALL = 1_000_000  # tasks of one member: all of them


@dataclass(frozen=True, slots=True)
class Kept:
    """A row as it is now. ``new``: it was not there before."""

    row: asyncpg.Record
    new: bool


class StaffRegister:
    """Puts members and absences; the same again changes nothing."""

    def __init__(self, pool: asyncpg.Pool, clock: CivilClock) -> None:
        self._pool, self._clock = pool, clock

    async def put_member(
        self, principal: Principal, staff_id: str, values: Mapping[str, Any], seen: int | None
    ) -> Kept:
        """Register or change a member. ``values`` as of `MEMBER`. Raises 412 and 428 as `check_seen`.

        Tasks that the change takes from them (they leave, or have another group or districts) become
        others', or nobody's, at once; and what they had claimed is free if they are gone.
        """
        now = self._clock.now()
        async with transaction(self._pool) as conn:
            # Two who register the same member at once: the second sees what the first wrote.
            await conn.execute(staff.ONE_AFTER_ANOTHER, staff_id)
            row = await conn.fetchrow(staff.ONE_LOCKED, staff_id)
            if row is not None and _same(row, values, MEMBER):
                return Kept(row, new=False)
            check_seen(seen, None if row is None else row["version"])
            kept = await conn.fetchrow(
                staff.PUT, staff_id, *(values[name] for name in MEMBER), now, principal.subject
            )
            assert kept is not None
            await _audit(conn, principal, "staff.put", staff_id, now)
            if not _is_active(kept, now.date()):
                freed = await conn.fetch(work.FREE_OF, staff_id)
                if freed:
                    await note(conn, freed, now, event="released", actor=principal.subject, role=principal.role)
            await self._settle(conn, principal, now)
            return Kept(kept, new=row is None)

    async def put_absence(
        self, principal: Principal, staff_id: str, absence_id: UUID, values: Mapping[str, Any], seen: int | None
    ) -> Kept:
        """Record or change an absence. ``values`` as of `ABSENCE`.

        Raises 404 when the member is not registered, 409 when the cover could not see the tasks, 412 and
        428 as `check_seen`. Tasks that are due in it are given to others on its first day, unless a
        cover is there.
        """
        now = self._clock.now()
        async with transaction(self._pool) as conn:
            if await conn.fetchrow(staff.ONE_LOCKED, staff_id) is None:
                raise not_found("member of the staff")
            row = await conn.fetchrow(staff.ABSENCE_LOCKED, staff_id, absence_id)
            if row is not None and _same(row, values, ABSENCE):
                return Kept(row, new=False)
            check_seen(seen, None if row is None else row["version"])
            if values["cover"] is not None and not values["withdrawn"]:
                await _check_cover(conn, staff_id, values["cover"], now.date())
            kept = await conn.fetchrow(
                staff.PUT_ABSENCE,
                staff_id,
                absence_id,
                *(values[name] for name in ABSENCE),
                now,
                principal.subject,
            )
            assert kept is not None
            await _audit(conn, principal, "absence.put", staff_id, now)
            await self._settle(conn, principal, now)
            return Kept(kept, new=row is None)

    async def member(
        self, principal: Principal, staff_id: str
    ) -> tuple[asyncpg.Record, Sequence[asyncpg.Record], int]:
        """Return a member with their absences and how many open tasks they have. Raises 404."""
        async with transaction(self._pool) as conn:
            row = await conn.fetchrow(staff.ONE, staff_id)
            if row is None:
                raise not_found("member of the staff")
            loads = await conn.fetch(staff.LOADS, [staff_id])
            absences = await conn.fetch(staff.ABSENCES, staff_id)
            await _audit(conn, principal, "staff.read", staff_id, self._clock.now())
        return row, absences, loads[0]["open_tasks"] if loads else 0

    async def members(
        self, principal: Principal, after: str, limit: int
    ) -> tuple[Sequence[asyncpg.Record], dict[str, int]]:
        """Return members in the order of their ids, and how many open tasks each has."""
        async with transaction(self._pool) as conn:
            rows = await conn.fetch(staff.PAGE, after, limit)
            loads = await conn.fetch(staff.LOADS, [row["staff_id"] for row in rows])
            await _audit(conn, principal, "staff.list", None, self._clock.now())
        return rows, {row["assigned_to"]: row["open_tasks"] for row in loads}

    async def _settle(self, conn: Connection, principal: Principal, now: datetime) -> None:
        # Of everybody: who leaves may have covered others, whose tasks are without anybody now.
        await settle(conn, now, actor=principal.subject, role=principal.role, limit=ALL)


async def _check_cover(conn: Connection, staff_id: str, cover: str, today: date) -> None:
    register = await register_on(conn, today)
    there = register.get(cover)
    if there is None or not there.can_cover(register[staff_id]):
        raise Problem(
            409,
            "cover-cannot-see",
            "The cover could not take all of the tasks",
            "A cover is another member of the register, of the same group and with all of the districts.",
            reason="cover-cannot-see",
        )


async def _audit(conn: Connection, principal: Principal, action: str, staff_id: str | None, at: datetime) -> None:
    await audit.record(conn, actor=principal.subject, role=principal.role, action=action, at=at, subject=staff_id)


def _same(row: asyncpg.Record, values: Mapping[str, Any], names: Sequence[str]) -> bool:
    return all(row[name] == values[name] for name in names)


def _is_active(row: asyncpg.Record, day: date) -> bool:
    return bool(row["active_from"] <= day and (row["active_to"] is None or day <= row["active_to"]))
