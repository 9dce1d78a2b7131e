"""Giving one task to one of the staff: to a colleague, or to oneself."""

from datetime import date
from uuid import UUID

import asyncpg

from chassis.auth import Principal
from chassis.clock import CivilClock
from chassis.postgres import transaction
from chassis.problems import Problem
from contracts.tasks import OPEN_STATES
from services.outreach.assigning import give, group_of, register_on
from services.outreach.claims import closed, locked
from services.outreach.db import tasks
from services.outreach.domain.access import acting_role
from services.outreach.domain.staffing import Member, Register, uncovered


def receiver_of(register: Register, staff_id: str, day: date) -> Member:
    """Return a member who is to be given tasks. Raises 409 when the tasks would come back from them at once."""
    receiver = register.get(staff_id)
    if receiver is None or not receiver.is_active(day) or staff_id in uncovered(register, day):
        raise Problem(
            409,
            "staff-not-there",
            "The receiver is not there",
            "Not in the staff register, not active today, or away without cover: it would come back at once.",
            reason="staff-not-there",
        )
    return receiver


class HandingOver:
    """Changes whose one task is, for those who see it."""

    def __init__(self, pool: asyncpg.Pool, clock: CivilClock) -> None:
        self._pool, self._clock = pool, clock

    async def give(self, principal: Principal, task_id: UUID, to: str) -> asyncpg.Record:
        """Give a task to a member of the staff, whatever their load; again changes nothing.

        Who has claimed it finishes it. Raises 404 when the caller sees no such task, 409 when it is closed, or
        when the receiver is not there or of another group or district.
        """
        now = self._clock.now()
        async with transaction(self._pool) as conn:
            task = await locked(conn, principal, task_id)
            if task["state"] not in OPEN_STATES:
                raise closed()
            if task["assigned_to"] == to:
                return task
            receiver = receiver_of(await register_on(conn, now.date()), to, now.date())
            if not receiver.may_take(group_of(task), task["district"]):
                raise Problem(
                    409,
                    "not-of-their-district",
                    "The receiver cannot have the task",
                    "They work in another group or in other districts than the task is of.",
                    reason="not-of-their-district",
                )
            role = acting_role(principal, protected=task["restricted"])
            await give(conn, [task], {task_id: to}, now, actor=principal.subject, role=role)
            row = await conn.fetchrow(tasks.ONE, task_id)
            assert row is not None
            return row
