"""Statements of the API: what staff may read of messages.

Visible is what the youth's own row (from the registry's events) allows: never of a protected youth,
and for a local coordinator only of their own districts. A youth whom we have no event of yet is
nobody's: closed until we know.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from chassis.postgres import Connection

COLUMNS = """
m.message_id, m.youth_id, m.episode_id, m.kind, m.channel, m.state, m.visit_at, m.queued_at, m.sent_at,
m.delivered_at, m.ended_at, m.skip_reason, m.failure_code, m.attempts, m.provider
"""

LIST = f"""
select {COLUMNS}
from message m join youth y using (youth_id)
where not y.protected and ($1::text[] is null or y.district = any($1))
  and ($2::uuid is null or m.youth_id = $2) and ($3::text is null or m.kind = $3)
  and ($4::text is null or m.state = $4) and ($5::text is null or m.channel = $5)
  and ($6::timestamptz is null or (m.queued_at, m.message_id) < ($6, $7::uuid))
order by m.queued_at desc, m.message_id desc
limit $8
"""  # noqa: S608 - constants

ONE = f"""
select {COLUMNS}
from message m join youth y using (youth_id)
where not y.protected and ($1::text[] is null or y.district = any($1)) and m.message_id = $2
"""  # noqa: S608 - constants

RECEIPTS = """
select status, provider_code, applied, received_at from receipt where message_id = $1 order by id
"""
ANSWERS = """
select channel, choice, phone, answered_at from answer where message_id = $1 order by answered_at
"""
SMS_RECEIVED = """
select body, received_at from inbound_sms where message_id = $1 order by received_at
"""
DOCUMENT = """
select media_type, content from document where message_id = $1
"""

Districts = Sequence[str] | None


async def page(
    conn: Connection,
    districts: Districts,
    *,
    youth_id: UUID | None,
    kind: str | None,
    state: str | None,
    channel: str | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[asyncpg.Record]:
    """Return messages, newest first. ``districts`` None: all."""
    queued_at, message_id = after or (None, None)
    rows: list[asyncpg.Record] = await conn.fetch(
        LIST, districts, youth_id, kind, state, channel, queued_at, message_id, limit
    )
    return rows


async def one(conn: Connection, districts: Districts, message_id: UUID) -> asyncpg.Record | None:
    return await conn.fetchrow(ONE, districts, message_id)
