"""Breaches of the month (plan 4.2.2): noted once an episode, and told as an event.

Found by the intake each day, whether or not the youth's workflow lives; and by the start itself, when it comes
late before the intake has looked.
"""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from chassis import audit, outbox
from chassis.postgres import Connection
from contracts.outreach_activities import Progress
from contracts.start_deadline import StartDeadlineBreached
from services.outreach.db import intake
from services.outreach.domain.events import outgoing


async def note_breaches(conn: Connection, now: datetime) -> int:
    """Note all who have waited past their last day; return how many are new. In the caller's transaction."""
    rows = await conn.fetch(intake.BREACHES, now.date(), now)
    await _tell(conn, rows, now)
    return len(rows)


async def note_late_start(conn: Connection, late: Progress) -> None:
    """Note that a search began late, unless the intake has noted it before."""
    rows = await conn.fetch(intake.BREACH_OF, late.youth_id, late.episode_id, late.at)
    await _tell(conn, rows, late.at)


async def _tell(conn: Connection, rows: Sequence[asyncpg.Record], at: datetime) -> None:
    if not rows:
        return
    await audit.record_each(
        conn,
        actor="outreach",
        role="service",
        action="start.breached",
        at=at,
        about=[(row["youth_id"], str(row["episode_id"])) for row in rows],
    )
    await outbox.put_many(conn, [_event(row, at) for row in rows])


def _event(row: asyncpg.Record, at: datetime) -> outbox.OutgoingEvent:
    data = StartDeadlineBreached(
        youth_id=row["youth_id"],
        episode_id=row["episode_id"],
        district=row["district"],
        registered_on=row["registered_on"],
        due_on=row["start_by"],
    )
    return outgoing(data, at, data.episode_id)
