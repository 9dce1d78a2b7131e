"""An event that cannot be handled waits, with those of its key behind it; nobody else does."""

import asyncio
from uuid import UUID

import asyncpg
import pytest

from chassis import dead_letters, inbox
from chassis.incoming import Incoming
from tests.integration.chassis.conftest import Number, Service, until

pytestmark = [pytest.mark.stack, pytest.mark.kafka]


class Broken(Exception):
    """A fault in the handler."""


class Handler:
    """Fails on the second event of one key while broken."""

    def __init__(self, service: Service, key: UUID) -> None:
        self.service, self.key, self.broken = service, key, True

    async def __call__(self, conn: asyncpg.Connection, event: Incoming) -> None:
        if self.broken and event.key == self.key and Number.model_validate_json(event.data).n == 2:
            raise Broken("talade med Alva")
        await self.service.take(conn, event)


@pytest.fixture
async def poisoned(service: Service, keys: list[UUID], monkeypatch: pytest.MonkeyPatch) -> Handler:
    """The second event of the first key is dead, the third parked; all others have taken effect."""
    monkeypatch.setattr(inbox, "TRIES", 2)
    handler = Handler(service, keys[0])
    service.relay()
    service.consumer(handler)
    for _ in range(3):
        await service.write(*keys)
    await effects(service, {keys[0]: 1} | dict.fromkeys(keys[1:], 3), waiting=2)
    return handler


async def effects(service: Service, expected: dict[UUID, int], *, waiting: int) -> None:
    async def done() -> bool:
        took = {key: len(numbers) for key, numbers in (await service.effects()).items()}
        open_ = await service.pool.fetchval("select count(*) from dead_letters where resolved_at is null")
        return took == expected and open_ == waiting

    await until(done)


async def test_the_cause_is_told_without_what_was_said(poisoned: Handler, service: Service) -> None:
    rows = await service.pool.fetch('select cause, topic, partition, "offset" from dead_letters order by id')
    assert [row["cause"] for row in rows] == ["Broken", "parked"]


async def test_a_replay_handles_them_in_order_and_the_consumer_goes_on(
    poisoned: Handler, service: Service, keys: list[UUID]
) -> None:
    with pytest.raises(Broken):
        await dead_letters.replay(service.pool, service.group, keys[0], poisoned)
    poisoned.broken = False
    assert await dead_letters.replay(service.pool, service.group, keys[0], poisoned) == dead_letters.Replayed(2, 0)
    assert await dead_letters.replay(service.pool, service.group, keys[0], poisoned) == dead_letters.Replayed(0, 0)
    await service.write(*keys)
    await effects(service, dict.fromkeys(keys, 4), waiting=0)


async def test_events_that_come_during_a_replay_are_not_left_behind(
    poisoned: Handler, service: Service, keys: list[UUID]
) -> None:
    poisoned.broken = False

    async def write() -> None:
        for _ in range(40):
            await service.write(keys[0])

    async def replay_slowly(conn: asyncpg.Connection, event: Incoming) -> None:
        await asyncio.sleep(0.01)
        await poisoned(conn, event)

    writing = asyncio.create_task(write())
    replays = [dead_letters.replay(service.pool, service.group, keys[0], replay_slowly) for _ in range(2)]
    await asyncio.gather(*replays)
    await writing
    await effects(service, {keys[0]: 43} | dict.fromkeys(keys[1:], 3), waiting=0)


async def test_a_replay_that_fails_half_way_keeps_what_it_did(
    poisoned: Handler, service: Service, keys: list[UUID]
) -> None:
    poisoned.broken = False

    async def only_the_second(conn: asyncpg.Connection, event: Incoming) -> None:
        if Number.model_validate_json(event.data).n == 3:
            raise Broken
        await poisoned(conn, event)

    assert await dead_letters.replay(
        service.pool, service.group, keys[0], only_the_second
    ) == dead_letters.Replayed(1, 1)
    await effects(service, {keys[0]: 2} | dict.fromkeys(keys[1:], 3), waiting=1)


async def test_a_discarded_event_does_not_come_back(poisoned: Handler, service: Service, keys: list[UUID]) -> None:
    dead = await service.pool.fetchval("select event_id from dead_letters where cause = 'Broken'")
    async with service.pool.acquire() as conn, conn.transaction():
        assert await dead_letters.discard(conn, service.group, dead)
        assert not await dead_letters.discard(conn, service.group, dead)
    poisoned.broken = False
    await service.pool.execute("update outbox set published_at = null where event_id = $1", dead)  # comes again
    with pytest.raises(Exception, match="3 after 1"):  # its effect is missing, and the next one says so
        await dead_letters.replay(service.pool, service.group, keys[0], poisoned)
    await effects(service, {keys[0]: 1} | dict.fromkeys(keys[1:], 3), waiting=1)
