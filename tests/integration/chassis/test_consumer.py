"""The inbox consumer against a real broker: each event takes effect once, in order, whatever happens."""

import asyncio
from collections import Counter
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from chassis import consumer as consuming
from chassis import kafka
from chassis.inbox import Handle, Transient
from chassis.incoming import Incoming
from chassis.settings import Settings
from tests.integration.chassis.conftest import TYPE, Number, Service, until
from tests.stack.own_broker import OwnBroker

pytestmark = [pytest.mark.stack, pytest.mark.kafka]


async def reach(service: Service, n: int, *keys: UUID) -> None:
    """Wait until the first n events of each key, and no more, have taken effect, in order."""

    async def done() -> bool:
        effects = await service.effects()
        return all(effects.get(key) == list(range(1, n + 1)) for key in keys)

    await until(done)


async def test_events_of_a_record_that_comes_twice_take_effect_once(service: Service, keys: list[UUID]) -> None:
    service.relay()
    service.consumer()
    await service.write(*keys)
    await reach(service, 1, *keys)
    await service.pool.execute("update outbox set published_at = null")
    await service.write(*keys)
    await reach(service, 2, *keys)
    assert await service.pool.fetchval("select count(*) from inbox") == 2 * len(keys)


async def test_a_consumer_that_dies_after_the_effect_and_before_the_commit(
    service: Service, keys: list[UUID]
) -> None:
    service.relay()
    took = asyncio.Event()

    async def take_and_hang(conn: asyncpg.Connection, event: Incoming) -> None:
        await service.take(conn, event)
        if await conn.fetchval("select count(*) from effect") == len(keys):
            took.set()  # the last one's transaction is rolled back, the others are done

            await asyncio.sleep(60)

    dying = service.consumer(take_and_hang)
    await service.write(*keys)
    await asyncio.wait_for(took.wait(), 60)
    await service.stop(dying)
    assert len(await service.effects()) == len(keys) - 1
    service.consumer()
    await reach(service, 1, *keys)


async def test_consumers_come_and_go(service: Service) -> None:
    keys = [uuid4() for _ in range(12)]
    handlers: Counter[int] = Counter()

    def handler(number: int) -> Handle:
        async def take(conn: asyncpg.Connection, event: Incoming) -> None:
            await service.take(conn, event)
            handlers[number] += 1

        return take

    service.relay()
    consumers = [service.consumer(handler(0))]
    written = 0
    for number in range(1, 4):
        consumers.append(service.consumer(handler(number)))
        async with asyncio.timeout(60):
            while not handlers[number]:  # until both work: Tansu loses a group whose leader leaves sooner
                await service.write(*keys)
                written += 1
                await asyncio.sleep(0.2)
        await service.stop(consumers.pop(0))
        await service.write(*keys)
        written += 1
    await reach(service, written, *keys)
    assert await service.pool.fetchval("select count(*) from dead_letters") == 0


async def test_a_group_that_cannot_be_joined_is_renewed_on_tansu(
    service: Service, keys: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    make, asked = kafka.make_consumer, []

    def make_consumer(settings: Settings, group: str) -> Any:
        asked.append(group)
        consumer = make(settings, group)
        if len(asked) == 1:
            consumer.start = lambda: asyncio.sleep(3600)
        return consumer

    monkeypatch.setattr(kafka, "make_consumer", make_consumer)
    monkeypatch.setattr(consuming, "JOIN_SECONDS", 5.0)
    service.relay()
    service.consumer()
    await service.write(*keys)
    await reach(service, 1, *keys)
    assert asked == [service.group, service.group if service.settings.kafka_idempotence else f"{service.group}.1"]


async def test_what_will_pass_is_waited_out(service: Service, keys: list[UUID]) -> None:
    service.relay()
    tried: Counter[UUID] = Counter()

    async def away_at_first(event: Incoming) -> None:
        tried[event.key] += 1
        if tried[event.key] < 4 and event.key == keys[0]:
            raise Transient

    service.consumer(before=away_at_first)
    await service.write(*keys)
    await reach(service, 1, *keys)
    assert tried == {**dict.fromkeys(keys, 1), keys[0]: 4}
    assert await service.pool.fetchval("select count(*) from dead_letters") == 0


async def test_what_is_no_event_of_ours_stops_nobody(service: Service, keys: list[UUID]) -> None:
    await service.write(*keys)
    service.relay()
    service.consumer()
    await reach(service, 1, *keys)
    key = str(keys[0]).encode()
    good = {"ce_id": str(uuid4()), "ce_type": TYPE, "ce_time": "2026-09-15T10:00:00+02:00"}
    producer = kafka.make_producer(service.settings, "stranger")
    await producer.start()
    strange: list[tuple[bytes | None, bytes | None, dict[str, str]]] = [
        (None, b"{}", good),
        (key, None, good),
        (key, b"{}", {}),
        (b"\xff", b"{}", good),
        (key, b"{}", {**good, "ce_id": "17"}),
        (key, b"{}", {**good, "ce_time": "2026-09-15T10:00:00"}),
        (key, b"{}", {**good, "ce_id": "17", "uppsok_generation": "latest"}),
    ]
    for key_sent, value, headers in strange:
        await producer.send_and_wait(
            service.topic,
            key=key_sent,
            value=value,
            headers=[(name, text.encode()) for name, text in headers.items()],
        )
    await kafka.stop_quietly(producer)
    await service.write(*keys)
    await reach(service, 2, *keys)
    assert await service.pool.fetchval("select count(*) from dead_letters") == 0


async def test_a_foreign_event_without_a_generation_is_handled(service: Service, keys: list[UUID]) -> None:
    service.relay()  # makes the topic
    service.consumer()
    producer = kafka.make_producer(service.settings, "stranger")
    await producer.start()
    headers = {"ce_id": str(uuid4()), "ce_type": TYPE, "ce_time": "2026-09-15T10:00:00+02:00"}
    await producer.send_and_wait(
        service.topic,
        key=str(keys[0]).encode(),
        value=Number(n=1).model_dump_json().encode(),
        headers=[(name, text.encode()) for name, text in headers.items()],
    )
    await kafka.stop_quietly(producer)
    await reach(service, 1, keys[0])


async def test_a_database_that_is_away_for_a_while(service: Service, keys: list[UUID]) -> None:
    service.relay()
    service.consumer()
    await service.write(*keys)
    await reach(service, 1, *keys)
    for _ in range(3):  # as a restart of PostgreSQL does to every connection
        await service.pool.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where datname = current_database() and usename = current_user and pid <> pg_backend_pid()"
        )
        await service.write(*keys)
    await reach(service, 4, *keys)
    assert await service.pool.fetchval("select count(*) from dead_letters") == 0


async def test_a_wiped_broker_is_read_from_its_start(broker: OwnBroker, hardy: Service, keys: list[UUID]) -> None:
    hardy.relay()
    consumer = hardy.consumer()
    for _ in range(4):
        await hardy.write(*keys)
    await reach(hardy, 4, *keys)
    await asyncio.to_thread(broker.wipe)
    await hardy.write(*keys)
    await reach(hardy, 5, *keys)
    # Also by a consumer that was away meanwhile.
    await hardy.stop(consumer)
    await hardy.write(*keys)
    await asyncio.to_thread(broker.wipe)
    await hardy.write(*keys)
    hardy.consumer()
    await reach(hardy, 7, *keys)
