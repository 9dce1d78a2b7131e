"""Handing many tasks over at once: first told how many, then done once per idempotency key."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg
from pydantic import BaseModel, ConfigDict, Field

from chassis.auth import Principal
from chassis.clock import CivilClock
from chassis.postgres import Connection, transaction
from chassis.problems import Problem
from contracts.tasks import TaskKind
from services.outreach.assigning import give, register_on, work_of
from services.outreach.db import work
from services.outreach.db.tasks import Where, add_visibility
from services.outreach.domain.access import scope_of
from services.outreach.domain.assignment import Work, assign
from services.outreach.domain.staffing import Member, active
from services.outreach.handing_over import receiver_of

AT_MOST = 5000

ASK = """
insert into reassignments (decision_key, actor, request, asked_at) values ($1, $2, $3, $4)
on conflict (decision_key) do nothing returning true
"""
FIND = "select actor, request, answer from reassignments where decision_key = $1"
ANSWER = "update reassignments set answer = $2 where decision_key = $1"


class Reassign(BaseModel):
    """Which open tasks, and to whom (None: by load)."""

    model_config = ConfigDict(frozen=True)

    assigned_to: str | None = None
    unassigned: bool = False
    district: str | None = None
    kind: tuple[TaskKind, ...] = ()
    due_before: date | None = None
    to: str | None = None


class Reassigned(BaseModel):
    """What became of a hand-over, or what would."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "dry_run": True, "found": 31, "moved": 29, "left": 2, "more": False,
                "to": {"s-1007": 15, "s-1013": 14},
            }
        }
    )  # fmt: skip

    dry_run: bool
    found: int = Field(description="Tasks that the conditions name and the caller may see")
    moved: int = Field(description="Tasks that get another owner")
    left: int = Field(description="Tasks that stay: nobody may have them or has room, or they are the receiver's")
    to: dict[str, int] = Field(description="How many to whom, by staff id")
    more: bool = Field(description="There are more than can be moved at once")


class Reassigning:
    """Re-assignments in bulk, of what the caller may see."""

    def __init__(self, pool: asyncpg.Pool, clock: CivilClock) -> None:
        self._pool, self._clock = pool, clock

    async def preview(self, principal: Principal, request: Reassign) -> Reassigned:
        """Tell what `carry_out` would do now. Raises 409 when the receiver is not there."""
        async with transaction(self._pool) as conn:
            _, _, told = await self._plan(conn, principal, request, self._clock.now(), dry_run=True)
            return told

    async def carry_out(self, principal: Principal, request: Reassign, key: str) -> Reassigned:
        """Hand the tasks over, once per key; a repeat gets the first answer.

        Raises 409 when the receiver is not there, 422 when the key was used for another request.
        """
        now, asked = self._clock.now(), request.model_dump(mode="json")
        async with transaction(self._pool) as conn:
            if not await conn.fetchval(ASK, key, principal.subject, asked, now):
                return _answered(await conn.fetchrow(FIND, key), principal, asked)
            rows, moves, told = await self._plan(conn, principal, request, now, dry_run=False)
            moving = [row for row in rows if row["task_id"] in moves]
            await give(conn, moving, moves, now, actor=principal.subject, role=principal.role)
            await conn.execute(ANSWER, key, told.model_dump(mode="json"))
            return told

    async def _plan(
        self, conn: Connection, principal: Principal, request: Reassign, now: datetime, *, dry_run: bool
    ) -> tuple[Sequence[asyncpg.Record], dict[UUID, str | None], Reassigned]:
        where = Where()
        add_visibility(where, scope_of(principal))
        _add(where, request, now)
        rows = await conn.fetch(work.chosen(where.sql(), AT_MOST + 1, lock=not dry_run), *where.arguments)
        more, rows = len(rows) > AT_MOST, rows[:AT_MOST]
        register = await register_on(conn, now.date())
        staff = active(register, now.date())
        works = [work_of(row, now.date(), besides=request.assigned_to) for row in rows]
        if request.to is not None:
            given = _to_one(works, receiver_of(register, request.to, now.date()))
        else:
            given = assign(works, [one for one in staff if one.staff_id != request.assigned_to])
        owner = {row["task_id"]: row["assigned_to"] for row in rows}
        moves: dict[UUID, str | None] = {
            task_id: staff_id for task_id, staff_id in given.items() if staff_id not in (None, owner[task_id])
        }
        told = Reassigned(
            dry_run=dry_run,
            found=len(rows),
            moved=len(moves),
            left=len(rows) - len(moves),
            to=_counted(moves),
            more=more,
        )
        return rows, moves, told


def _add(where: Where, request: Reassign, now: datetime) -> None:
    if request.assigned_to is not None:
        where.add("t.assigned_to = ?", request.assigned_to)
    if request.unassigned:
        where.add("t.assigned_to is null and (t.state = 'open' or t.claimed_until <= ?)", now)
    if request.district is not None:
        where.add("t.district = ?", request.district)
    if request.kind:
        where.add("t.kind = any(?)", list(request.kind))
    if request.due_before is not None:
        where.add("t.due_on < ?", request.due_before)


def _to_one(works: Sequence[Work], receiver: Member) -> dict[UUID, str | None]:
    """To somebody by name: their load is the coordinator's to judge, their group and districts are not."""
    return {
        one.task_id: receiver.staff_id if receiver.may_take(one.group, one.district) else None for one in works
    }


def _counted(moves: Mapping[UUID, str | None]) -> dict[str, int]:
    receivers = [staff_id for staff_id in moves.values() if staff_id is not None]
    return {staff_id: receivers.count(staff_id) for staff_id in sorted(set(receivers))}


def _answered(row: asyncpg.Record | None, principal: Principal, asked: Mapping[str, Any]) -> Reassigned:
    if row is None or (row["actor"], row["request"]) != (principal.subject, asked):
        raise Problem(
            422,
            "idempotency-key-reused",
            "This Idempotency-Key was used for another request",
            "Use a new key for each decision; the same key only to repeat the same request.",
        )
    return Reassigned.model_validate(row["answer"])
