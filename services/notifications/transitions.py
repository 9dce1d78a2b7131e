"""The ways a message changes state: each writes state, audit and event in the caller's transaction.

All leave from open states only; what was not in one is left alone, and no event is written for it.
Events have business ids, so that even a repeat that got through would be one event.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from chassis import audit, outbox
from chassis.postgres import Connection
from contracts.events import (
    MessageDelivered,
    MessageEvent,
    MessageFailed,
    MessageQueued,
    MessageSent,
    MessageSkipped,
)
from contracts.ids import business_id
from contracts.messages import SkipReason
from services.notifications.db import queue
from services.notifications.domain.failures import FailureCode

ACTOR = "notifications"
ROLE = "service"


async def tell(
    conn: Connection, event: type[MessageEvent], rows: Sequence[asyncpg.Record], now: datetime, **extra: str
) -> None:
    """Write audit rows and events about messages. ``extra``: field of the event -> column of the row."""
    if not rows:
        return
    what = event.type.split(".")[-2].removeprefix("message-")
    await audit.record_each(
        conn,
        actor=ACTOR,
        role=ROLE,
        action=f"message.{what}",
        at=now,
        about=[(row["youth_id"], str(row["message_id"])) for row in rows],
    )
    await outbox.put_many(
        conn,
        [
            outbox.OutgoingEvent(
                topic=event.topic,
                key=row["youth_id"],
                type=event.type,
                data=event.model_validate(
                    {
                        "youth_id": row["youth_id"],
                        "episode_id": row["episode_id"],
                        "message_id": row["message_id"],
                        "kind": row["kind"],
                        "channel": row["channel"],
                        "at": now,
                        **{field: row[column] for field, column in extra.items()},
                    }
                ),
                time=now,
                event_id=business_id("message", row["message_id"], what),
            )
            for row in rows
        ],
    )


async def queued(conn: Connection, rows: Sequence[asyncpg.Record], now: datetime) -> None:
    await tell(conn, MessageQueued, rows, now)


async def sent(conn: Connection, references: Mapping[UUID, str], provider: str, now: datetime) -> int:
    """Note messages as handed over, with the provider's references; return how many were queued till now."""
    ids, names = list(references), list(references.values())
    rows = await conn.fetch(queue.SENT, ids, now, provider, names)
    if len(rows) < len(ids):
        await conn.execute(queue.LATE_REFERENCE, ids, provider, names)
    await tell(conn, MessageSent, rows, now)
    return len(rows)


async def failed(conn: Connection, codes: Mapping[UUID, FailureCode], now: datetime) -> int:
    rows = await conn.fetch(queue.FAILED, list(codes), now, [code.value for code in codes.values()])
    await tell(conn, MessageFailed, rows, now, code="failure_code")
    return len(rows)


async def skipped(conn: Connection, reasons: Mapping[UUID, SkipReason], now: datetime) -> int:
    rows = await conn.fetch(queue.SKIPPED, list(reasons), now, [reason.value for reason in reasons.values()])
    await tell(conn, MessageSkipped, rows, now, reason="skip_reason")
    return len(rows)


async def delivered(conn: Connection, rows: Sequence[asyncpg.Record], now: datetime) -> None:
    await tell(conn, MessageDelivered, rows, now)
