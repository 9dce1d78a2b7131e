"""The registry's worker: its activities and the relay of its outbox."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager

from chassis.audit_chain import Sealer
from chassis.health import Check
from chassis.kafka import check_broker
from chassis.outbox_relay import OutboxRelay
from chassis.postgres import check_database, create_pool
from chassis.temporal import check_temporal, connect, make_worker
from contracts.documentation import REGISTRY_DOCUMENTATION
from contracts.events import REGISTRY_YOUTH
from contracts.registry_activities import REGISTRY_QUEUE
from services.registry.activities import RegistryActivities
from services.registry.gallring.activities import GallringActivities
from services.registry.gallring.open_outreach import AskTemporal
from services.registry.settings import Settings


@asynccontextmanager
async def start(settings: Settings, checks: dict[str, Check]) -> AsyncIterator[list[Awaitable[object]]]:
    """Give what the worker runs."""
    client = await connect(settings)
    async with await create_pool(settings.database_url, application_name="registry-worker") as pool:
        checks["database"] = lambda: check_database(pool)
        checks["temporal"] = lambda: check_temporal(client)
        checks["kafka"] = lambda: check_broker(settings)
        activities = [
            *RegistryActivities(pool, settings.clock, settings).all(),
            *GallringActivities(pool, settings.clock, settings.gallring_clocks, AskTemporal(client)).all(),
        ]
        yield [
            make_worker(
                client, task_queue=REGISTRY_QUEUE, activities=activities, max_concurrent_activities=4
            ).run(),
            OutboxRelay(
                settings.database_url,
                settings,
                source="/registry",
                topics=[REGISTRY_YOUTH, REGISTRY_DOCUMENTATION],
            ).run(),
            Sealer(pool).run(),
        ]
