"""The alarms of a visit: a pair does not check out in time, or nobody has checked in. Urgent tasks of their own,
each raised exactly once.

When the first is due stands in PostgreSQL (`visits.check_out_by`), and so no restart forgets it: whichever worker
sweeps next raises what came due meanwhile. The mark that it is raised, its task, history, audit and events are one
transaction. No workflow knows of it: it is about the staff, and no move of the youth takes it
back. It is completed as other tasks that no workflow has (`services.outreach.concerns`).
"""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

import asyncpg

from chassis.outbox import put_many
from chassis.postgres import Connection
from contracts.escalation import TaskEscalated
from contracts.events import TaskOpened
from contracts.ids import business_id
from contracts.tasks import Escalation, TaskGroup, TaskKind
from contracts.workdays import at_time
from services.outreach.assigning import AT_ONCE, SERVICE, note
from services.outreach.db import visits
from services.outreach.domain.events import outgoing


async def raise_due(conn: Connection, now: datetime, limit: int = AT_ONCE) -> int:
    """Raise the alarms of pairs that should have checked out, in the caller's transaction; return how many."""
    of = [row["task_id"] for row in await conn.fetch(visits.LATE, now, limit)]
    ids = [business_id("visit_alarm", visit_id) for visit_id in of]
    await conn.execute(visits.RAISE, now, of, ids)
    return await _open(conn, of, ids, now)


async def raise_missed(conn: Connection, now: datetime, within: timedelta, limit: int = AT_ONCE) -> int:
    """Raise the alarms of the day's visits that nobody has checked in to so long after their time.

    In the caller's transaction; return how many. Who comes late all the same checks in, and then out.
    """
    by, midnight = now.astimezone(UTC) - within, at_time(now.date(), time(0))
    of = [row["task_id"] for row in await conn.fetch(visits.MISSED, by, midnight, limit)]
    ids = [business_id("visit_missed", visit_id) for visit_id in of]
    await conn.execute(visits.MARK_MISSED, now, of, ids)
    return await _open(conn, of, ids, now)


async def _open(conn: Connection, of: Sequence[UUID], ids: Sequence[UUID], now: datetime) -> int:
    """Open the alarms' tasks, by those of the visits, and tell of them."""
    if not of:
        return 0
    alarms = await conn.fetch(visits.OPEN_ALARM, ids, of, now.date(), now)
    for event in ("opened", "escalated"):
        await note(conn, alarms, now, event=event, actor=SERVICE, role="service")
    for alarm in alarms:
        await _tell(conn, alarm, now)
    return len(alarms)


async def _tell(conn: Connection, alarm: asyncpg.Record, now: datetime) -> None:
    common = {name: alarm[name] for name in ("youth_id", "episode_id", "task_id", "district", "due_on")}
    opened = TaskOpened(
        **common, kind=TaskKind.VISIT_ALARM, group=TaskGroup(alarm["task_group"]), attempt=alarm["attempt"]
    )
    escalated = TaskEscalated(**common, kind=TaskKind.VISIT_ALARM, reason=Escalation.ALARM, escalated_at=now)
    await put_many(
        conn,
        [
            outgoing(opened, now, opened.task_id),
            outgoing(escalated, now, escalated.task_id, escalated.reason),
        ],
    )
