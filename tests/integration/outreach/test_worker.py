"""The worker as it runs: events from Kafka to workflows and back, protection, ends, dead letters."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from chassis import kafka, outbox
from chassis.health import Check, failing
from chassis.incoming import Incoming, parse
from chassis.outbox_relay import OutboxRelay
from chassis.postgres import create_pool, transaction
from contracts import events
from contracts.ids import youth_workflow_id
from contracts.messages import AnswerChannel
from deploy.local.databases import Database
from services.outreach.app import make_app
from services.outreach.settings import Settings
from services.outreach.worker import start
from tests.integration.outreach.conftest import LoadSettings, serving
from tests.integration.outreach.running import Running, eventually, running
from tests.integration.outreach.youths import NOON, Youth, incoming

pytestmark = [pytest.mark.stack, pytest.mark.kafka]
As = Callable[..., dict[str, str]]
Publish = Callable[[Incoming], Awaitable[None]]


# One worker for all tests here: joining consumer groups takes its time.


@pytest.fixture(scope="module")
async def settings(
    service_database: Callable[[str], Awaitable[Database]], load_settings: LoadSettings
) -> Settings:
    return load_settings(await service_database("outreach"), fast=True)


@pytest.fixture(scope="module")
async def pool(settings: Settings) -> AsyncIterator[asyncpg.Pool]:
    async with await create_pool(settings.database_url, application_name="test", max_size=4) as pool:
        yield pool


@pytest.fixture(scope="module")
async def api(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(make_app(settings)) as client:
        yield client


async def cancel(tasks: Sequence["asyncio.Future[Any]"]) -> None:
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task


@pytest.fixture(scope="module")
async def publish(
    service_database: Callable[[str], Awaitable[Database]], settings: Settings
) -> AsyncIterator[Publish]:
    """`await publish(event)`: as the other services do, from an outbox through a relay."""
    database = await service_database("registry")
    topics = [events.REGISTRY_YOUTH, events.NOTIFICATIONS_ANSWER]
    relay = asyncio.ensure_future(OutboxRelay(database.app_url, settings, source="/test", topics=topics).run())
    async with await create_pool(database.app_url, application_name="test") as pool:

        async def publish(event: Incoming) -> None:
            data = events.EVENT_BY_TYPE[event.type].model_validate_json(event.data)
            async with transaction(pool) as conn:
                await outbox.put(
                    conn, topic=event.topic, key=event.key, type=event.type, data=data, time=event.time,
                    event_id=event.event_id,
                )  # fmt: skip

        yield publish
        await cancel([relay])


@pytest.fixture(scope="module")
async def run(pool: asyncpg.Pool, settings: Settings) -> AsyncIterator[Running]:
    """The service's own worker, with workflows beside it."""
    checks: dict[str, Check] = {}
    async with running(pool, settings, without_outreach=True) as run, start(settings, checks) as parts:
        assert await failing(checks) == {}
        tasks: list[asyncio.Future[Any]] = [asyncio.ensure_future(part) for part in parts]
        yield run
        await cancel(tasks)


async def published(settings: Settings, youth_id: UUID, type: str) -> Incoming:
    """Return a youth's event of a type, read from the service's own topics."""
    consumer = kafka.make_consumer(settings, f"test-{youth_id}")
    await consumer.start()
    try:
        consumer.subscribe([events.OUTREACH_TASK, events.OUTREACH_JOURNEY])
        async with asyncio.timeout(60):
            while True:
                for records in (await consumer.getmany(timeout_ms=500)).values():
                    for event in map(parse, records):
                        if event.key == youth_id and event.type == type:
                            return event
    finally:
        await kafka.stop_quietly(consumer)


def answered(youth: Youth) -> Incoming:
    return incoming(
        events.YouthAnswered(
            youth_id=youth.youth_id,
            episode_id=youth.episode_id,
            channel=AnswerChannel.SMS,
            message_id=None,
            answered_at=NOON,
        )
    )


async def handled(run: Running, event: Incoming) -> None:
    sql = "select true from inbox where event_id = $1"
    await eventually(lambda: run.pool.fetchval(sql, event.event_id), "a handled event")


async def test_from_registration_to_an_answer(run: Running, publish: Publish, settings: Settings) -> None:
    youth = Youth()
    run.youths.append(youth)
    today = settings.clock.today()
    await publish(incoming(youth.registered(registered_on=today), settings.clock.now()))
    task_id = await run.task(youth, "call")
    opened = await published(settings, youth.youth_id, events.TaskOpened.type)
    assert events.TaskOpened.model_validate_json(opened.data).task_id == task_id

    await publish(answered(youth))
    await run.step(youth, "mapping")
    row = await run.pool.fetchrow("select * from journeys where youth_id = $1", youth.youth_id)
    assert row is not None
    assert (row["reached_by"], row["registered_on"], row["policy_version"]) == ("sms_answer", today, "local-4")
    assert await run.pool.fetchval("select state from tasks where task_id = $1", task_id) == "cancelled"


async def test_who_ended_stays_ended_when_told_again(run: Running, publish: Publish, settings: Settings) -> None:
    youth = Youth()
    await publish(incoming(youth.registered(), settings.clock.now()))
    await run.step(youth, "first_contact")
    await publish(incoming(youth.coverage_ended(), settings.clock.now()))
    await run.step(youth, "ended")
    for late in (incoming(youth.registered()), incoming(youth.changed(district="bromma")), answered(youth)):
        await publish(late)
        await handled(run, late)
    handle = run.client.get_workflow_handle(youth_workflow_id(youth.youth_id))
    status = (await handle.describe()).status
    assert status is not None
    assert status.name == "COMPLETED"

    again = Youth(youth_id=youth.youth_id)  # covered once more: a new episode
    run.youths.append(again)
    await publish(incoming(again.registered(), settings.clock.now()))
    await run.task(again, "call")
    assert await run.pool.fetchval("select count(*) from journeys where youth_id = $1", youth.youth_id) == 2


async def test_protection_hides_the_youth_everywhere(
    run: Running, publish: Publish, settings: Settings, api: httpx.AsyncClient, as_: As
) -> None:
    youth = Youth(district="farsta")
    run.youths.append(youth)
    await publish(incoming(youth.registered(), settings.clock.now()))
    task_id = await run.task(youth, "call")
    coordinator, handler = as_("kaa_coordinator"), as_("special_handler")
    assert (await api.get(f"/tasks/{task_id}", headers=coordinator)).status_code == 200

    event = incoming(youth.changed(district="farsta", protected=True), settings.clock.now())
    await publish(event)
    await handled(run, event)
    assert (await api.get(f"/tasks/{task_id}", headers=coordinator)).status_code == 404
    assert (await api.get(f"/youths/{youth.youth_id}", headers=coordinator)).status_code == 404
    by_hand = await run.task(youth, "protected")
    task = (await api.get(f"/tasks/{by_hand}", headers=handler)).json()
    assert (task["group"], task["district"]) == ("special_handlers", None)
    districts = await run.pool.fetchval(
        "select count(district) + (select count(district) from journeys where youth_id = $1) "
        "from tasks where youth_id = $1",
        youth.youth_id,
    )
    assert districts == 0
    entered = await run.pool.fetch(
        "select data from outbox where key = $1 and data->>'step' = 'manual'", youth.youth_id
    )
    assert [row["data"]["district"] for row in entered] == [None]


async def test_open_tasks_follow_the_youth_to_another_district(
    run: Running, publish: Publish, settings: Settings, api: httpx.AsyncClient, as_: As
) -> None:
    youth = Youth(district="farsta")
    run.youths.append(youth)
    await publish(incoming(youth.registered(), settings.clock.now()))
    task_id = await run.task(youth, "call")
    event = incoming(youth.changed(district="bromma"), settings.clock.now())
    await publish(event)
    await handled(run, event)
    there = await api.get(f"/tasks/{task_id}", headers=as_("local_coordinator", "bromma"))
    here = await api.get(f"/tasks/{task_id}", headers=as_("local_coordinator", "farsta"))
    assert (there.status_code, here.status_code) == (200, 404)


async def test_a_fact_that_finds_no_workflow_waits_for_an_operator(
    run: Running, publish: Publish, settings: Settings, api: httpx.AsyncClient, as_: As
) -> None:
    youth = Youth()
    run.youths.append(youth)
    registered = youth.registered()
    await publish(incoming(registered, settings.clock.now()))
    await run.step(youth, "first_contact")
    await run.client.get_workflow_handle(youth_workflow_id(youth.youth_id)).terminate()
    await publish(incoming(youth.changed(district="bromma"), settings.clock.now()))
    await publish(incoming(youth.changed(district="jarva"), settings.clock.now()))

    operator = as_("operator")

    async def waiting() -> list[Any] | None:
        # Of this youth only: on a shared broker, other tests' youths come by too, and wait as well.
        items = (await api.get("/dead-letters", headers=operator)).json()["items"]
        own = [item for item in items if item["key"] == str(youth.youth_id)]
        return own if len(own) == 2 else None

    letters = await eventually(waiting, "two waiting events")
    assert [letter["cause"] for letter in letters] == ["OutreachMissing", "parked"]

    path = f"/dead-letters/{youth.youth_id}/replay"
    too_early = await api.post(path, headers=operator)
    assert (too_early.status_code, "OutreachMissing" in too_early.json()["detail"]) == (409, True)
    await run.facts.from_registry(incoming(registered, settings.clock.now()))  # the operator starts it again
    replayed = await api.post(path, headers=operator)
    assert replayed.json() == {"done": 2, "left": 0}
    assert await waiting() is None
    assert (await api.post(path, headers=operator)).status_code == 404
    assert await run.pool.fetchval("select count(*) from audit where action = 'dead_letter.replay'") == 2
