"""What went out although the duty had ended, being on its way when the end was told: each is reported.

Seen from both sides: a message whose sending is noted after the end is known, and an end that is known after a
message was sent later than it. Told once each: the event's id is the message's.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from prometheus_client import Counter

from chassis.postgres import Connection
from contracts.events import CoverageEnded, MessageSentAfterEnd
from services.notifications import transitions

too_late = Counter("messages_sent_after_end_total", "Messages that went out after the duty had ended", ["kind"])

ENDED = """
insert into ended_episode (episode_id, youth_id, ended_at) values ($1, $2, $3) on conflict (episode_id) do nothing
"""
SENT_AFTER_END = """
select m.message_id, m.youth_id, m.episode_id, m.kind, m.channel, m.sent_at
from message m join ended_episode e using (episode_id)
where {which} = any($1::uuid[]) and m.sent_at > e.ended_at
"""
OF_EPISODE = SENT_AFTER_END.format(which="m.episode_id")
OF_MESSAGES = SENT_AFTER_END.format(which="m.message_id")


async def note_end(conn: Connection, ended: CoverageEnded, at: datetime) -> None:
    """Keep that an episode has ended, and report what has been sent since. ``at``: the event's civil time."""
    await conn.execute(ENDED, ended.episode_id, ended.youth_id, at)
    await _report(conn, OF_EPISODE, [ended.episode_id])


async def report_late(conn: Connection, message_ids: Collection[UUID]) -> None:
    """Report those of messages just noted as sent that were sent after the end."""
    await _report(conn, OF_MESSAGES, message_ids)


async def _report(conn: Connection, statement: str, ids: Collection[UUID]) -> None:
    rows = await conn.fetch(statement, list(ids))
    for sent_at in {row["sent_at"] for row in rows}:
        same = [row for row in rows if row["sent_at"] == sent_at]
        await transitions.tell(conn, MessageSentAfterEnd, same, sent_at)
    for row in rows:
        too_late.labels(row["kind"]).inc()
