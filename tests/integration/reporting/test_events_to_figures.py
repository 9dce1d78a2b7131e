"""From an event in another service's outbox, over Kafka, to a figure over HTTP."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from chassis import kafka, outbox
from chassis.health import Check, failing
from chassis.outbox import OutgoingEvent
from chassis.outbox_relay import OutboxRelay
from chassis.postgres import create_pool, transaction
from contracts.events import EVENT_BY_TYPE, TOPICS
from contracts.messages import MessageKind
from contracts.reasons import ReachedBy
from contracts.tasks import CallResult, TaskKind
from deploy.local.databases import Database
from services.reporting.app import make_app
from services.reporting.settings import ReportingSettings
from services.reporting.worker import start
from tests.integration.reporting.lives import Life
from tests.stack.own_broker import OwnBroker, own_broker
from tests.stack.tokens import AuthEnv

pytestmark = [pytest.mark.stack, pytest.mark.kafka]
AUGUST_20, SEPTEMBER_10 = date(2025, 8, 20), date(2025, 9, 10)
Databases = Callable[[str], Awaitable[Database]]
Publish = Callable[..., Awaitable[None]]


@pytest.fixture
def broker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnBroker]:
    monkeypatch.setattr(kafka, "TANSU_SESSION_MS", 2_000)
    with own_broker(tmp_path) as broker:
        yield broker


@pytest.fixture
async def settings(broker: OwnBroker, service_database: Databases, auth_env: AuthEnv) -> ReportingSettings:
    database = await service_database("reporting")
    auth = {name.removeprefix("UPPSOK_").lower(): value for name, value in auth_env.items()}
    return ReportingSettings.model_validate(
        {"environment": "test", "database_url": database.app_url, **broker.keys, **auth}
    )


@pytest.fixture
async def publish(broker: OwnBroker, service_database: Databases) -> AsyncIterator[Publish]:
    """`await publish(life, ...)`: writes their events to an outbox, from which a relay takes them."""
    database = await service_database("chassis")
    relay = asyncio.ensure_future(
        OutboxRelay(database.app_url, broker.settings, source="/test", topics=TOPICS).run()
    )
    async with await create_pool(database.app_url, application_name="test") as pool:

        async def publish(*lives: Life) -> None:
            events = [
                OutgoingEvent(
                    event.topic, event.key, event.type,
                    EVENT_BY_TYPE[event.type].model_validate_json(event.data), event.time, event.event_id,
                )
                for life in lives
                for event in life.happened
            ]  # fmt: skip
            async with transaction(pool) as conn:
                await outbox.put_many(conn, events)

        yield publish
        await ended(relay)


async def ended(*tasks: "asyncio.Future[Any]") -> None:
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest.fixture
async def worker(settings: ReportingSettings) -> AsyncIterator[None]:
    checks: dict[str, Check] = {}
    async with start(settings, checks) as parts:
        assert await failing(checks) == {}
        tasks = [asyncio.ensure_future(part) for part in parts]
        yield
        await ended(*tasks)


@pytest.fixture
async def client(settings: ReportingSettings, token: Callable[..., str]) -> AsyncIterator[httpx.AsyncClient]:
    app = make_app(settings)
    headers = {"Authorization": f"Bearer {token('statistician')}"}
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://reporting", headers=headers) as client,
    ):
        yield client


async def total(client: httpx.AsyncClient) -> dict[str, int]:
    answer = await client.get("/funnel", params={"from": "2025-07-01", "to": "2025-12-31"})
    assert answer.status_code == 200
    figures = answer.json()["total"]
    made = {type: effort["made"] for type, effort in figures["efforts"].items()}
    return {
        "covered": figures["covered"], "sought": figures["sought"], "reached": figures["reached"],
        "letters": made["first_letter"], "calls": made["call"],
    }  # fmt: skip


async def becomes(client: httpx.AsyncClient, expected: dict[str, int], seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while await total(client) != expected:
            await asyncio.sleep(0.05)


def a_life() -> Life:
    return Life().registered(AUGUST_20).search_started(AUGUST_20).message(AUGUST_20, MessageKind.FIRST_LETTER)


async def test_the_funnel_changes_within_seconds_of_a_completed_task(
    publish: Publish, worker: None, client: httpx.AsyncClient
) -> None:
    lives = [a_life() for _ in range(3)]
    await publish(*lives)
    before = {"covered": 3, "sought": 3, "reached": 0, "letters": 3, "calls": 0}
    await becomes(client, before)
    call = Life(lives[0].youth_id, lives[0].episode_id)
    call.task(SEPTEMBER_10, TaskKind.CALL, CallResult.REACHED).reached(SEPTEMBER_10, ReachedBy.CALL)
    began = time.monotonic()
    await publish(call)
    await becomes(client, {**before, "reached": 1, "calls": 1})
    assert time.monotonic() - began < 5


async def test_a_wiped_broker_counts_nothing_twice_and_loses_nothing(
    broker: OwnBroker, publish: Publish, worker: None, client: httpx.AsyncClient
) -> None:
    await publish(*(a_life() for _ in range(4)))
    await becomes(client, {"covered": 4, "sought": 4, "reached": 0, "letters": 4, "calls": 0})
    await asyncio.to_thread(broker.kill)
    await publish(*(a_life() for _ in range(4)))
    await asyncio.to_thread(broker.wipe)
    await publish(*(a_life() for _ in range(2)))
    expected = {"covered": 10, "sought": 10, "reached": 0, "letters": 10, "calls": 0}
    await becomes(client, expected)
    await asyncio.sleep(1)  # what came again has been dropped by now, or counted
    assert await total(client) == expected


async def test_a_poison_event_waits_and_others_go_on(
    publish: Publish, worker: None, settings: ReportingSettings, client: httpx.AsyncClient,
    token: Callable[..., str],
) -> None:  # fmt: skip
    """A fault of the database for one youth; when it is mended, an operator replays."""
    poisoned, other = a_life(), a_life()
    conn = await asyncpg.connect(settings.database_url)
    registered = poisoned.happened[0]
    # As if this event had died before: those of its youth on all topics wait behind it.
    await conn.execute(
        "insert into dead_letters "
        '(consumer, event_id, topic, partition, "offset", key, type, time, data, cause) '
        "values ('reporting', $1, $2, 0, 0, $3, $4, $5, $6, 'Broken')",
        registered.event_id, registered.topic, registered.key, registered.type, registered.time, registered.data,
    )  # fmt: skip
    await publish(poisoned, other)
    await becomes(client, {"covered": 1, "sought": 1, "reached": 0, "letters": 1, "calls": 0})
    operator = {"Authorization": f"Bearer {token('operator')}"}

    async def waiting() -> list[dict[str, object]]:
        answer = await client.get("/dead-letters", headers=operator)
        assert answer.status_code == 200
        items: list[dict[str, object]] = answer.json()["items"]
        return items

    async with asyncio.timeout(30):
        while len(await waiting()) < len(poisoned.happened):
            await asyncio.sleep(0.05)
    assert [letter["cause"] for letter in await waiting()] == ["Broken"] + ["parked"] * 4
    replayed = await client.post(f"/dead-letters/{poisoned.youth_id}/replay", headers=operator)
    assert replayed.json() == {"done": 5, "left": 0}
    await becomes(client, {"covered": 2, "sought": 2, "reached": 0, "letters": 2, "calls": 0})
    assert (await client.post(f"/dead-letters/{poisoned.youth_id}/replay", headers=operator)).status_code == 404
    assert await conn.fetchval("select action from audit") == "dead_letter.replay"
    await conn.close()
