"""Kafka clients with the settings that losing nothing needs (aiokafka's defaults are not)."""

import asyncio
from contextlib import suppress

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from chassis.settings import Settings

STOP_SECONDS = 5
SESSION_MS = 10_000
TANSU_SESSION_MS = 6_000  # who joins a group there waits for half of it, also alone


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


async def stop_quietly(client: AIOKafkaConsumer | AIOKafkaProducer | AIOKafkaAdminClient) -> None:
    """Stop a client within seconds, also when the broker is gone.

    aiokafka 0.14 then raises CancelledError from ``consumer.stop()`` and hangs in ``producer.stop()``.
    """
    stop = client.close() if isinstance(client, AIOKafkaAdminClient) else client.stop()
    task = asyncio.ensure_future(stop)
    await asyncio.wait({task}, timeout=STOP_SECONDS)
    if not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=1)
    with suppress(asyncio.CancelledError, Exception):
        task.exception()


async def check_broker(settings: Settings) -> None:
    """Raise when the broker does not answer within 3 s (for readiness)."""
    host, _, port = settings.kafka_bootstrap_servers.split(",")[0].rpartition(":")
    _, writer = await asyncio.wait_for(asyncio.open_connection(host, int(port)), 3)
    writer.close()
