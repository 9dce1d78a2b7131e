"""An outreach database of each test's own, and its API on it."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from chassis.postgres import create_pool, transaction
from contracts.outreach_activities import Progress
from deploy.local.databases import Database
from services.outreach import activities
from services.outreach.app import make_app
from services.outreach.operations.acting import VARIABLE
from services.outreach.settings import POLICIES, Settings
from tests.stack.tokens import AuthEnv

Token = Callable[..., str]
Record = Callable[..., Awaitable[None]]
LoadSettings = Callable[..., Settings]


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


@pytest.fixture(scope="session")
def load_settings(temporal_address: str, kafka_settings: dict[str, str], auth_env: AuthEnv) -> LoadSettings:
    """`load_settings(database, fast=True, **more)`: as the service's processes read them from the environment.

    ``fast``: civil time runs fast from now on; the local policy's minute is half a second.
    """

    def load(database: Database, *, fast: bool = False, **more: str) -> Settings:
        now = datetime.now(UTC).isoformat()  # noqa: TID251 - where the test's own clock starts
        clock = {"speed": 120.0, "real_anchor": now, "civil_anchor": now}
        variables = {
            "UPPSOK_ENVIRONMENT": "test",
            "DATABASE_URL_OUTREACH": database.app_url,
            "TEMPORAL_ADDRESS": temporal_address,
            "UPPSOK_OUTREACH_POLICY_FILE": str(POLICIES / "local.json"),
            **({"UPPSOK_CLOCK": json.dumps(clock)} if fast else {}),
            **kafka_settings,
            **auth_env,
            **more,
        }
        with pytest.MonkeyPatch.context() as environment:
            for name, value in variables.items():
                environment.setenv(name, value)
            return Settings.load()

    return load


@pytest.fixture
def settings(database: Database, load_settings: LoadSettings) -> Settings:
    return load_settings(database)


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


@pytest.fixture(scope="session")
def as_(token: Token) -> Callable[..., dict[str, str]]:
    """`as_("local_coordinator", "farsta", subject="anna")`: the headers of such a caller."""

    def headers(role: str, *districts: str, subject: str = "anna", key: str | None = None) -> dict[str, str]:
        given = {"Authorization": f"Bearer {token(role, districts=districts, subject=subject)}"}
        return given if key is None else {**given, "Idempotency-Key": key}

    return headers


@pytest.fixture
def as_operator(token: Token, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who runs a command of `services.outreach.operations` is the operator Ove."""
    monkeypatch.setenv(VARIABLE, token("operator", subject="ove"))


@pytest.fixture
def out(capsys: pytest.CaptureFixture[str]) -> Callable[[], str]:
    """`out()`: what has been printed since it was asked last."""
    return lambda: capsys.readouterr().out
