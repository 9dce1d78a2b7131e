"""Giving tasks to staff: when they are opened, when their owner is not there any more, and when room comes.

What is decided is in `domain.assignment` and `domain.staffing`; here it is read, and written down with its
history and audit in the caller's transaction. A task is opened without a lock on who gets it: should they
leave in the same instant, the lists show the task as nobody's at once and the next sweep gives it away.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

import asyncpg

from chassis import audit
from chassis.clock import STOCKHOLM
from chassis.postgres import Connection
from contracts.outreach_activities import Progress
from contracts.tasks import TaskGroup
from services.outreach.db import staff, work
from services.outreach.domain.assignment import Work, assign, room
from services.outreach.domain.staffing import Absence, Member, Register, active, gone, uncovered

SERVICE = "outreach"  # who acts when nobody asked for it
AT_ONCE = 500  # tasks in one statement of a sweep


def member_of(row: asyncpg.Record) -> Member:
    """Return a member of the register from its row."""
    return Member(
        staff_id=row["staff_id"],
        group=TaskGroup(row["task_group"]),
        districts=frozenset(row["districts"]),
        capacity=row["capacity"],
        active_from=row["active_from"],
        active_to=row["active_to"],
        absences=tuple(
            Absence(
                first_day=date.fromisoformat(one["first_day"]),
                last_day=None if one["last_day"] is None else date.fromisoformat(one["last_day"]),
                cover=one["cover"],
            )
            for one in row["away"]
        ),
        load=row["load"],
    )


async def register_on(conn: Connection | asyncpg.Pool, day: date) -> Register:
    """Return the whole register, with absences that are not over on a day, and loads."""
    return {row["staff_id"]: member_of(row) for row in await conn.fetch(staff.MEMBERS, day)}


async def owners(
    conn: Connection, transition: Progress, district: str | None, *, protected: bool
) -> list[str | None]:
    """Return whose the tasks become that a transition opens, in its order."""
    today = transition.at.astimezone(STOCKHOLM).date()
    keeper = await conn.fetchval(work.KEEPER, transition.youth_id)
    found: list[str | None] = []
    for spec in transition.opened:  # one, as a rule
        group = TaskGroup.SPECIAL_HANDLERS if protected else spec.group
        able = [member_of(row) for row in await conn.fetch(staff.ABLE, today, group, district)]
        one = Work(
            task_id=spec.task_id,
            group=group,
            district=None if group is TaskGroup.SPECIAL_HANDLERS else district,
            day=_day(spec.not_before, today),
            keepers=(*spec.staff, keeper) if keeper else spec.staff,
        )
        found.append(assign([one], able)[spec.task_id])
    return found


def group_of(row: asyncpg.Record) -> TaskGroup:
    """Return whose work a task is: of a youth with protected identity, always the special handlers'."""
    return TaskGroup.SPECIAL_HANDLERS if row["restricted"] else TaskGroup(row["task_group"])


def work_of(row: asyncpg.Record, today: date, *, besides: str | None = None) -> Work:
    """Return what a row of `db.work` needs. ``besides``: who is not to go on with it."""
    keepers = (*row["staff"], row["keeper"])
    return Work(
        task_id=row["task_id"],
        group=group_of(row),
        district=row["district"],
        day=_day(row["not_before"], today),
        keepers=tuple(one for one in keepers if one is not None and one != besides),
    )


async def settle(conn: Connection, at: datetime, *, actor: str, role: str, limit: int = AT_ONCE) -> int:
    """Take tasks from owners who do not keep them, and give them to others or to nobody; return how many.

    An owner keeps a task while they are of the staff, of its group and
    district, and not away over its due date without cover.
    """
    today = at.date()
    register = await register_on(conn, today)
    away = uncovered(register, today)
    rows = await conn.fetch(work.STRAYED, list(gone(register, today)), list(away), list(away.values()), limit)
    if rows:
        # Nobody gets back what was just taken from them: who is away is not present, who has left not active.
        given = assign([work_of(row, today) for row in rows], active(register, today))
        await give(conn, rows, given, at, actor=actor, role=role)
    return len(rows)


async def hand_out(conn: Connection, at: datetime, limit: int = AT_ONCE) -> int:
    """Give waiting tasks to those who have room, the earliest due first; return how many were given."""
    members = active(await register_on(conn, at.date()), at.date())
    done = 0
    for group in TaskGroup:
        free = room(group, at.date(), members)
        if not free.tasks:
            continue
        restricted = group is TaskGroup.SPECIAL_HANDLERS
        rows = await conn.fetch(
            work.WAITING, at, restricted, free.anywhere or restricted, list(free.districts), limit
        )
        given = assign([work_of(row, at.date()) for row in rows], members)
        taken = {task_id: staff_id for task_id, staff_id in given.items() if staff_id is not None}
        await give(
            conn, [row for row in rows if row["task_id"] in taken], taken, at, actor=SERVICE, role="service"
        )
        done += len(taken)
    return done


async def give(
    conn: Connection,
    rows: Sequence[asyncpg.Record],
    chosen: Mapping[UUID, str | None],
    at: datetime,
    *,
    actor: str,
    role: str,
) -> None:
    """Write whose each of these locked tasks becomes (None: nobody's), with history and audit."""
    if not rows:
        return
    ids = [row["task_id"] for row in rows]
    await conn.execute(work.GIVE, ids, [chosen[task_id] for task_id in ids], at)
    for event in ("assigned", "unassigned"):
        part = [row for row in rows if (chosen[row["task_id"]] is not None) == (event == "assigned")]
        if part:
            await note(conn, part, at, event=event, actor=actor, role=role, chosen=chosen)


async def note(
    conn: Connection,
    rows: Sequence[asyncpg.Record],
    at: datetime,
    *,
    event: str,
    actor: str,
    role: str,
    chosen: Mapping[UUID, str | None] | None = None,
) -> None:
    """Write a history row and an audit row for each task that something happened to."""
    ids = [row["task_id"] for row in rows]
    owner = [None if chosen is None else chosen[task_id] for task_id in ids]
    await conn.execute(work.ADD_HISTORY, ids, at, event, actor, owner)
    await audit.record_each(
        conn,
        actor=actor,
        role=role,
        action=f"task.{event}",
        at=at,
        about=[(row["youth_id"], str(row["task_id"])) for row in rows],
    )


def _day(not_before: datetime | None, today: date) -> date:
    return today if not_before is None else max(today, not_before.astimezone(STOCKHOLM).date())
