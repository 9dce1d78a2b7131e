"""The outbox: events are rows, written in the transaction of the state that they tell of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from opentelemetry.propagate import inject
from pydantic import BaseModel

from chassis.postgres import Connection

INSERT = """
insert into outbox (event_id, topic, key, type, time, data, traceparent)
select * from unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::timestamptz[], $6::jsonb[], $7::text[])
on conflict (event_id) do nothing
"""


@dataclass(frozen=True, slots=True)
class OutgoingEvent:
    """One event. ``time`` is civil; ``event_id`` may be a business id, which makes a repeat harmless."""

    topic: str
    key: UUID
    type: str
    data: BaseModel
    time: datetime
    event_id: UUID | None = None


def current_traceparent() -> str | None:
    """Return the W3C traceparent of the current span, or None outside of any."""
    carrier: dict[str, str] = {}
    inject(carrier)
    return carrier.get("traceparent")


async def put_many(conn: Connection, events: Sequence[OutgoingEvent]) -> None:
    """Write events in the caller's transaction, in this order."""
    if not events:
        return
    traceparent = current_traceparent()
    await conn.execute(
        INSERT,
        [event.event_id or uuid4() for event in events],
        [event.topic for event in events],
        [event.key for event in events],
        [event.type for event in events],
        [event.time for event in events],
        [event.data.model_dump(mode="json") for event in events],
        [traceparent] * len(events),
    )


async def put(
    conn: Connection,
    *,
    topic: str,
    key: UUID,
    type: str,
    data: BaseModel,
    time: datetime,
    event_id: UUID | None = None,
) -> None:
    """Write one event in the caller's transaction."""
    await put_many(conn, [OutgoingEvent(topic, key, type, data, time, event_id)])
