"""An event as it comes from Kafka: CloudEvents 1.0 in binary mode."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Incoming:
    """One event as it came. ``data`` is the JSON text of the event's data."""

    event_id: UUID
    type: str
    topic: str
    key: UUID
    time: datetime
    data: bytes
    traceparent: str | None = None


def parse(record: Any) -> Incoming:
    """Read a Kafka record in CloudEvents binary mode. Raises KeyError or ValueError when it is not one."""
    headers = {name: value.decode() for name, value in record.headers if value is not None}
    if record.key is None or record.value is None:
        raise ValueError("an event has a key and data")
    time = datetime.fromisoformat(headers["ce_time"])
    if time.tzinfo is None:
        raise ValueError("an event's time has an offset")
    return Incoming(
        event_id=UUID(headers["ce_id"]),
        type=headers["ce_type"],
        topic=record.topic,
        key=UUID(record.key.decode()),
        time=time,
        data=record.value,
        traceparent=headers.get("ce_traceparent"),
    )
