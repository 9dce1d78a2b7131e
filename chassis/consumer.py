"""The inbox consumer: handles each event of a topic once, in order per key.

Inbox row and effect are one transaction; the offset is committed after. An event that cannot be
handled goes to ``dead_letters`` with its cause, and later events of the same key are parked behind it,
so that order per youth holds and nobody else waits. `chassis.dead_letters` replays them by hand.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import CommitFailedError, KafkaError
from opentelemetry import trace
from opentelemetry.propagate import extract
from prometheus_client import Counter

from chassis import kafka
from chassis.outbox_relay import GENERATION_HEADER
from chassis.settings import Settings

log = structlog.get_logger(__name__)
tracer = trace.get_tracer(__name__)
handled = Counter("events_handled_total", "Events handled, by result", ["consumer", "result"])

TRIES = 5
BEHIND_CHECK_SECONDS = 3.0
TRANSIENT = (OSError, TimeoutError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError)

PARK = """
insert into dead_letters (consumer, event_id, topic, partition, "offset", key, type, time, data, traceparent, cause)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
on conflict (consumer, event_id) do nothing
"""


class Transient(Exception):
    """Raise from a handler when the cause is outside and will pass: the event is tried until it works."""


class BrokerWiped(Exception):
    """The records of a topic are of another generation of the broker: read again from the start."""


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


Handle = Callable[[asyncpg.Connection, Incoming], Awaitable[None]]
Before = Callable[[Incoming], Awaitable[None]]


class Consumer:
    """Consumes topics for one group of one service. ``run()`` until cancelled."""

    def __init__(
        self,
        *,
        pool: asyncpg.Pool,
        settings: Settings,
        group: str,
        topics: Sequence[str],
        handle: Handle,
        before: Before | None = None,
    ) -> None:
        """``handle`` works in the inbox's transaction. ``before`` is a side effect outside of it (a
        Temporal signal), run first: it must be safe to repeat."""
        self._pool, self._settings, self._group = pool, settings, group
        self._topics, self._handle, self._before = tuple(topics), handle, before
        self._generations: dict[TopicPartition, bytes] = {}

    async def run(self) -> None:
        pause = 0.5
        while True:
            consumer = kafka.make_consumer(self._settings, self._group)
            try:
                await asyncio.wait_for(consumer.start(), 20)
                consumer.subscribe(self._topics)
                pause = 0.5
                await self._consume(consumer)
            except BrokerWiped:
                log.warning("reading_again_from_the_start", consumer=self._group)
            except (KafkaError, *TRANSIENT) as error:
                log.warning("consumer_interrupted", consumer=self._group, error=type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 10)
            finally:
                await kafka.stop_quietly(consumer)

    async def _consume(self, consumer: AIOKafkaConsumer) -> None:
        loop = asyncio.get_running_loop()
        checked_at = loop.time()
        while True:
            batches = await consumer.getmany(timeout_ms=500, max_records=200)
            for partition, records in batches.items():
                await self._notice_wipe(consumer, partition, records)
                # Partitions one after the other, records in order: order per key is what matters.
                for record in records:
                    await self._take(record)
            if batches:
                try:
                    await consumer.commit()
                except CommitFailedError:  # a rebalance: whoever has the partition now drops what we did
                    log.info("commit_after_rebalance", consumer=self._group)
            if loop.time() - checked_at > BEHIND_CHECK_SECONDS:
                checked_at = loop.time()
                await self._check_not_ahead(consumer)

    async def _notice_wipe(
        self, consumer: AIOKafkaConsumer, partition: TopicPartition, records: Sequence[Any]
    ) -> None:
        """Seek to the start when the records come from a broker that was wiped since the last ones."""
        for record in records:
            generation = dict(record.headers).get(GENERATION_HEADER, b"")
            before = self._generations.get(partition)
            self._generations[partition] = generation
            if before is not None and before != generation and record.offset > 0:
                await consumer.seek_to_beginning(partition)
                await consumer.commit({partition: 0})
                raise BrokerWiped

    async def _check_not_ahead(self, consumer: AIOKafkaConsumer) -> None:
        """A position past the end means that the topic was wiped; a false alarm costs a re-read."""
        partitions = list(consumer.assignment())
        if not partitions:
            return
        ends = await asyncio.wait_for(consumer.end_offsets(partitions), 10)
        for partition in partitions:
            position = await asyncio.wait_for(consumer.position(partition), 10)
            if position > ends[partition]:
                log.warning("topic_is_shorter_than_read", consumer=self._group, topic=partition.topic)
                await consumer.seek_to_beginning(partition)

    async def _take(self, record: Any) -> None:
        try:
            event = parse(record)
        except (KeyError, ValueError) as error:
            # Not one of our events: there is no key to park behind, and nothing to handle.
            log.error(
                "not_an_event", topic=record.topic, partition=record.partition, offset=record.offset,
                error=type(error).__name__,
            )  # fmt: skip
            handled.labels(self._group, "not_an_event").inc()
            return
        carrier = {"traceparent": event.traceparent} if event.traceparent else {}
        with tracer.start_as_current_span(f"{self._group} {event.type}", context=extract(carrier)):
            await self._handle_with_retries(event, record)

    async def _handle_with_retries(self, event: Incoming, record: Any) -> None:
        tries, pause = 0, 0.2
        while True:
            try:
                result = await self._once(event, record)
                handled.labels(self._group, result).inc()
                return
            except (Transient, *TRANSIENT) as error:
                log.warning("event_waits", consumer=self._group, type=event.type, error=type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 10)
            except Exception as error:
                tries += 1
                if tries >= TRIES:
                    await self._park(event, record, f"{type(error).__name__}")
                    log.error("event_dead", consumer=self._group, event_id=str(event.event_id), exc_info=error)
                    handled.labels(self._group, "dead").inc()
                    return
                await asyncio.sleep(0.1 * 2**tries)

    async def _once(self, event: Incoming, record: Any) -> str:
        async with self._pool.acquire() as conn:
            seen = await conn.fetchval(
                "select exists (select from inbox where consumer = $1 and event_id = $2)",
                self._group, event.event_id,
            )  # fmt: skip
            if seen:
                return "seen"
            blocked = await conn.fetchval(
                "select exists (select from dead_letters where consumer = $1 and key = $2 and resolved_at is null)",
                self._group, event.key,
            )  # fmt: skip
        if blocked:
            await self._park(event, record, "parked")
            return "parked"
        if self._before is not None:
            await self._before(event)
        async with self._pool.acquire() as conn, conn.transaction():
            return "handled" if await take_once(conn, self._group, event, self._handle) else "seen"

    async def _park(self, event: Incoming, record: Any, cause: str) -> None:
        async with self._pool.acquire() as conn:
            await conn.execute(
                PARK, self._group, event.event_id, event.topic, record.partition, record.offset,
                event.key, event.type, event.time, event.data, event.traceparent, cause,
            )  # fmt: skip


async def take_once(conn: Any, group: str, event: Incoming, handle: Handle) -> bool:
    """Write the inbox row and do the effect in the caller's transaction; False when it was done before."""
    inserted = await conn.fetchval(
        "insert into inbox (consumer, event_id) values ($1, $2) on conflict do nothing returning true",
        group,
        event.event_id,
    )
    if inserted:
        await handle(conn, event)
    return bool(inserted)


def parse(record: Any) -> Incoming:
    """Read a Kafka record in CloudEvents binary mode. Raises KeyError or ValueError when it is not one."""
    headers = {name: value.decode() for name, value in record.headers}
    return Incoming(
        event_id=UUID(headers["ce_id"]),
        type=headers["ce_type"],
        topic=record.topic,
        key=UUID(record.key.decode()),
        time=datetime.fromisoformat(headers["ce_time"]),
        data=record.value,
        traceparent=headers.get("ce_traceparent"),
    )
