"""All services' databases, with a deleted-to-be youth and another one in every table."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from uuid import UUID

import asyncpg
import httpx
import pytest

from chassis.clock import CivilClock, ClockSpec
from chassis.inbox import Handle, take_once
from chassis.incoming import Incoming
from chassis.postgres import create_pool
from contracts.messages import AnswerChannel, MessageKind
from contracts.reasons import EndReason, ReachedBy, WatchReason
from contracts.tasks import TaskKind
from deploy.local.databases import Database
from services.notifications.consumers import GROUP as NOTIFICATIONS_GROUP
from services.notifications.consumers import RegistryEvents
from services.notifications.forgetting import ForgetFiles
from services.notifications.providers.letters import PrintJob
from services.notifications.providers.print_folder import PrintFolder
from services.notifications.providers.sandbox_sms import SandboxSms
from services.notifications.providers.sms import OutgoingSms
from services.notifications.settings import Settings as NotificationsSettings
from services.outreach.consumers import forget_deleted
from services.reporting import consumers as reporting
from tests.integration.gallring.filling import DAY, Youth, fill, fill_common
from tests.integration.registry.city import City
from tests.integration.registry.conftest import make_settings, serving
from tests.integration.reporting.lives import Life
from tests.stack.tokens import AuthEnv
from tests.unit.registry.files import resident

GONE = Youth(600, date(2004, 1, 10), "Gallrander", "Gallringsgatan 7", "+46701740650")
OTHER = Youth(700, date(2004, 2, 10), "Stannander", "Stannegatan 9", "+46701740651")


@dataclass
class World:
    api: httpx.AsyncClient
    pools: dict[str, asyncpg.Pool]
    gone: Youth
    other: Youth
    letters: Path
    sms: Path
    notifications: NotificationsSettings
    migrator_url: str

    @property
    def registry(self) -> asyncpg.Pool:
        return self.pools["registry"]

    async def deletions(self) -> list[Incoming]:
        rows = await self.registry.fetch("select * from outbox where type like '%-deleted.%' order by id")
        return [
            Incoming(row["event_id"], row["type"], row["topic"], row["key"], row["time"], _json(row["data"]))
            for row in rows
        ]

    async def deliver(self, event: Incoming) -> None:
        """Hand an event to each consumer, as its worker does."""
        await ForgetFiles(self.pools["notifications"], self.notifications)(event)
        handlers: dict[str, tuple[str, Handle]] = {
            "outreach": ("outreach-registry", forget_deleted),
            "notifications": (NOTIFICATIONS_GROUP, RegistryEvents(self.notifications)),
            "reporting": (reporting.GROUP, reporting.take),
        }
        for service, (group, handle) in handlers.items():
            async with self.pools[service].acquire() as conn, conn.transaction():
                await take_once(conn, group, event, handle)


def _json(data: object) -> bytes:
    return json.dumps(data).encode()


@pytest.fixture
async def world(
    service_database: Callable[[str], Awaitable[Database]],
    temporal_address: str,
    auth_env: AuthEnv,
    tmp_path: Path,
) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        databases = {
            name: await service_database(name) for name in ("registry", "outreach", "notifications", "reporting")
        }
        pools = {
            name: await stack.enter_async_context(await create_pool(database.app_url, application_name="test"))
            for name, database in databases.items()
        }
        drop = tmp_path / "drop"
        drop.mkdir()
        ids = await _covered_long_ago(City.of(pools["registry"], databases["registry"], drop))
        gone, other = (replace(one, youth_id=ids[one.number]) for one in (GONE, OTHER))
        settings = NotificationsSettings.model_validate(
            {
                "environment": "test",
                "database_url": databases["notifications"].app_url,
                "notifications_letter_folder": tmp_path / "letters",
                "notifications_sms_folder": tmp_path / "sms",
            }
        )
        for youth in (gone, other):
            await fill(pools["registry"], pools["outreach"], pools["notifications"], youth)
            for pool in pools.values():
                await fill_common(pool, youth)
            await _facts(pools["reporting"], pools["registry"], youth)
            await _files(settings, youth)
        api = await stack.enter_async_context(
            serving(make_settings(databases["registry"], drop, temporal_address, auth_env))
        )
        yield World(
            api,
            pools,
            gone,
            other,
            tmp_path / "letters",
            tmp_path / "sms",
            settings,
            databases["registry"].migrator_url,
        )


async def _covered_long_ago(city: City) -> dict[str, UUID]:
    """Two youths are registered in October 2023, and have left the population file in December."""
    bystanders = list(city.residents)
    city.residents += [
        resident(youth.which, person_number=youth.number, first_name=youth.first_name, street=youth.street,
                 phone=youth.phone)
        for youth in (GONE, OTHER)
    ]  # fmt: skip
    city.night_of(date(2023, 10, 2))
    city.drop_all()
    await city.sync()
    city.residents = bystanders
    city.night_of(date(2023, 12, 4))
    city.drop_all()
    await city.sync()
    rows = await city.pool.fetch("select number, person_id from person_numbers")
    return {row["number"]: row["person_id"] for row in rows}


async def _facts(pool: asyncpg.Pool, registry: asyncpg.Pool, youth: Youth) -> None:
    episode_id = await registry.fetchval("select id from episodes where person_id = $1", youth.youth_id)
    life = (
        Life(youth.youth_id, episode_id)
        .registered(date(2023, 10, 2))
        .search_started(date(2023, 10, 3))
        .message(date(2023, 10, 3), MessageKind.FIRST_SMS, answered=AnswerChannel.SMS)
        .task(date(2023, 10, 20), TaskKind.CALL, "reached")
        .reached(date(2023, 10, 20), ReachedBy.CALL)
        .watch(date(2023, 10, 25), WatchReason.WORKS)
        .coverage_ended(date(2023, 12, 4), EndReason.MOVED_OUT)
    )
    for event in life.happened:
        async with pool.acquire() as conn, conn.transaction():
            await take_once(conn, reporting.GROUP, event, reporting.take)


async def _files(settings: NotificationsSettings, youth: Youth) -> None:
    letter, sms = youth.message_ids
    job = PrintJob(letter, MessageKind.FIRST_LETTER, DAY, youth.first_name.encode())
    await PrintFolder(settings.notifications_letter_folder).hand_over([job])
    sandbox = SandboxSms(settings.notifications_sms_folder, CivilClock(ClockSpec()))
    await sandbox.send(OutgoingSms(sms, youth.phone, f"Hej {youth.first_name}"))
