"""Temporal clients and workers: one way to connect, with payload encryption on from the start."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Any

import structlog
from temporalio.api.workflowservice.v1 import GetSystemInfoRequest
from temporalio.client import Client
from temporalio.contrib.pydantic import PydanticPayloadConverter
from temporalio.converter import DataConverter, DefaultFailureConverter
from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig
from temporalio.service import RPCError
from temporalio.worker import Worker

from chassis.payload_codec import EncryptingCodec, PayloadKeys
from chassis.settings import Settings
from chassis.temporal_tracing import MessageTracing

log = structlog.get_logger(__name__)
GRACE = timedelta(seconds=30)
# An activity's heartbeats reach the server at least this often; by itself the SDK saves them up for four
# fifths of the timeout, and one that is late then counts as dead.
HEARTBEAT = timedelta(seconds=5)


class EncodedFailureConverter(DefaultFailureConverter):
    """Messages and stack traces of failures are encrypted as payloads are."""

    def __init__(self) -> None:
        super().__init__(encode_common_attributes=True)


def data_converter(settings: Settings) -> DataConverter:
    """Return the converter of all our clients. Raises ValueError outside tests without payload keys."""
    if settings.payload_keys_file is None:
        if settings.environment != "test":
            raise ValueError("UPPSOK_PAYLOAD_KEYS_FILE is not set: workflow payloads would be readable")
        return DataConverter(payload_converter_class=PydanticPayloadConverter)
    return DataConverter(
        payload_converter_class=PydanticPayloadConverter,
        failure_converter_class=EncodedFailureConverter,
        payload_codec=EncryptingCodec(PayloadKeys.read(settings.payload_keys_file)),
    )


@lru_cache(maxsize=1)
def _measured(address: str) -> Runtime:
    """The SDK's runtime that tells its metrics: one a process."""
    metrics = PrometheusConfig(bind_address=address, counters_total_suffix=True, durations_as_seconds=True)
    return Runtime(telemetry=TelemetryConfig(metrics=metrics))


async def connect(settings: Settings, *, patience: float = 60.0) -> Client:
    """Return a client; waits up to ``patience`` seconds for the server to come up."""
    converter = data_converter(settings)
    told_at = settings.temporal_metrics_address
    loop = asyncio.get_running_loop()
    until = loop.time() + patience
    while True:
        try:
            return await Client.connect(
                settings.temporal_address,
                namespace=settings.temporal_namespace,
                data_converter=converter,
                interceptors=[MessageTracing()],
                runtime=_measured(told_at) if told_at else None,
            )
        except (RPCError, RuntimeError) as error:
            if loop.time() > until:
                raise
            log.info("temporal_not_there_yet", error=type(error).__name__)
            await asyncio.sleep(1)


async def check_temporal(client: Client) -> None:
    """Raise when the server does not answer within 3 s (for readiness)."""
    await client.workflow_service.get_system_info(GetSystemInfoRequest(), timeout=timedelta(seconds=3))


def make_worker(
    client: Client,
    *,
    task_queue: str,
    activities: Sequence[Callable[..., Any]],
    max_concurrent_activities: int = 20,
) -> Worker:
    """Return a worker of a service's own activities. Run it with ``worker.run()``."""
    return Worker(
        client,
        task_queue=task_queue,
        activities=activities,
        max_concurrent_activities=max_concurrent_activities,
        max_heartbeat_throttle_interval=HEARTBEAT,
        graceful_shutdown_timeout=GRACE,
    )
