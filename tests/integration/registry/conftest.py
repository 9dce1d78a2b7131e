"""A registry of each test's own: database, drop folder, activities and API."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import asyncpg
import httpx
import pytest

from chassis.postgres import create_pool
from deploy.local.databases import Database
from services.registry.activities import RegistryActivities
from services.registry.app import make_app
from services.registry.settings import Settings
from tests.integration.registry.city import City
from tests.stack.tokens import AuthEnv


@pytest.fixture
async def database(service_database: Callable[[str], Awaitable[Database]]) -> Database:
    return await service_database("registry")


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[asyncpg.Pool]:
    async with await create_pool(database.app_url, application_name="test", max_size=6) as pool:
        yield pool


@pytest.fixture
def settings(database: Database, tmp_path: Path, auth_env: AuthEnv, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name, value in auth_env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("UPPSOK_ENVIRONMENT", "test")
    monkeypatch.setenv("DATABASE_URL_REGISTRY", database.app_url)
    monkeypatch.setenv("UPPSOK_REGISTRY_DROP_FOLDER", str(tmp_path))
    return Settings.load()


@pytest.fixture
def city(pool: asyncpg.Pool, settings: Settings) -> City:
    return City(pool, RegistryActivities(pool, settings.clock, settings), settings.registry_drop_folder)


@pytest.fixture
async def api(
    settings: Settings, temporal_address: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the running API."""
    app = make_app(settings.model_copy(update={"temporal_address": temporal_address}))
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://test") as client,
    ):
        yield client


@pytest.fixture
def as_(token: Callable[..., str]) -> Callable[..., dict[str, str]]:
    """`as_("local_coordinator", "farsta")`: the headers of such a caller."""

    def headers(role: str, *districts: str, subject: str = "anna") -> dict[str, str]:
        return {"Authorization": f"Bearer {token(role, districts=districts, subject=subject)}"}

    return headers
