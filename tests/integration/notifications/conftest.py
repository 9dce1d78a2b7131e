"""A notifications database, a registry on the loopback, and a batch that sends to folders."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest

from chassis.clock import STOCKHOLM, CivilClock, ClockSpec
from chassis.postgres import create_pool
from contracts.messages import Channel, MessageKind, MessageSpec
from contracts.notifications_activities import QueuedMessages, QueueMessages
from deploy.local.databases import Database
from services.notifications.batch import Batch
from services.notifications.compose import Composer
from services.notifications.letters.render import LetterRenderer
from services.notifications.providers.letters import LetterProvider
from services.notifications.providers.print_folder import PrintFolder
from services.notifications.providers.sandbox_sms import SandboxSms
from services.notifications.providers.sms import SmsProvider
from services.notifications.queueing import queue_messages
from services.notifications.registry_client import RegistryClient
from services.notifications.sender import read_sender
from services.notifications.settings import Settings
from services.notifications.texts.sms import SmsTexts
from tests.integration.notifications.registry import RegistryServer
from tests.integration.notifications.servers import serving
from tests.stack.tokens import AuthEnv

ANSWER_URL = "https://uppsok.stockholm.example"
NOW = datetime(2025, 9, 16, 10, tzinfo=STOCKHOLM)


class SetClock(CivilClock):
    """A civil clock that stands still until it is set."""

    def __init__(self, now: datetime) -> None:
        super().__init__(ClockSpec())
        self.at = now

    def now(self) -> datetime:
        return self.at


@pytest.fixture(scope="session")
async def database(service_database: Callable[[str], Awaitable[Database]]) -> Database:
    return await service_database("notifications")


@pytest.fixture(scope="session")
async def shared_pool(database: Database) -> AsyncIterator[asyncpg.Pool]:
    async with await create_pool(database.app_url, application_name="test") as pool:
        yield pool


@pytest.fixture
async def pool(shared_pool: asyncpg.Pool, database: Database) -> asyncpg.Pool:
    """The app role's pool on an empty database."""
    migrator = await asyncpg.connect(database.migrator_url)
    try:
        await migrator.execute("truncate message, youth, inbound_sms, outbox, inbox, audit, dead_letters cascade")
    finally:
        await migrator.close()
    return shared_pool


@pytest.fixture
def settings(database: Database, auth_env: AuthEnv, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    own = {
        "DATABASE_URL_NOTIFICATIONS": database.app_url,
        "UPPSOK_ENVIRONMENT": "test",
        "UPPSOK_NOTIFICATIONS_LETTER_FOLDER": str(tmp_path / "letters"),
        "UPPSOK_NOTIFICATIONS_SMS_FOLDER": str(tmp_path / "sms"),
        "UPPSOK_NOTIFICATIONS_ANSWER_URL": ANSWER_URL,
    }
    for key, value in {**auth_env, **own}.items():
        monkeypatch.setenv(key, value)
    return Settings.load()


@dataclass
class Service:
    """The sending part of the service, one step at a time."""

    pool: asyncpg.Pool
    settings: Settings
    clock: SetClock
    registry: RegistryServer
    client: RegistryClient
    composer: Composer
    sms: SmsProvider
    letters: LetterProvider
    youths: dict[UUID, UUID] = field(default_factory=dict)

    def batch(self, size: int = 50) -> Batch:
        return Batch(
            pool=self.pool,
            clock=self.clock,
            registry=self.client,
            composer=self.composer,
            sms=self.sms,
            letters=self.letters,
            size=size,
        )

    async def send(self, *channels: Channel) -> int:
        return await self.batch().run(channels or tuple(Channel))

    async def queue(
        self,
        *kinds: MessageKind,
        youth_id: UUID | None = None,
        visit_at: datetime | None = None,
        known: bool = True,
    ) -> list[UUID]:
        """Queue messages of these kinds to one youth, whom the registry knows (unless told not to)."""
        youth_id = youth_id or uuid4()
        if known and youth_id not in self.registry.youths:
            self.registry.knows(youth_id)
        episode_id = self.youths.setdefault(youth_id, uuid4())
        specs = tuple(MessageSpec(message_id=uuid4(), kind=kind, visit_at=visit_at) for kind in kinds)
        await self.ask(QueueMessages(youth_id=youth_id, episode_id=episode_id, messages=specs))
        return [spec.message_id for spec in specs]

    async def ask(self, request: QueueMessages) -> QueuedMessages:
        return await queue_messages(self.pool, request, self.clock.now())

    async def message(self, message_id: UUID) -> asyncpg.Record:
        row = await self.pool.fetchrow("select * from message where message_id = $1", message_id)
        assert row is not None
        return row

    async def states(self) -> dict[UUID, str]:
        return {row["message_id"]: row["state"] for row in await self.pool.fetch("select * from message")}

    async def events(self) -> list[tuple[str, UUID]]:
        """Return the short type and the message of each event in the outbox, in order."""
        rows = await self.pool.fetch("select type, data from outbox order by id")
        return [(row["type"].split(".")[-2], UUID(row["data"]["message_id"])) for row in rows]

    async def hurry(self) -> None:
        """Let all back-off and leases be over."""
        await self.pool.execute(
            "update message set due_at = now(), leased_until = least(leased_until, now()),"
            " begun_at = begun_at - interval '1 minute' where state = 'queued'"
        )


@pytest.fixture(scope="session")
def renderer() -> LetterRenderer:
    """One for all tests: it reads fonts and templates."""
    return LetterRenderer(read_sender())


@pytest.fixture(scope="session")
async def shared_registry(
    database: Database, auth_env: AuthEnv
) -> AsyncIterator[tuple[RegistryServer, RegistryClient]]:
    """One server and client for all tests: making a client reads all certificates of the machine."""
    token_file = Path(auth_env["UPPSOK_SERVICE_TOKEN_FILE"])
    registry = RegistryServer(token_file.read_text().strip())
    async with serving(registry.app()) as url:
        settings = Settings.model_validate(
            {
                "database_url": database.app_url,
                "environment": "test",
                "service_token_file": token_file,
                "notifications_registry_url": url,
            }
        )
        async with RegistryClient(settings) as client:
            yield registry, client


@pytest.fixture
def service(
    pool: asyncpg.Pool,
    settings: Settings,
    renderer: LetterRenderer,
    shared_registry: tuple[RegistryServer, RegistryClient],
) -> Service:
    registry, client = shared_registry
    registry.forget()
    clock = SetClock(NOW)
    return Service(
        pool=pool,
        settings=settings,
        clock=clock,
        registry=registry,
        client=client,
        composer=Composer(settings.notifications_answer_url, renderer, SmsTexts(read_sender(), ANSWER_URL)),
        sms=SandboxSms(settings.notifications_sms_folder, clock),
        letters=PrintFolder(settings.notifications_letter_folder),
    )
