"""The alarm when a pair does not check out of a visit in time: an urgent task of its own, raised exactly once.

When it is due stands in PostgreSQL (`visits.check_out_by`), and so no restart forgets it: whichever worker sweeps
next raises what came due meanwhile. The mark that it is raised, its task, history, audit and events are one
transaction. No workflow knows of it: it is about the staff, and no move of the youth takes it
back. It is completed as other tasks that no workflow has (`services.outreach.concerns`).
"""

from datetime import datetime

import asyncpg

from chassis.outbox import put_many
from chassis.postgres import Connection
from contracts.escalation import TaskEscalated
from contracts.events import TaskOpened
from contracts.ids import business_id
from contracts.tasks import Escalation, TaskGroup, TaskKind
from services.outreach.assigning import AT_ONCE, SERVICE, note
from services.outreach.db import visits
from services.outreach.domain.events import outgoing


async def raise_due(conn: Connection, now: datetime, limit: int = AT_ONCE) -> int:
    """Raise the alarms that are due, in the caller's transaction; return how many."""
    rows = await conn.fetch(visits.LATE, now, limit)
    if not rows:
        return 0
    of = [row["task_id"] for row in rows]
    ids = [business_id("visit_alarm", visit_id) for visit_id in of]
    await conn.execute(visits.RAISE, now, of, ids)
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
