"""An outreach database of each test's own, and its API on it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from chassis.postgres import create_pool, transaction
from contracts.outreach_activities import Progress
from deploy.local.databases import Database
from services.outreach import activities
from services.outreach.app import make_app
from services.outreach.settings import POLICIES, Settings
from tests.stack.tokens import AuthEnv

Token = Callable[..., str]
Record = Callable[..., Awaitable[None]]


@pytest.fixture
async def database(service_database: Callable[[str], Awaitable[Database]]) -> Database:
    return await service_database("outreach")


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[asyncpg.Pool]:
    async with await create_pool(database.app_url, application_name="test", max_size=4) as pool:
        yield pool


@pytest.fixture
def record(pool: asyncpg.Pool) -> Record:
    """`await record(progress, ...)`: as the activity does it, each in its own transaction."""

    async def record(*transitions: Progress) -> None:
        for transition in transitions:
            async with transaction(pool) as conn:
                await activities.record(conn, transition)

    return record


@pytest.fixture
def environment(
    database: Database,
    temporal_address: str,
    kafka_settings: dict[str, str],
    auth_env: AuthEnv,
    monkeypatch: pytest.MonkeyPatch,
) -> pytest.MonkeyPatch:
    """The environment variables of the service's processes; a test may set more before it loads settings."""
    variables = {
        "UPPSOK_ENVIRONMENT": "test",
        "DATABASE_URL_OUTREACH": database.app_url,
        "TEMPORAL_ADDRESS": temporal_address,
        "UPPSOK_OUTREACH_POLICY_FILE": str(POLICIES / "local.json"),
        **kafka_settings,
        **auth_env,
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


@pytest.fixture
def settings(environment: pytest.MonkeyPatch) -> Settings:
    return Settings.load()


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client of an app that has started."""
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://test") as c,
    ):
        yield c


@pytest.fixture
async def api(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(make_app(settings)) as client:
        yield client


@pytest.fixture
def as_(token: Token) -> Callable[..., dict[str, str]]:
    """`as_("local_coordinator", "farsta", subject="anna")`: the headers of such a caller."""

    def headers(role: str, *districts: str, subject: str = "anna", key: str | None = None) -> dict[str, str]:
        given = {"Authorization": f"Bearer {token(role, districts=districts, subject=subject)}"}
        return given if key is None else {**given, "Idempotency-Key": key}

    return headers
