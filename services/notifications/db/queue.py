"""Statements of the sending: queue, lease, begin, settle. Real time where work is leased."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import asyncpg

from chassis.postgres import Connection
from contracts.messages import CHANNEL_OF, Channel, MessageKind, MessageSpec
from services.notifications.domain.codes import new_code

INSERT = """
insert into message (message_id, youth_id, episode_id, kind, channel, state, visit_at, code, queued_at)
select m.message_id, $1, $2, m.kind, m.channel, 'queued', m.visit_at, m.code, $3
from unnest($4::uuid[], $5::text[], $6::text[], $7::timestamptz[], $8::text[])
     as m (message_id, kind, channel, visit_at, code)
on conflict (message_id) do nothing
returning message_id, youth_id, episode_id, kind, channel
"""

STATES = """
select message_id, state, skip_reason from message where message_id = any($1::uuid[])
"""

# SKIP LOCKED: several dispatchers take different rows. A lease that ran out is taken over; the new
# holder sees begun_at and asks the provider before it sends.
LEASE = """
with due as (
    select message_id from message
    where state = 'queued' and due_at <= now() and (leased_until is null or leased_until < now())
      and channel = any($1::text[])
    order by due_at, message_id
    limit $2
    for update skip locked
)
update message m
set lease = $3, leased_until = now() + $4::interval, attempts = attempts + 1
from due
where m.message_id = due.message_id
returning m.message_id, m.youth_id, m.episode_id, m.kind, m.channel, m.visit_at, m.code, m.attempts,
          m.begun_at, m.begun_on
"""

# Only what we still hold and nobody recalled: what comes back may be sent, the rest may not.
BEGIN = """
update message set begun_at = now(), begun_on = $3, leased_until = now() + $4::interval
where lease = $1 and state = 'queued' and message_id = any($2::uuid[])
returning message_id
"""

RENEW = """
update message set leased_until = now() + $2::interval where lease = $1 and state = 'queued'
"""

KEEP_DOCUMENT = """
insert into document (message_id, media_type, content, phone, made_at)
select * from unnest($1::uuid[], $2::text[], $3::bytea[], $4::text[], $5::timestamptz[])
on conflict (message_id) do update
set media_type = excluded.media_type, content = excluded.content, phone = excluded.phone,
    made_at = excluded.made_at
"""

DOCUMENTS = """
select message_id, media_type, content, phone from document where message_id = any($1::uuid[])
"""

SENT = """
update message
set state = 'sent', sent_at = $2, provider = $3, reference = s.reference, handed_over_at = now(),
    lease = null, leased_until = null
from unnest($1::uuid[], $4::text[]) as s (message_id, reference)
where message.message_id = s.message_id and state = 'queued'
returning message.message_id, youth_id, episode_id, kind, channel
"""

# A receipt was quicker than our own note: the state is past 'queued', only the reference is missing.
LATE_REFERENCE = """
update message set provider = $2, reference = s.reference, lease = null, leased_until = null
from unnest($1::uuid[], $3::text[]) as s (message_id, reference)
where message.message_id = s.message_id and state in ('sent', 'delivered', 'failed') and message.reference is null
"""

FAILED = """
update message
set state = 'failed', failure_code = f.code, ended_at = $2, lease = null, leased_until = null
from unnest($1::uuid[], $3::text[]) as f (message_id, code)
where message.message_id = f.message_id and state = 'queued'
returning message.message_id, youth_id, episode_id, kind, channel, failure_code
"""

SKIPPED = """
update message
set state = 'skipped', skip_reason = s.reason, ended_at = $2, begun_at = null, lease = null, leased_until = null
from unnest($1::uuid[], $3::text[]) as s (message_id, reason)
where message.message_id = s.message_id and state = 'queued'
returning message.message_id, youth_id, episode_id, kind, channel, skip_reason
"""

AGAIN = """
update message
set due_at = now() + $3::interval, lease = null, leased_until = null,
    begun_at = case when $4 then begun_at end, attempts = attempts - case when $5 then 0 else 1 end
where lease = $1 and state = 'queued' and message_id = any($2::uuid[])
"""


@dataclass(frozen=True, slots=True)
class Leased:
    """A message that this dispatcher holds. ``begun_at`` set: an earlier send may or may not have worked."""

    message_id: UUID
    youth_id: UUID
    episode_id: UUID
    kind: MessageKind
    channel: Channel
    visit_at: datetime | None
    code: str
    attempts: int
    begun_at: datetime | None
    begun_on: date | None


@dataclass(frozen=True, slots=True)
class Document:
    message_id: UUID
    media_type: str
    content: bytes
    phone: str | None = None


async def insert(
    conn: Connection, youth_id: UUID, episode_id: UUID, specs: Sequence[MessageSpec], now: datetime
) -> list[asyncpg.Record]:
    """Queue messages; return those that were not there before."""
    rows: list[asyncpg.Record] = await conn.fetch(
        INSERT,
        youth_id,
        episode_id,
        now,
        [spec.message_id for spec in specs],
        [spec.kind.value for spec in specs],
        [CHANNEL_OF[spec.kind].value for spec in specs],
        [spec.visit_at for spec in specs],
        [new_code() for _ in specs],
    )
    return rows


async def states(conn: Connection, message_ids: Sequence[UUID]) -> dict[UUID, asyncpg.Record]:
    return {row["message_id"]: row for row in await conn.fetch(STATES, message_ids)}


async def lease(
    conn: Connection, lease_id: UUID, channels: Sequence[Channel], *, limit: int, seconds: float
) -> list[Leased]:
    """Take due messages, oldest first, for some seconds (real time)."""
    rows = await conn.fetch(
        LEASE, [str(channel) for channel in channels], limit, lease_id, timedelta(seconds=seconds)
    )
    return [
        Leased(
            message_id=row["message_id"],
            youth_id=row["youth_id"],
            episode_id=row["episode_id"],
            kind=MessageKind(row["kind"]),
            channel=Channel(row["channel"]),
            visit_at=row["visit_at"],
            code=row["code"],
            attempts=row["attempts"],
            begun_at=row["begun_at"],
            begun_on=row["begun_on"],
        )
        for row in rows
    ]


async def begin(
    conn: Connection, lease_id: UUID, message_ids: Sequence[UUID], today: date, *, seconds: float
) -> set[UUID]:
    """Note that sending begins; return which may be sent. ``today`` is civil, the lease is renewed."""
    rows = await conn.fetch(BEGIN, lease_id, message_ids, today, timedelta(seconds=seconds))
    return {row["message_id"] for row in rows}


async def renew(conn: Connection, lease_id: UUID, *, seconds: float) -> None:
    """Hold what is leased for some more seconds (real time)."""
    await conn.execute(RENEW, lease_id, timedelta(seconds=seconds))


async def keep_documents(conn: Connection, documents: Sequence[Document], now: datetime) -> None:
    """Keep what will stand on the messages; replaces what an attempt that failed would have sent."""
    await conn.execute(
        KEEP_DOCUMENT,
        [document.message_id for document in documents],
        [document.media_type for document in documents],
        [document.content for document in documents],
        [document.phone for document in documents],
        [now] * len(documents),
    )


async def documents(conn: Connection, message_ids: Sequence[UUID]) -> dict[UUID, Document]:
    rows = await conn.fetch(DOCUMENTS, message_ids)
    return {
        row["message_id"]: Document(row["message_id"], row["media_type"], row["content"], row["phone"])
        for row in rows
    }


async def again(
    conn: Connection,
    lease_id: UUID,
    message_ids: Sequence[UUID],
    after: timedelta,
    *,
    keep_begun: bool,
    counts: bool,
) -> None:
    """Give messages back, due after a real duration.

    ``keep_begun``: what is unclear stays unclear, and is asked about first. ``counts``: this was a try.
    """
    await conn.execute(AGAIN, lease_id, message_ids, after, keep_begun, counts)
