"""Use case: a youth answers, on the page or by SMS. One event per message and channel, however often."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from chassis import audit, outbox
from chassis.postgres import Connection
from contracts.events import YouthAnswered
from contracts.ids import business_id
from contracts.messages import AnswerChannel
from services.notifications.domain.codes import codes_in
from services.notifications.domain.open_codes import is_open
from services.notifications.domain.replies import Choice, read_reply

log = structlog.get_logger(__name__)

BY_CODE = """
select m.message_id, m.youth_id, m.episode_id, m.queued_at, e.ended_at is not null as ended, a.answered_at
from message m
left join ended_episode e using (episode_id)
left join answer a on a.message_id = m.message_id and a.channel = 'answer_page'
where m.code = $1
"""
INSERT = """
insert into answer (answer_id, message_id, channel, choice, phone, answered_at)
values ($1, $2, $3, $4, $5, $6)
on conflict do nothing
returning answer_id
"""
BY_CODES = """
select message_id, youth_id, episode_id from message
where code = any($1::text[]) order by queued_at desc, message_id desc limit 1
"""
# The latest of our SMS to that number, by when it was made: the one the youth sees last.
LATEST_TO = """
select m.message_id, m.youth_id, m.episode_id
from document d join message m using (message_id)
where d.phone = $1 and m.state in ('queued', 'sent', 'delivered', 'failed')
order by d.made_at desc, m.message_id desc
limit 1
"""
KEEP_SMS = """
insert into inbound_sms (provider_id, sender, body, message_id, received_at)
values ($1, $2, $3, $4, $5)
on conflict (provider_id) do nothing
returning true
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """The message that a code stands on, and when it was answered on the page, if it was."""

    message_id: UUID
    youth_id: UUID
    episode_id: UUID
    answered_at: datetime | None


async def find(conn: Connection, code: str | None, now: datetime, days: int) -> Asked | None:
    """Return the message of an answer code (as `domain.codes.read_code` gives it) while it can be answered.

    What cannot be a code (None) is looked up too: every code that is not taken costs the same.
    """
    row = await conn.fetchrow(BY_CODE, code or "")
    if row is None or not is_open(row["queued_at"], row["ended"], row["answered_at"], now, days):
        return None
    return Asked(row["message_id"], row["youth_id"], row["episode_id"], row["answered_at"])


async def answer_on_page(
    conn: Connection, asked: Asked, choice: Choice, phone: str | None, now: datetime
) -> datetime:
    """Record an answer in the caller's transaction; return when it was first given. The first one stands."""
    return await _record(
        conn, asked.message_id, asked.youth_id, asked.episode_id, AnswerChannel.ANSWER_PAGE, choice, phone, now
    )


async def receive_sms(conn: Connection, provider_id: str, sender: str, body: str, now: datetime) -> bool:
    """Keep an SMS that came and, if we know whose it is, take it as an answer.

    A code in it says (a letter asks for it: not every youth's number is in the register); else our latest
    SMS to that number does. Returns whether it was matched. ``provider_id`` makes a repeated webhook harmless.
    """
    codes = codes_in(body)
    row = await conn.fetchrow(BY_CODES, codes) if codes else None
    row = row or await conn.fetchrow(LATEST_TO, sender)
    message_id = row["message_id"] if row else None
    if not await conn.fetchval(KEEP_SMS, provider_id, sender, body, message_id, now):
        return row is not None
    if row is None:
        log.warning("sms_from_unknown_number")
        return False
    await _record(
        conn, row["message_id"], row["youth_id"], row["episode_id"], AnswerChannel.SMS, read_reply(body), None, now
    )
    return True


async def _record(
    conn: Connection,
    message_id: UUID,
    youth_id: UUID,
    episode_id: UUID,
    channel: AnswerChannel,
    choice: Choice,
    phone: str | None,
    now: datetime,
) -> datetime:
    answer_id = business_id("answer", message_id, channel.value)
    if not await conn.fetchval(INSERT, answer_id, message_id, channel.value, choice.value, phone, now):
        first: datetime = await conn.fetchval("select answered_at from answer where answer_id = $1", answer_id)
        return first
    await audit.record(
        conn,
        actor="youth",
        role="youth",
        action="message.answer",
        at=now,
        youth_id=youth_id,
        subject=str(message_id),
    )
    data = YouthAnswered(
        youth_id=youth_id, episode_id=episode_id, channel=channel, message_id=message_id, answered_at=now
    )
    await outbox.put(
        conn,
        topic=YouthAnswered.topic,
        key=youth_id,
        type=YouthAnswered.type,
        data=data,
        time=now,
        event_id=answer_id,
    )
    return now
