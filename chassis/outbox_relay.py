"""The relay: publishes outbox rows to Kafka, in order, each at least once.

One relay per service works at a time (a session advisory lock), which keeps the order per key. It
wakes by NOTIFY and sweeps every second besides. Rows are never found by "id > last", since ids
become visible out of order. A writer keeps a youth's events in order by writing them under the lock
of the youth's row: then their ids are in the order of the commits.

The broker may be wiped at any time: `chassis.broker_lives` says how that is noticed. Then the topics
are made anew and every row that is still kept is published again; inboxes drop what they have.
"""

import asyncio
import json
from collections import Counter as Count
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.admin import NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code
from prometheus_client import Counter, Gauge

from chassis import kafka
from chassis.broker_lives import GENERATION_HEADER, marker_topic, new_generation
from chassis.postgres import TROUBLE, prepare_connection
from chassis.settings import Settings
from chassis.timeouts import within

BATCH = 500
SWEEP_SECONDS = 1.0
WIPE_CHECK_SECONDS = 3.0
SEND_SECONDS = 5.0
START_SECONDS = 15.0
PARTITIONS = 4
KEEP_PUBLISHED = timedelta(days=7)  # how far back a wiped broker is filled again

log = structlog.get_logger(__name__)
published = Counter("outbox_published_total", "Events published", ["topic"])
backlog = Gauge("outbox_unpublished", "Events not yet published, as of the last sweep (at most one batch)")

LEAD = "select pg_try_advisory_lock(hashtext('outbox-relay'))"
NEXT = """
select id, event_id, topic, key, type, time, data, traceparent
from outbox where published_at is null order by id limit $1
"""
MARK = "update outbox set published_at = now() where id = any($1)"
FORGET = """
delete from outbox where id in (
    select id from outbox where published_at < now() - $1::interval order by published_at limit 1000
)
"""


class OutboxRelay:
    """Publishes the outbox of one service's database. ``run()`` until cancelled."""

    def __init__(self, url: str, settings: Settings, *, source: str, topics: Sequence[str]) -> None:
        """``source`` is the CloudEvents source, e.g. ``/registry``; ``topics`` those this service owns."""
        self._url, self._settings, self._source, self._topics = url, settings, source, tuple(topics)
        self._client_id = f"{source.strip('/')}-relay"
        self._wake = asyncio.Event()

    async def run(self) -> None:
        """Publish for ever. Failures of the broker or the database are waited out."""
        pause = 0.5
        while True:
            try:
                async with self._leadership() as conn, self._producer() as producer:
                    pause = 0.5
                    await self._publish_for_ever(conn, producer)
            except (KafkaError, *TROUBLE) as error:
                log.warning("relay_interrupted", error=type(error).__name__, retry_in_seconds=pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 10)

    @asynccontextmanager
    async def _leadership(self) -> AsyncIterator[asyncpg.Connection]:
        """Hold the advisory lock on a connection of our own; it goes when the process does."""
        settings = {"application_name": self._client_id}
        conn = await asyncpg.connect(self._url, timeout=10, command_timeout=60, server_settings=settings)
        try:
            await prepare_connection(conn)
            while not await conn.fetchval(LEAD):  # noqa: ASYNC110 - it waits for another process
                await asyncio.sleep(1)
            await conn.add_listener("outbox", lambda *_: self._wake.set())
            yield conn
        finally:
            conn.terminate()

    @asynccontextmanager
    async def _producer(self) -> AsyncIterator[AIOKafkaProducer]:
        producer = kafka.make_producer(self._settings, self._client_id)
        try:
            await within(START_SECONDS, producer.start())
            yield producer
        finally:
            await kafka.stop_quietly(producer, seconds=1)  # what has not arrived is sent again

    async def _publish_for_ever(self, conn: asyncpg.Connection, producer: AIOKafkaProducer) -> None:
        loop = asyncio.get_running_loop()
        checked_at = float("-inf")
        while True:
            self._wake.clear()
            if loop.time() - checked_at > WIPE_CHECK_SECONDS:
                generation = await self._ensure_generation(conn, producer)
                checked_at = loop.time()
            rows = await conn.fetch(NEXT, BATCH)
            backlog.set(len(rows))
            for wave in waves(rows):
                await self._publish(conn, producer, wave, generation)
            if len(rows) < BATCH:
                await self._wait()

    async def _wait(self) -> None:
        try:
            await within(SWEEP_SECONDS, self._wake.wait())
        except TimeoutError:
            return

    async def _publish(
        self,
        conn: asyncpg.Connection,
        producer: AIOKafkaProducer,
        wave: Sequence[asyncpg.Record],
        generation: UUID,
    ) -> None:
        """Send rows of different keys at once, and mark those that arrived. Raises if any did not."""
        sends = {
            await within(
                SEND_SECONDS,
                producer.send(
                    row["topic"],
                    key=str(row["key"]).encode(),
                    value=json.dumps(row["data"], separators=(",", ":")).encode(),
                    headers=self._headers(row, generation),
                ),
            ): row
            for row in wave
        }
        # Not gather: what has arrived is marked though others have not. With a limit, since an
        # idempotent send never expires by itself when the broker is gone.
        done, pending = await asyncio.wait(sends, timeout=SEND_SECONDS)
        arrived = [sends[send] for send in done if send.exception() is None]
        await conn.execute(
            "update outbox set published_at = now() where id = any($1)", [row["id"] for row in arrived]
        )
        for row in arrived:
            published.labels(row["topic"]).inc()
        for send in done:
            send.result()
        if pending:
            raise TimeoutError

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

    async def _ensure_generation(self, conn: asyncpg.Connection, producer: AIOKafkaProducer) -> UUID:
        """Return the broker's generation; in a new life, make topics anew and publish again what is kept."""
        known: UUID | None = await conn.fetchval("select generation from broker_generation")
        metadata = await within(START_SECONDS, producer.client.fetch_all_metadata())
        missing = set(self._topics) - metadata.topics()
        if known is not None and marker_topic(self._source, known) in metadata.topics() and not missing:
            await self._forget_old(conn)
            return known
        generation = new_generation(known)
        await self._create(dict.fromkeys(missing, PARTITIONS), afresh=True)
        async with conn.transaction():
            again = await conn.execute("update outbox set published_at = null where published_at is not null")
            await conn.execute(
                "insert into broker_generation (generation) values ($1) "
                "on conflict (only_row) do update set generation = excluded.generation",
                generation,
            )
        # Before the first record, for the consumers; after the commit, since a crash in between then
        # does the same again, which is harmless.
        await self._create({marker_topic(self._source, generation): 1})
        log.warning("broker_is_new", generation=str(generation), republishing=again.removeprefix("UPDATE "))
        return generation

    async def _create(self, topics: dict[str, int], *, afresh: bool = False) -> None:
        """Create topics with this many partitions; those that exist stay as they are. Raises KafkaError.

        ``afresh`` matters on Tansu alone: it takes records for a topic that is not there, and then
        stumbles over them once the topic is made, unless it is deleted and made again.
        """
        if not topics:
            return
        admin = kafka.make_admin(self._settings, self._client_id)
        wanted = [NewTopic(name, num_partitions=n, replication_factor=1) for name, n in topics.items()]
        try:
            await within(START_SECONDS, admin.start())
            if afresh and not self._settings.kafka_idempotence:
                await within(START_SECONDS, admin.create_topics(wanted))
                await within(START_SECONDS, admin.delete_topics(list(topics)))
            answer = await within(START_SECONDS, admin.create_topics(wanted))
            for name, code, *_ in answer.topic_errors:  # the client does not raise these
                error = for_code(code)
                if code and error is not TopicAlreadyExistsError:
                    raise error(name)
        finally:
            await kafka.stop_quietly(admin)

    async def _forget_old(self, conn: asyncpg.Connection) -> None:
        await conn.execute(FORGET, KEEP_PUBLISHED)


def waves(rows: Sequence[Any]) -> list[list[Any]]:
    """Split rows into waves with at most one row per topic and key, each in its order.

    A wave is sent when the one before has arrived, so that a send that fails can never be overtaken by
    a later event of the same youth.
    """
    sent: Count[tuple[str, UUID]] = Count()
    split: list[list[Any]] = []
    for row in rows:
        number = sent[row["topic"], row["key"]]
        sent[row["topic"], row["key"]] += 1
        if number == len(split):
            split.append([])
        split[number].append(row)
    return split
