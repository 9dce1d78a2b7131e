"""The worker of the notifications service: activities, consumer, outbox relay and the sending."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from datetime import timedelta

from chassis.audit_chain import Sealer
from chassis.consumer import Consumer
from chassis.health import Check
from chassis.kafka import check_broker
from chassis.outbox_relay import OutboxRelay
from chassis.postgres import check_database, create_pool
from chassis.temporal import check_temporal, connect, make_worker
from contracts.events import NOTIFICATIONS_ANSWER, NOTIFICATIONS_MESSAGE
from contracts.notifications_activities import NOTIFICATIONS_QUEUE
from services.notifications import consumers
from services.notifications.activities import Activities
from services.notifications.batch import Batch
from services.notifications.compose import Composer
from services.notifications.dispatcher import Dispatcher
from services.notifications.forgetting import ForgetFiles
from services.notifications.providers.choice import letter_provider, sms_provider
from services.notifications.registry_client import RegistryClient
from services.notifications.sandbox_receipts import SandboxReceipts
from services.notifications.sender import read_sender
from services.notifications.settings import Settings
from services.notifications.unmatched_sms import ForgetUnmatchedSms

SOURCE = "/notifications"
TOPICS = (NOTIFICATIONS_MESSAGE, NOTIFICATIONS_ANSWER)


@asynccontextmanager
async def start(settings: Settings, checks: dict[str, Check]) -> AsyncIterator[list[Awaitable[object]]]:
    """Give what the worker runs."""
    sender = read_sender(settings.notifications_sender_file)
    composer = Composer.of(settings, sender)  # refuses texts that are too long, before anything starts
    clock = settings.clock
    async with (
        await create_pool(settings.database_url, application_name="notifications-worker") as pool,
        RegistryClient(settings) as registry,
    ):
        temporal = await connect(settings)
        checks["database"] = lambda: check_database(pool)
        checks["kafka"] = lambda: check_broker(settings)
        checks["temporal"] = lambda: check_temporal(temporal)
        batch = Batch(
            pool=pool,
            clock=clock,
            registry=registry,
            composer=composer,
            sms=sms_provider(settings, sender),
            letters=letter_provider(settings),
            sms_at_once=settings.notifications_sms_at_once,
        )
        dispatcher = Dispatcher(batch, clock, settings.sending_hours)
        activities = Activities(pool, clock, dispatcher.wake)
        consumer = Consumer(
            pool=pool,
            settings=settings,
            group=consumers.GROUP,
            topics=consumers.TOPICS,
            handle=consumers.RegistryEvents(settings),
            before=ForgetFiles(pool, settings),
        )
        relay = OutboxRelay(settings.database_url, settings, source=SOURCE, topics=TOPICS)
        worker = make_worker(
            temporal,
            task_queue=NOTIFICATIONS_QUEUE,
            activities=[activities.queue_messages, activities.queue_wave_messages, activities.recall_wave],
        )
        forget = ForgetUnmatchedSms(pool, clock, timedelta(days=settings.notifications_unmatched_sms_days))
        parts: list[Awaitable[object]] = [
            worker.run(), consumer.run(), relay.run(), dispatcher.run(), forget.run(), Sealer(pool).run(),
        ]  # fmt: skip
        if settings.notifications_sms_provider == "sandbox":
            parts.append(SandboxReceipts(pool, clock).run())
        yield parts
