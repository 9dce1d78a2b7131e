"""The outbox relay against a real broker that is killed and wiped: nothing lost, order kept per key."""

import asyncio
import random
from uuid import UUID

import pytest

from chassis import kafka, outbox_relay
from chassis.broker_lives import GENERATION_HEADER
from tests.integration.chassis.conftest import TYPE, Service, until
from tests.stack.own_broker import OwnBroker

pytestmark = [pytest.mark.stack, pytest.mark.kafka]


async def published(service: Service) -> int:
    count: int = await service.pool.fetchval("select count(*) from outbox where published_at is not null")
    return count


async def records(service: Service, n: int) -> list[object]:
    """Return the first ``n`` records of the topic, as a consumer of another group gets them."""
    consumer = kafka.make_consumer(service.settings, f"{service.group}-reader")
    got: list[object] = []
    try:
        await consumer.start()
        consumer.subscribe([service.topic])
        async with asyncio.timeout(30):
            while len(got) < n:
                for batch in (await consumer.getmany(timeout_ms=500)).values():
                    got += batch
    finally:
        await kafka.stop_quietly(consumer)
    return got


async def test_events_arrive_as_cloud_events_in_the_order_written(service: Service, keys: list[UUID]) -> None:
    for _ in range(3):
        await service.write(*keys, keys[0])
    service.relay()
    await until(lambda: _published(service, 18))  # then the topic is there to be read
    got = await records(service, 18)
    row = await service.pool.fetchrow("select * from outbox order by id limit 1")
    assert row is not None
    first = next(one for one in got if one.key == str(keys[0]).encode())  # type: ignore[attr-defined]
    headers = {name: value.decode() for name, value in first.headers}  # type: ignore[attr-defined]
    assert headers.pop(GENERATION_HEADER) == str(
        await service.pool.fetchval("select generation from broker_generation")
    )
    assert headers == {
        "ce_specversion": "1.0",
        "ce_id": str(row["event_id"]),
        "ce_source": "/test",
        "ce_type": TYPE,
        "ce_subject": str(keys[0]),
        "ce_time": row["time"].isoformat(),
        "content-type": "application/json",
    }
    values = [one.value for one in got if one.key == str(keys[0]).encode()]  # type: ignore[attr-defined]
    assert values == [b'{"n":%d}' % n for n in range(1, 7)]


async def test_one_relay_works_at_a_time_and_another_takes_over(service: Service, keys: list[UUID]) -> None:
    first, second = service.relay(), service.relay()
    service.consumer()
    for turn in range(1, 4):
        await service.write(*keys)
        await until(lambda turn=turn: _reached(service, keys, turn))  # type: ignore[misc]
        if turn == 1:
            await service.stop(first)
        elif turn == 2:
            third = service.relay()
            await service.stop(second)
            assert not third.done()
    sent = await service.pool.fetchval("select count(*) from inbox")
    assert sent == 3 * len(keys)


async def _reached(service: Service, keys: list[UUID], n: int) -> bool:
    effects = await service.effects()
    return all(effects.get(key, [])[-1:] == [n] for key in keys)


async def test_a_broker_killed_again_and_again(broker: OwnBroker, hardy: Service, keys: list[UUID]) -> None:
    """Tansu loses everything each time, Apache Kafka nothing: it makes no difference."""
    hardy.relay()
    hardy.consumer()
    chance = random.Random(1)

    async def write() -> None:
        for _ in range(150):
            await hardy.write(*chance.choices(keys, k=chance.randint(1, 8)))
            await asyncio.sleep(0.03)

    writing = asyncio.create_task(write())
    for _ in range(3):
        await asyncio.sleep(chance.uniform(0.7, 1.5))
        await asyncio.to_thread(broker.kill)
        await asyncio.sleep(chance.uniform(0, 0.5))
        await asyncio.to_thread(broker.start)
    await writing
    await all_took_effect(hardy)


async def all_took_effect(service: Service) -> None:
    written = {row["key"]: row["n"] for row in await service.pool.fetch("select key, n from written")}

    async def done() -> bool:
        return {key: len(numbers) for key, numbers in (await service.effects()).items()} == written

    await until(done, 90)
    assert await service.pool.fetchval("select count(*) from dead_letters") == 0
    assert await service.effects() == {key: list(range(1, n + 1)) for key, n in written.items()}


async def test_what_nobody_had_read_comes_again_after_a_wipe_before_what_is_new(
    broker: OwnBroker, hardy: Service, keys: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hard case: the relay has not noticed the wipe yet and publishes into the empty broker."""
    monkeypatch.setattr(outbox_relay, "WIPE_CHECK_SECONDS", 8.0)
    relay = hardy.relay()
    await hardy.write(*keys)
    await until(lambda: _published(hardy, len(keys)))
    generation = await hardy.pool.fetchval("select generation from broker_generation")
    await asyncio.to_thread(broker.wipe)
    await hardy.write(*keys)  # the second of each key
    await until(lambda: _published(hardy, 2 * len(keys)))
    consumer = hardy.consumer()
    await all_took_effect(hardy)
    assert await hardy.pool.fetchval("select generation from broker_generation") > generation
    assert not relay.done()
    assert not consumer.done()


async def _published(service: Service, n: int) -> bool:
    return await published(service) == n


async def test_events_older_than_a_week_are_forgotten(
    service: Service, keys: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_relay, "WIPE_CHECK_SECONDS", 0.1)
    service.relay()
    await service.write(*keys)
    await until(lambda: _published(service, len(keys)))
    await service.pool.execute(
        "update outbox set published_at = now() - interval '8 days' where key = any($1)", keys[:2]
    )
    await until(lambda: _published(service, len(keys) - 2))
