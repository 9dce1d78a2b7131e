"""Gallring in notifications: messages with what stood on them, answers, what came in, and the files.

All of it is documentation (docs/gallring.md), so that either clock takes it. Files go first, outside of the
transaction: a crash in between leaves rows, and the event comes again. Done twice, the second time finds nothing.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from chassis import audit
from chassis.forgetting import forget_youths
from chassis.incoming import Incoming
from chassis.postgres import Connection
from contracts.deletion import DocumentationDeleted, YouthDeleted
from services.notifications.providers import sandbox_sms
from services.notifications.providers.print_folder import PrintFolder
from services.notifications.settings import Settings

TYPES = (YouthDeleted.type, DocumentationDeleted.type)
MESSAGES = "select message_id from message where youth_id = $1"
# SMS that nobody could be found for, from a number that was this youth's.
FORGET_INBOUND = """
delete from inbound_sms i
where i.message_id is null and i.sender in (
    select d.phone from document d join message m using (message_id) where m.youth_id = $1 and d.phone is not null
    union
    select a.phone from answer a join message m using (message_id) where m.youth_id = $1 and a.phone is not null
    union
    select s.sender from inbound_sms s join message m using (message_id) where m.youth_id = $1
)
"""
# Receipts, documents, answers and inbound SMS go with their message.
FORGET = (
    FORGET_INBOUND,
    "delete from message where youth_id = $1",
    "delete from ended_episode where youth_id = $1",
    "delete from youth where youth_id = $1",
)


class ForgetFiles:
    """What runs before the inbox row: removes a deleted youth's letters and SMS from the sandbox folders."""

    def __init__(self, pool: asyncpg.Pool, settings: Settings) -> None:
        self._pool, self._settings = pool, settings

    async def __call__(self, event: Incoming) -> None:
        if event.type in TYPES:
            rows = await self._pool.fetch(MESSAGES, event.key)
            await asyncio.to_thread(self._remove, [row["message_id"] for row in rows])

    def _remove(self, message_ids: Sequence[UUID]) -> None:
        PrintFolder(self._settings.notifications_letter_folder).forget(message_ids)
        sandbox_sms.forget(self._settings.notifications_sms_folder, message_ids)


async def forget(conn: Connection, youth_id: UUID, event_id: UUID, at: datetime) -> None:
    """Delete what is kept of a youth, in the inbox's transaction."""
    for statement in FORGET:
        await conn.execute(statement, youth_id)
    await forget_youths(conn, [youth_id])
    await audit.record(
        conn, actor="registry", role="service", action="youth.forget", at=at, youth_id=youth_id,
        subject=str(event_id),
    )  # fmt: skip
