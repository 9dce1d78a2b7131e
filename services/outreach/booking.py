"""Booking home visits in the calendars of the two staff: held when one is decided on, booked when it is recorded.

The time is held in the transaction in which the decision is written down, so that a pair is promised to one youth
only, also while the workflow is asked. What is held lasts as long as the task of planning: the workflow books it
or refuses it, and whatever ends that task gives it back.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from chassis.clock import STOCKHOLM
from chassis.postgres import Connection
from chassis.problems import Problem
from contracts.outreach_activities import Progress
from contracts.policy import OutreachPolicy
from contracts.tasks import HomeVisitResult, PlanHomeVisitOutcome, TaskKind, TaskSpec, TaskState
from services.outreach.assigning import register_on
from services.outreach.db import visits
from services.outreach.domain.events import TaskRow
from services.outreach.domain.free_slots import later
from services.outreach.domain.visit_staff import why_not_there

# How long a visit is that nobody held time for: one that was decided on otherwise than through our API.
UNHELD = timedelta(hours=1)


def not_free(why: Mapping[str, str]) -> Problem:
    """Return the refusal of a visit. ``why``: per staff id `away`, `not_in_register` or `at_another_visit`."""
    return Problem(
        409,
        "staff-not-free",
        "Not both can make the visit at that time",
        "Choose another time or other staff; GET /visits/free-slots proposes some.",
        reason="staff-not-free",
        staff=[{"staff_id": staff_id, "why": reason} for staff_id, reason in sorted(why.items())],
    )


async def hold(
    conn: Connection, youth_id: UUID, key: str, plan: PlanHomeVisitOutcome, policy: OutreachPolicy
) -> None:
    """Hold the time of a visit for a decision, in the caller's transaction. Raises a 409 Problem `not_free`."""
    start = plan.visit_at.astimezone(STOCKHOLM)
    end = later(start, policy.visit_length)
    await conn.execute(visits.ONE_AFTER_ANOTHER, list(plan.staff))
    why = why_not_there(await register_on(conn, start.date()), plan.staff, start.date())
    for row in await conn.fetch(visits.TAKEN, list(plan.staff), start, end, youth_id):
        why.setdefault(row["staff_id"], "at_another_visit")
    if why:
        raise not_free(why)
    await conn.execute(visits.HOLD, list(plan.staff), start, end, youth_id, key)


async def release(conn: Connection, youth_id: UUID, key: str) -> None:
    """Give back what was held for a decision that is refused."""
    await conn.execute(visits.RELEASE, youth_id, key)


async def follow(
    conn: Connection, transition: Progress, closed: Sequence[TaskRow], opened: Sequence[TaskRow]
) -> None:
    """Let visits and calendars follow a transition, in its transaction."""
    over = {task.task_id: _became(task) for task in closed if task.kind is TaskKind.HOME_VISIT}
    if over:
        await conn.execute(visits.FOLLOW, list(over), list(over.values()))
    waiting = {task.task_id for task in opened if task.kind is TaskKind.HOME_VISIT and task.closed_at is None}
    for spec in transition.opened:
        if spec.task_id in waiting and spec.not_before is not None:
            await _book(conn, transition, spec, spec.not_before)
    if transition.ended or any(task.kind is TaskKind.PLAN_HOME_VISIT for task in closed):
        await conn.execute(visits.RELEASE_ALL, transition.youth_id)


async def _book(conn: Connection, transition: Progress, spec: TaskSpec, start: datetime) -> None:
    """Book a visit: in the time that was held for it, else in whatever of it is free.

    A visit that not both can make is booked all the same, for the youth's card is on its way; it is called off
    by `services.outreach.calling_off`.
    """
    youth_id, staff = transition.youth_id, list(spec.staff[:2])
    key = transition.decision_key
    held_until: datetime | None = await conn.fetchval(visits.HELD_UNTIL, youth_id, key, start)
    end = held_until or later(start, UNHELD)
    if not await conn.fetchval(visits.BOOK, spec.task_id, youth_id, transition.episode_id, staff, start, end):
        return
    if held_until:
        await conn.execute(visits.TAKE_HELD, spec.task_id, youth_id, key, staff, start)
    else:
        await conn.execute(visits.ONE_AFTER_ANOTHER, staff)
        await conn.execute(visits.TAKE_FREE, spec.task_id, staff, start, end, youth_id)


def _became(task: TaskRow) -> str:
    if task.state is TaskState.CANCELLED:
        return "cancelled"
    return "called_off" if task.result == HomeVisitResult.CALLED_OFF else "done"
