"""A service at a broker: writer, relay, consumers, effects. The broker is shared, or one to kill and wipe."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from pydantic import BaseModel

from chassis import kafka, outbox
from chassis.clock import CivilClock, ClockSpec
from chassis.consumer import Consumer
from chassis.inbox import Before, Handle
from chassis.incoming import Incoming
from chassis.outbox import OutgoingEvent
from chassis.outbox_relay import OutboxRelay
from chassis.postgres import create_pool, transaction
from chassis.settings import Settings
from deploy.local.databases import Database
from tests.stack.kafka import KafkaServer
from tests.stack.own_broker import OwnBroker, own_broker

TYPE = "se.uppsok.test.number.v1"
CLOCK = CivilClock(ClockSpec())
Databases = Callable[[str], Awaitable[Database]]


class Number(BaseModel):
    """The nth event of a key, from 1."""

    n: int


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[OwnBroker]:
    with own_broker(tmp_path) as broker:
        yield broker


class OutOfOrder(Exception):
    """An event took effect before one that was written before it."""


class Service:
    """A service's database with what works on it. Effects are rows; one out of order is refused."""

    def __init__(self, pool: asyncpg.Pool, url: str, settings: Settings) -> None:
        self.pool, self.url, self.settings = pool, url, settings
        self.group = f"test-{uuid4()}"
        self.topic = f"{self.group}.v1"
        self._tasks: list[asyncio.Task[None]] = []

    async def write(self, *keys: UUID) -> None:
        """Write the next event of each key, in one transaction, numbered under the lock of the key's row."""
        async with transaction(self.pool) as conn:
            numbers = [await conn.fetchval(NEXT_NUMBER, key) for key in keys]
            await outbox.put_many(
                conn,
                [
                    OutgoingEvent(self.topic, key, TYPE, Number(n=n), CLOCK.now())
                    for key, n in zip(keys, numbers, strict=True)
                ],
            )

    async def effects(self) -> dict[UUID, list[int]]:
        """Return the numbers that took effect, by key, in the order in which they did."""
        rows = await self.pool.fetch("select key, array_agg(n order by id) as numbers from effect group by key")
        return {row["key"]: row["numbers"] for row in rows}

    async def take(self, conn: asyncpg.Connection, event: Incoming) -> None:
        """The usual handler: one effect per event, in order."""
        n = Number.model_validate_json(event.data).n
        before = await conn.fetchval("select count(*) from effect where key = $1", event.key)
        if n != before + 1:
            raise OutOfOrder(f"{n} after {before}")
        await conn.execute("insert into effect (key, n) values ($1, $2)", event.key, n)

    def relay(self) -> asyncio.Task[None]:
        return self._run(OutboxRelay(self.url, self.settings, source="/test", topics=[self.topic]).run())

    def consumer(self, handle: Handle | None = None, before: Before | None = None) -> asyncio.Task[None]:
        consumer = Consumer(
            pool=self.pool,
            settings=self.settings,
            group=self.group,
            topics=[self.topic],
            handle=handle or self.take,
            before=before,
        )
        return self._run(consumer.run())

    def _run(self, work: Any) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.append(task)
        return task

    async def stop(self, *tasks: asyncio.Task[None]) -> None:
        """Cancel these (or all) and wait. Raises what one of them failed with."""
        for task in tasks or self._tasks:
            task.cancel()
        for task in tasks or self._tasks:
            with suppress(asyncio.CancelledError):
                await task


NEXT_NUMBER = """
insert into written (key, n) values ($1, 1) on conflict (key) do update set n = written.n + 1 returning n
"""
TABLES = """
create table written (key uuid primary key, n int not null);
create table effect (id bigint generated always as identity primary key, key uuid not null, n int not null);
"""


@asynccontextmanager
async def a_service(settings: Settings, database: Database) -> AsyncIterator[Service]:
    migrator = await asyncpg.connect(database.migrator_url)
    await migrator.execute(TABLES)
    await migrator.close()
    async with await create_pool(database.app_url, application_name="test") as pool:
        service = Service(pool, database.app_url, settings)
        yield service
        await service.stop()


@pytest.fixture(autouse=True)
def quick_joins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka, "TANSU_SESSION_MS", 2_000)


@pytest.fixture
async def service(kafka_server: KafkaServer, service_database: Databases) -> AsyncIterator[Service]:
    """At the broker that all tests share."""
    settings = Settings(
        environment="test",
        kafka_bootstrap_servers=kafka_server.bootstrap_servers,
        kafka_idempotence=kafka_server.idempotence,
    )
    # The chassis' tables alone: there is no service of this name.
    async with a_service(settings, await service_database("chassis")) as service:
        yield service


@pytest.fixture
async def hardy(broker: OwnBroker, service_database: Databases) -> AsyncIterator[Service]:
    """At `broker`, which the test kills or wipes."""
    async with a_service(broker.settings, await service_database("chassis")) as service:
        yield service


@pytest.fixture
def keys() -> list[UUID]:
    return [uuid4() for _ in range(5)]


async def until(true: Callable[[], Awaitable[bool]], seconds: float = 60) -> None:
    """Wait until something holds. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not await true():
            await asyncio.sleep(0.05)
