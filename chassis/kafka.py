"""Kafka clients with the settings that losing nothing needs (aiokafka's defaults are not)."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from functools import partial
from typing import Any

import aiokafka.client
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.metadata import MetadataRequest

from chassis.settings import Settings
from chassis.timeouts import within

STOP_SECONDS = 5
SESSION_MS = 10_000
TANSU_SESSION_MS = 6_000  # who joins a group there waits for half of it, also alone


# Topics are made by the relays, on purpose. aiokafka has no setting against a topic being made by asking
# about it, which makes one with the broker's defaults; on Tansu, two who do so at once break the topic.
aiokafka.client.MetadataRequest = partial(MetadataRequest, allow_auto_topic_creation=False)


def make_producer(settings: Settings, client_id: str) -> AIOKafkaProducer:
    """Return a producer that waits for all replicas and, except on Tansu, writes each record once."""
    return AIOKafkaProducer(
        bootstrap_servers=settings.kafka_bootstrap_servers,
        client_id=client_id,
        acks="all",
        enable_idempotence=settings.kafka_idempotence,
        linger_ms=5,
        request_timeout_ms=10_000,
    )


def make_consumer(settings: Settings, group: str) -> AIOKafkaConsumer:
    """Return a consumer that starts at the beginning and commits only when told to."""
    session_ms = SESSION_MS if settings.kafka_idempotence else TANSU_SESSION_MS
    return AIOKafkaConsumer(
        bootstrap_servers=settings.kafka_bootstrap_servers,
        client_id=group,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_poll_interval_ms=300_000,
        session_timeout_ms=session_ms,
        heartbeat_interval_ms=session_ms // 4,
        metadata_max_age_ms=5_000,
        request_timeout_ms=10_000,
    )


def make_admin(settings: Settings, client_id: str) -> AIOKafkaAdminClient:
    return AIOKafkaAdminClient(
        bootstrap_servers=settings.kafka_bootstrap_servers, client_id=client_id, request_timeout_ms=10_000
    )


async def stop_quietly(
    client: AIOKafkaConsumer | AIOKafkaProducer | AIOKafkaAdminClient, seconds: float = STOP_SECONDS
) -> None:
    """Stop a client within ``seconds`` (and a bit), also when the broker is gone.

    aiokafka 0.14 then raises CancelledError from ``consumer.stop()`` and hangs in ``producer.stop()``.
    """
    stop = client.close() if isinstance(client, AIOKafkaAdminClient) else client.stop()
    if not await _ended(stop, seconds):
        # The stop was cut short: no task of the client may live on and send what is in its buffers.
        if isinstance(client, AIOKafkaProducer):
            await _ended(client._sender.close(), 1)
        for name in ("client", "_client"):
            if (connections := getattr(client, name, None)) is not None:
                await _ended(connections.close(), 1)


async def _ended(work: Coroutine[Any, Any, object], seconds: float) -> bool:
    """Wait for work that may fail or hang; cancel it in the end. Returns whether it ended by itself."""
    task = asyncio.ensure_future(work)
    done, _ = await asyncio.wait({task}, timeout=seconds)
    if not done:
        task.cancel()
        await asyncio.wait({task}, timeout=1)
    with suppress(asyncio.CancelledError, Exception):
        task.exception()
    return bool(done)


async def check_broker(settings: Settings) -> None:
    """Raise when the broker does not answer within 3 s (for readiness)."""
    host, _, port = settings.kafka_bootstrap_servers.split(",")[0].rpartition(":")
    _, writer = await within(3, asyncio.open_connection(host, int(port)))
    writer.close()
