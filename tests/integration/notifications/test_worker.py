"""The worker as it runs: a workflow asks, letter and SMS go out, events come and go through Kafka."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from temporalio import workflow
from temporalio.client import Client, WorkflowFailureError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from chassis import kafka, outbox
from chassis.health import Check, failing
from chassis.incoming import parse
from chassis.outbox_relay import OutboxRelay
from chassis.postgres import create_pool, transaction
from chassis.temporal import connect
from contracts.events import NOTIFICATIONS_MESSAGE, REGISTRY_YOUTH, YouthChanged
from contracts.messages import MessageKind, MessageSpec, MessageState
from contracts.notifications_activities import (
    NOTIFICATIONS_QUEUE,
    QUEUE_MESSAGES,
    QueuedMessages,
    QueueMessages,
)
from deploy.local.databases import Database
from services.notifications.settings import Settings
from services.notifications.worker import start
from tests.integration.notifications.conftest import NOW
from tests.integration.notifications.registry import RegistryServer
from tests.integration.notifications.servers import serving
from tests.stack.tokens import AuthEnv

pytestmark = [pytest.mark.stack, pytest.mark.kafka]
DAY_AND_NIGHT = {"UPPSOK_NOTIFICATIONS_SMS_FROM": "00:00", "UPPSOK_NOTIFICATIONS_SMS_UNTIL": "23:59:59.999999"}


@workflow.defn
class Asks:
    """Stands in for the youth's workflow: asks for messages."""

    @workflow.run
    async def run(self, request: QueueMessages) -> QueuedMessages:
        result: QueuedMessages = await workflow.execute_activity(
            QUEUE_MESSAGES,
            request,
            task_queue=NOTIFICATIONS_QUEUE,
            start_to_close_timeout=timedelta(seconds=30),
            result_type=QueuedMessages,
        )
        return result


async def cancel(tasks: Sequence["asyncio.Future[Any]"]) -> None:
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task


async def until(done: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await done():
            await asyncio.sleep(0.1)


@pytest.fixture
async def settings(
    service_database: Callable[[str], Awaitable[Database]],
    kafka_settings: dict[str, str],
    temporal_address: str,
    auth_env: AuthEnv,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[tuple[Settings, RegistryServer]]:
    registry = RegistryServer(Path(auth_env["UPPSOK_SERVICE_TOKEN_FILE"]).read_text().strip())
    async with serving(registry.app()) as url:
        own = {
            "DATABASE_URL_NOTIFICATIONS": (await service_database("notifications")).app_url,
            "TEMPORAL_ADDRESS": temporal_address,
            "UPPSOK_ENVIRONMENT": "test",
            "UPPSOK_NOTIFICATIONS_REGISTRY_URL": url,
            "UPPSOK_NOTIFICATIONS_LETTER_FOLDER": str(tmp_path / "letters"),
            "UPPSOK_NOTIFICATIONS_SMS_FOLDER": str(tmp_path / "sms"),
        }
        for key, value in {**auth_env, **kafka_settings, **DAY_AND_NIGHT, **own}.items():
            monkeypatch.setenv(key, value)
        yield Settings.load(), registry


async def ask(client: Client, request: QueueMessages) -> QueuedMessages:
    queue = f"asks-{request.youth_id}"
    async with Worker(client, task_queue=queue, workflows=[Asks], workflow_runner=UnsandboxedWorkflowRunner()):
        return await client.execute_workflow(Asks.run, request, id=queue, task_queue=queue)


async def published(settings: Settings, youth_id: UUID, wanted: set[str]) -> None:
    """Return when events of these types about a youth have been on the topic."""
    consumer = kafka.make_consumer(settings, f"test-{youth_id}")
    await consumer.start()
    try:
        consumer.subscribe([NOTIFICATIONS_MESSAGE])
        async with asyncio.timeout(60):
            while wanted:
                for records in (await consumer.getmany(timeout_ms=500)).values():
                    found = {event.type.split(".")[-2] for event in map(parse, records) if event.key == youth_id}
                    wanted = wanted - found
    finally:
        await kafka.stop_quietly(consumer)


async def test_from_a_workflow_to_print_and_phone_and_back(
    settings: tuple[Settings, RegistryServer], service_database: Callable[[str], Awaitable[Database]]
) -> None:
    ours, registry = settings
    youth_id, episode_id = uuid4(), uuid4()
    registry.knows(youth_id)
    elsewhere = await service_database("registry")
    checks: dict[str, Check] = {}
    async with (
        start(ours, checks) as parts,
        await create_pool(ours.database_url, application_name="test") as pool,
        await create_pool(elsewhere.app_url, application_name="test") as registry_pool,
    ):
        assert await failing(checks) == {}
        relay = OutboxRelay(elsewhere.app_url, ours, source="/test", topics=[REGISTRY_YOUTH])
        tasks: list[asyncio.Future[Any]] = [asyncio.ensure_future(part) for part in (*parts, relay.run())]
        try:
            client = await connect(ours)
            specs = [
                MessageSpec(message_id=uuid4(), kind=kind)
                for kind in (MessageKind.FIRST_LETTER, MessageKind.FIRST_SMS)
            ]
            request = QueueMessages(youth_id=youth_id, episode_id=episode_id, messages=tuple(specs))
            result = await ask(client, request)
            assert {one.state for one in result.results} == {MessageState.QUEUED}
            await published(ours, youth_id, {"message-queued", "message-sent", "message-delivered"})
            states = await pool.fetch("select channel, state from message where youth_id = $1", youth_id)
            assert {tuple(row) for row in states} == {("letter", "sent"), ("sms", "delivered")}

            data = YouthChanged(
                youth_id=youth_id,
                episode_id=episode_id,
                district="farsta",
                protected=False,
                last_covered_day=NOW.date(),
            )
            async with transaction(registry_pool) as conn:
                await outbox.put(
                    conn, topic=data.topic, key=youth_id, type=data.type, data=data, time=NOW, event_id=uuid4()
                )

            async def told() -> bool:
                district = await pool.fetchval("select district from youth where youth_id = $1", youth_id)
                return bool(district == "farsta")

            await until(told)

            card = MessageSpec(message_id=uuid4(), kind=MessageKind.DOOR_CARD)
            odd = QueueMessages(youth_id=uuid4(), episode_id=episode_id, messages=(card,))
            with pytest.raises(WorkflowFailureError):  # at once: not retried
                await ask(client, odd)
        finally:
            await cancel(tasks)
