"""The relay: publishes outbox rows to Kafka, in order, each at least once.

One relay per service works at a time (a session advisory lock), which keeps the order per key. It
wakes by NOTIFY and sweeps every second besides. Rows are never found by "id > last", since ids
become visible out of order.

The broker may be wiped at any time (the local one keeps nothing): each service creates a *marker
topic* named by a generation id. When the marker is gone, the topics are made anew and every row that
is still kept is published again; inboxes drop what they have. Each record carries the generation in
a header, so that a consumer notices as well (`chassis.consumer`).
"""

import asyncio
import json
from collections.abc import Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import asyncpg
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.admin import NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError
from prometheus_client import Counter, Gauge

from chassis import kafka
from chassis.postgres import prepare_connection
from chassis.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

BATCH = 500
SWEEP_SECONDS = 1.0
WIPE_CHECK_SECONDS = 3.0
PARTITIONS = 3
KEEP_PUBLISHED = "7 days"  # inboxes keep longer, see KEEP_INBOX in chassis.consumer
GENERATION_HEADER = "uppsok_generation"

log = structlog.get_logger(__name__)
published = Counter("outbox_published_total", "Events published", ["topic"])
backlog = Gauge("outbox_unpublished", "Events not yet published, as of the last sweep")

NEXT = """
select id, event_id, topic, key, type, time, data, traceparent
from outbox where published_at is null order by id limit $1
"""


class OutboxRelay:
    """Publishes the outbox of one service's database. ``run()`` until cancelled."""

    def __init__(self, url: str, settings: Settings, *, source: str, topics: Sequence[str]) -> None:
        """``source`` is the CloudEvents source, e.g. ``/registry``; ``topics`` those this service owns."""
        self._url, self._settings, self._source, self._topics = url, settings, source, tuple(topics)
        self._client_id = f"{source.strip('/')}-relay"
        self._wake = asyncio.Event()
        self._checked_at = float("-inf")

    async def run(self) -> None:
        """Publish for ever. Failures of the broker or the database are waited out."""
        pause = 0.5
        while True:
            try:
                async with self._leadership() as conn, self._producer() as producer:
                    pause = 0.5
                    await self._publish_for_ever(conn, producer)
            except (KafkaError, OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("relay_interrupted", error=type(error).__name__, retry_in_seconds=pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 10)

    @asynccontextmanager
    async def _leadership(self) -> "AsyncIterator[asyncpg.Connection]":
        """Hold the advisory lock on a connection of our own; it goes when the process does."""
        conn = await asyncpg.connect(self._url, server_settings={"application_name": self._client_id})
        try:
            await prepare_connection(conn)
            while not await conn.fetchval("select pg_try_advisory_lock(hashtext('outbox-relay'))"):
                await asyncio.sleep(1)
            await conn.add_listener("outbox", lambda *_: self._wake.set())
            yield conn
        finally:
            conn.terminate()

    @asynccontextmanager
    async def _producer(self) -> "AsyncIterator[AIOKafkaProducer]":
        producer = kafka.make_producer(self._settings, self._client_id)
        try:
            await asyncio.wait_for(producer.start(), 15)
            yield producer
        finally:
            await kafka.stop_quietly(producer)

    async def _publish_for_ever(self, conn: asyncpg.Connection, producer: AIOKafkaProducer) -> None:
        loop = asyncio.get_running_loop()
        self._checked_at = float("-inf")
        generation: UUID | None = None
        while True:
            self._wake.clear()
            if generation is None or loop.time() - self._checked_at > WIPE_CHECK_SECONDS:
                generation = await self._ensure_generation(conn)
                self._checked_at = loop.time()
            if await self._publish_batch(conn, producer, generation) < BATCH:
                await self._wait()

    async def _wait(self) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), SWEEP_SECONDS)
        except TimeoutError:
            return

    async def _publish_batch(self, conn: asyncpg.Connection, producer: AIOKafkaProducer, generation: UUID) -> int:
        rows = await conn.fetch(NEXT, BATCH)
        backlog.set(len(rows))
        if not rows:
            return 0
        sends = [
            await asyncio.wait_for(
                producer.send(
                    row["topic"],
                    key=str(row["key"]).encode(),
                    value=json.dumps(row["data"], separators=(",", ":")).encode(),
                    headers=self._headers(row, generation),
                ),
                15,
            )
            for row in rows
        ]
        # An idempotent send never expires by itself when the broker is gone.
        await asyncio.wait_for(asyncio.gather(*sends), 30)
        await conn.execute(
            "update outbox set published_at = now() where id = any($1)", [row["id"] for row in rows]
        )
        for row in rows:
            published.labels(row["topic"]).inc()
        return len(rows)

    def _headers(self, row: asyncpg.Record, generation: UUID) -> list[tuple[str, bytes]]:
        """CloudEvents 1.0, Kafka protocol binding, binary mode."""
        headers = {
            "ce_specversion": "1.0",
            "ce_id": str(row["event_id"]),
            "ce_source": self._source,
            "ce_type": row["type"],
            "ce_subject": str(row["key"]),
            "ce_time": row["time"].isoformat(),
            "content-type": "application/json",
            GENERATION_HEADER: str(generation),
        }
        if row["traceparent"]:
            headers["ce_traceparent"] = row["traceparent"]
        return [(name, value.encode()) for name, value in headers.items()]

    async def _ensure_generation(self, conn: asyncpg.Connection) -> UUID:
        """Return the broker's generation; after a wipe, make topics anew and publish again what is kept."""
        known: UUID | None = await conn.fetchval("select generation from broker_generation")
        admin = kafka.make_admin(self._settings, self._client_id)
        try:
            await asyncio.wait_for(admin.start(), 15)
            present = set(await asyncio.wait_for(admin.list_topics(), 15))
            if known is not None and self._marker(known) in present:
                await self._forget_old(conn)
                return known
            generation = uuid4()
            missing = [topic for topic in self._topics if topic not in present]
            await self._create(admin, missing)
            async with conn.transaction():
                again = await conn.execute("update outbox set published_at = null where published_at is not null")
                await conn.execute(
                    "insert into broker_generation (generation) values ($1) "
                    "on conflict (only_row) do update set generation = excluded.generation",
                    generation,
                )
            # Last: a crash before this line does the same again, which is harmless.
            await self._create(admin, [self._marker(generation)], partitions=1)
            log.warning("broker_is_new", generation=str(generation), republishing=again.removeprefix("UPDATE "))
            return generation
        finally:
            await kafka.stop_quietly(admin)

    def _marker(self, generation: UUID) -> str:
        return f"uppsok.marker.{self._client_id}.{generation}"

    async def _create(self, admin: object, topics: Sequence[str], partitions: int = PARTITIONS) -> None:
        for topic in topics:
            new = NewTopic(topic, num_partitions=partitions, replication_factor=1)
            try:
                await asyncio.wait_for(admin.create_topics([new]), 15)  # type: ignore[attr-defined]  # untyped library
            except TopicAlreadyExistsError:
                continue

    async def _forget_old(self, conn: asyncpg.Connection) -> None:
        await conn.execute(
            "delete from outbox where id in (select id from outbox where published_at is not null "
            f"and published_at < now() - interval '{KEEP_PUBLISHED}' limit 1000)"
        )
