"""The worker of the reporting service: it consumes events."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager

from chassis.audit_chain import Sealer
from chassis.consumer import Consumer
from chassis.health import Check
from chassis.kafka import check_broker
from chassis.postgres import check_database, create_pool
from services.reporting import consumers
from services.reporting.settings import ReportingSettings


@asynccontextmanager
async def start(settings: ReportingSettings, checks: dict[str, Check]) -> AsyncIterator[list[Awaitable[object]]]:
    """Give what the worker runs: one consumer of all topics."""
    async with await create_pool(settings.database_url, application_name="reporting-worker") as pool:
        checks["database"] = lambda: check_database(pool)
        checks["kafka"] = lambda: check_broker(settings)
        consumer = Consumer(
            pool=pool,
            settings=settings,
            group=consumers.GROUP,
            topics=consumers.READ_TOPICS,
            handle=consumers.take,
        )
        yield [consumer.run(), Sealer(pool).run()]
