"""The consumer: reads topics in order and hands each record to the inbox.

The offset is committed after the inbox has written down what became of the record. A broker that was wiped
is read from its start again (`chassis.broker_lives`); the inbox drops what it has.
"""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg
import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import CommitFailedError, KafkaError

from chassis import kafka
from chassis.broker_lives import Markers, Read, Verdict, written
from chassis.inbox import Before, Handle, Inbox, handled, passes
from chassis.settings import Settings
from chassis.timeouts import within

log = structlog.get_logger(__name__)
FETCH = 200
JOIN_SECONDS = 30.0
PATIENT_SECONDS = 10.0
ASK_SECONDS = 10.0
COMMIT_SECONDS = 5.0  # else the client would try for ever when a wiped broker lacks the partition
CHECK_SECONDS = 2.0
HOLD_SECONDS = 0.3
READ = "select topic, partition, generation from consumer_generations where consumer = $1"
REMEMBER = """
insert into consumer_generations (consumer, topic, partition, generation) values ($1, $2, $3, $4)
on conflict do nothing
"""


class JoinAgain(Exception):
    """What the group has shared out is not what there is to read."""


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
        """``handle`` and ``before``: see `chassis.inbox.Inbox`."""
        self._pool, self._settings, self._group = pool, settings, group
        self._topics, self._inbox = frozenset(topics), Inbox(pool, group, handle, before)
        self._read = Read()

    async def run(self) -> None:
        """Consume for ever. Failures of the broker or the database are waited out."""
        pause, joins = 0.5, 0
        while True:
            consumer = kafka.make_consumer(self._settings, self._kafka_group(joins))
            try:
                self._read = Read(await self._pool.fetch(READ, self._group))
                consumer.subscribe(await self._topics_there())  # before the start, which waits for the group
                try:
                    await within(JOIN_SECONDS, consumer.start())
                except TimeoutError:
                    joins += 1
                    raise
                pause = 0.5
                await self._consume(consumer)
            except JoinAgain:
                log.info("joining_again", consumer=self._group)
            except Exception as error:
                if not isinstance(error, KafkaError) and not passes(error):
                    raise
                log.warning("consumer_interrupted", consumer=self._group, error=type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 10)
            finally:
                await kafka.stop_quietly(consumer)

    async def _topics_there(self) -> list[str]:
        """Return our topics; after a while, those of them that are there. Relays make them when they start."""
        loop = asyncio.get_running_loop()
        patient_until = loop.time() + PATIENT_SECONDS
        admin = kafka.make_admin(self._settings, self._group)
        try:
            await within(ASK_SECONDS, admin.start())
            while True:
                there = self._topics.intersection(await within(ASK_SECONDS, admin.list_topics()))
                if there == self._topics or (there and loop.time() > patient_until):
                    return sorted(there)
                await asyncio.sleep(0.3)
        finally:
            await kafka.stop_quietly(admin)

    def _kafka_group(self, failed_joins: int) -> str:
        """Return the group to join at the broker; inbox and dead letters always go by our own name.

        On Tansu a group can stay for ever without a leader, when its leader leaves while another joins.
        Then a group of a new name reads from the start, and the inbox drops what has been handled.
        """
        renew = failed_joins and not self._settings.kafka_idempotence
        return f"{self._group}.{failed_joins}" if renew else self._group

    async def _consume(self, consumer: AIOKafkaConsumer) -> None:
        loop = asyncio.get_running_loop()
        checked_at, was_right = loop.time(), True
        while True:
            batches = await consumer.getmany(timeout_ms=500, max_records=FETCH)
            if batches:
                # After the fetch, see chassis.broker_lives.
                markers = Markers(await within(ASK_SECONDS, consumer.topics()))
                # Partitions one after the other, records in order: order per key is what matters.
                held = False
                for partition, records in batches.items():
                    held |= not await self._take_all(consumer, partition, records, markers)
                await self._commit(consumer)
                if held:
                    await asyncio.sleep(HOLD_SECONDS)
            if loop.time() - checked_at > CHECK_SECONDS:
                checked_at = loop.time()
                topics = await within(ASK_SECONDS, consumer.topics())
                if consumer.subscription() != self._topics.intersection(topics):
                    raise JoinAgain
                right = self._has_its_share(consumer)
                if not right and not was_right:  # not at once: it may be sharing out just now
                    raise JoinAgain
                was_right = right
                await self._notice_wipe(consumer, Markers(topics))

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
                    # Noted as read all the same: where we stand after it says nothing about the log that
                    # the relay may have made in place of this one.
                    await self._remember(partition, writer.generation)
                    handled.labels(self._group, "comes_again").inc()
                    continue
                if await self._enter(consumer, partition, record.offset, writer.generation, markers):
                    return True
            await self._inbox.take(record)
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
        await self._remember(partition, generation)
        return rewind

    async def _remember(self, partition: TopicPartition, generation: UUID) -> None:
        topic, number = partition.topic, partition.partition
        if not self._read.knows(topic, number, generation):
            await self._pool.execute(REMEMBER, self._group, topic, number, generation)
            self._read.add(topic, number, generation)

    def _has_its_share(self, consumer: AIOKafkaConsumer) -> bool:
        """Return whether, on Tansu, we have a part of each topic.

        It answers a member that joins again, after a topic was made, with the share it had before.
        """
        if self._settings.kafka_idempotence:
            return True
        return bool({part.topic for part in consumer.assignment()} == consumer.subscription())

    async def _notice_wipe(self, consumer: AIOKafkaConsumer, markers: Markers) -> None:
        """Go to the start of partitions of a wiped broker also when nothing comes from where we stand.

        Not by comparing with the end of the log, which Tansu tells too low.
        """
        for partition in consumer.assignment():
            if not self._read.of_another_life(partition.topic, partition.partition, markers):
                continue
            if await within(ASK_SECONDS, consumer.position(partition)) > 0:
                await self._rewind(consumer, partition)

    async def _rewind(self, consumer: AIOKafkaConsumer, partition: TopicPartition) -> None:
        log.warning("broker_is_new", consumer=self._group, topic=partition.topic, partition=partition.partition)
        await within(COMMIT_SECONDS, consumer.commit({partition: 0}))
        await consumer.seek_to_beginning(partition)

    async def _commit(self, consumer: AIOKafkaConsumer) -> None:
        try:
            await within(COMMIT_SECONDS, consumer.commit())
        except CommitFailedError:  # a rebalance: whoever has the partition now drops what we did
            log.info("commit_after_rebalance", consumer=self._group)
