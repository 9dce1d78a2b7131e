"""The inbox consumer: handles each event of a topic once, in order per key.

Inbox row and effect are one transaction; the offset is committed after. An event that cannot be
handled goes to ``dead_letters`` with its cause, and later events of the same key are parked behind it,
so that order per youth holds and nobody else waits. `chassis.dead_letters` replays them by hand.

Inbox rows are kept for good: they are what makes it safe to read a topic from its start again.
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
from chassis.broker_lives import Markers, Read, Verdict, written
from chassis.postgres import AWAY
from chassis.settings import Settings

log = structlog.get_logger(__name__)
tracer = trace.get_tracer(__name__)
handled = Counter("events_handled_total", "Events handled, by result", ["consumer", "result"])

TRIES = 5
FETCH = 200
JOIN_SECONDS = 30.0
COMMIT_SECONDS = 5.0  # else the client would try for ever when a wiped broker lacks the partition
WIPE_CHECK_SECONDS = 3.0
HOLD_SECONDS = 0.3
# The database is away, restarting, out of room or in conflict: that passes, and is no fault of the event.
TRANSIENT: tuple[type[Exception], ...] = (
    OSError,
    *AWAY,
    asyncpg.exceptions.InsufficientResourcesError,
    asyncpg.exceptions.TransactionRollbackError,
    asyncpg.exceptions.LockNotAvailableError,
    asyncpg.exceptions.ReadOnlySQLTransactionError,
)

STANDING = """
select exists (select from inbox where consumer = $1 and event_id = $2) as seen,
       exists (select from dead_letters where consumer = $1 and key = $3 and resolved_at is null) as blocked
"""
# Serialises the parking behind a key with the replay of that key: none is parked behind nothing.
LOCK_KEY = "select pg_advisory_xact_lock(hashtextextended($1 || $2::uuid::text, 0))"
PARK = """
insert into dead_letters
    (consumer, event_id, topic, partition, "offset", key, type, time, data, traceparent, cause)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
on conflict (consumer, event_id) do nothing
"""
READ = "select topic, partition, generation from consumer_generations where consumer = $1"
REMEMBER = """
insert into consumer_generations (consumer, topic, partition, generation) values ($1, $2, $3, $4)
on conflict do nothing
"""


class Transient(Exception):
    """Raise from a handler when the cause is outside and will pass: the event is tried until it works."""


def passes(error: Exception) -> bool:
    """Return whether an error is no fault of the event's: it is tried until it works, and others wait."""
    # asyncpg calls an argument that does not fit an InterfaceError too; that does not pass.
    return isinstance(error, (Transient, *TRANSIENT)) and not isinstance(error, ValueError)


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
        self._read = Read()

    async def run(self) -> None:
        """Consume for ever. Failures of the broker or the database are waited out."""
        pause, joins = 0.5, 0
        while True:
            consumer = kafka.make_consumer(self._settings, self._kafka_group(joins))
            try:
                self._read = Read(await self._pool.fetch(READ, self._group))
                consumer.subscribe(self._topics)  # before the start, which waits for the group
                try:
                    await asyncio.wait_for(consumer.start(), JOIN_SECONDS)
                except TimeoutError:
                    joins += 1
                    raise
                pause = 0.5
                await self._consume(consumer)
            except Exception as error:
                if not isinstance(error, KafkaError) and not passes(error):
                    raise
                log.warning("consumer_interrupted", consumer=self._group, error=type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 10)
            finally:
                await kafka.stop_quietly(consumer)

    def _kafka_group(self, failed_joins: int) -> str:
        """Return the group to join at the broker; inbox and dead letters always go by our own name.

        On Tansu a group can stay for ever without a leader, when its leader leaves while another joins.
        Then a group of a new name reads from the start, and the inbox drops what has been handled.
        """
        renew = failed_joins and not self._settings.kafka_idempotence
        return f"{self._group}.{failed_joins}" if renew else self._group

    async def _consume(self, consumer: AIOKafkaConsumer) -> None:
        loop = asyncio.get_running_loop()
        checked_at = loop.time()
        while True:
            batches = await consumer.getmany(timeout_ms=500, max_records=FETCH)
            if batches:
                # After the fetch, see chassis.broker_lives.
                markers = Markers(await asyncio.wait_for(consumer.topics(), 10))
                # Partitions one after the other, records in order: order per key is what matters.
                held = False
                for partition, records in batches.items():
                    held |= not await self._take_all(consumer, partition, records, markers)
                await self._commit(consumer)
                if held:
                    await asyncio.sleep(HOLD_SECONDS)
            if loop.time() - checked_at > WIPE_CHECK_SECONDS:
                checked_at = loop.time()
                await self._notice_wipe(consumer)

    async def _take_all(
        self, consumer: AIOKafkaConsumer, partition: TopicPartition, records: Sequence[Any], markers: Markers
    ) -> bool:
        """Take records of one partition in order; False when some must be looked at again in a moment."""
        for record in records:
            try:
                writer = written(record)
            except ValueError:
                writer = None  # no header that we would write: parsing decides
            if writer is not None:
                verdict = markers.verdict(writer)
                if verdict is Verdict.NOT_YET_KNOWN:
                    consumer.seek(partition, record.offset)
                    return False
                if verdict is Verdict.COMES_AGAIN:
                    handled.labels(self._group, "comes_again").inc()
                    continue
                if await self._enter(consumer, partition, record.offset, writer.generation, markers):
                    return True
            await self._take(record)
        return True

    async def _enter(
        self,
        consumer: AIOKafkaConsumer,
        partition: TopicPartition,
        offset: int,
        generation: UUID,
        markers: Markers,
    ) -> bool:
        """Note which generation is being read; True when the partition must be read from its start first.

        That is when all that was read of it was of former lives of the broker, so that where we stand
        says nothing about this one's log.
        """
        topic, number = partition.topic, partition.partition
        if self._read.knows(topic, number, generation):
            return False
        rewind = offset > 0 and self._read.of_another_life(topic, number, markers)
        if rewind:
            await self._rewind(consumer, partition)
        # After the commit of the rewind: a crash in between then does the same again.
        await self._pool.execute(REMEMBER, self._group, topic, number, generation)
        self._read.add(topic, number, generation)
        return rewind

    async def _notice_wipe(self, consumer: AIOKafkaConsumer) -> None:
        """Go to the start of partitions of a wiped broker also when nothing comes from where we stand.

        Not by comparing with the end of the log, which Tansu tells too low.
        """
        markers = Markers(await asyncio.wait_for(consumer.topics(), 10))
        for partition in consumer.assignment():
            if not self._read.of_another_life(partition.topic, partition.partition, markers):
                continue
            if await asyncio.wait_for(consumer.position(partition), 10) > 0:
                await self._rewind(consumer, partition)

    async def _rewind(self, consumer: AIOKafkaConsumer, partition: TopicPartition) -> None:
        log.warning("broker_is_new", consumer=self._group, topic=partition.topic, partition=partition.partition)
        await asyncio.wait_for(consumer.commit({partition: 0}), COMMIT_SECONDS)
        await consumer.seek_to_beginning(partition)

    async def _commit(self, consumer: AIOKafkaConsumer) -> None:
        try:
            await asyncio.wait_for(consumer.commit(), COMMIT_SECONDS)
        except CommitFailedError:  # a rebalance: whoever has the partition now drops what we did
            log.info("commit_after_rebalance", consumer=self._group)

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
            except Exception as error:
                if passes(error):
                    log.warning("event_waits", consumer=self._group, type=event.type, error=type(error).__name__)
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, 10)
                    continue
                tries += 1
                if tries >= TRIES:
                    await self._park(self._pool, event, record, type(error).__name__)
                    log.error("event_dead", consumer=self._group, event_id=str(event.event_id), exc_info=error)
                    handled.labels(self._group, "dead").inc()
                    return
                await asyncio.sleep(0.1 * 2**tries)

    async def _once(self, event: Incoming, record: Any) -> str:
        seen, blocked = await self._standing(self._pool, event)
        if seen:
            return "seen"
        if blocked and await self._park_behind(event, record):
            return "parked"
        if self._before is not None:
            await self._before(event)
        async with self._pool.acquire() as conn, conn.transaction():
            return "handled" if await take_once(conn, self._group, event, self._handle) else "seen"

    async def _park_behind(self, event: Incoming, record: Any) -> bool:
        """Park an event behind a dead one of its key; False when that has been replayed meanwhile."""
        async with self._pool.acquire() as conn, conn.transaction():
            await conn.execute(LOCK_KEY, self._group, event.key)
            _, blocked = await self._standing(conn, event)
            if blocked:
                await self._park(conn, event, record, "parked")
            return blocked

    async def _standing(self, conn: Any, event: Incoming) -> tuple[bool, bool]:
        """Return whether the event has been handled, and whether it has a dead one of its key before it."""
        row = await conn.fetchrow(STANDING, self._group, event.event_id, event.key)
        return row["seen"], row["blocked"]

    async def _park(self, conn: Any, event: Incoming, record: Any, cause: str) -> None:
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
