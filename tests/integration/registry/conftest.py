"""A registry of each test's own: database, drop folder, activities and API."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import httpx
import pytest

from chassis.postgres import create_pool
from deploy.local.databases import Database
from services.registry.app import make_app
from services.registry.settings import Settings
from tests.integration.registry.city import City
from tests.integration.registry.kept_youths import Kept, settle
from tests.stack.tokens import AuthEnv


@pytest.fixture
async def database(service_database: Callable[[str], Awaitable[Database]]) -> Database:
    return await service_database("registry")


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[asyncpg.Pool]:
    async with await create_pool(database.app_url, application_name="test", max_size=6) as pool:
        yield pool


def make_settings(database: Database, folder: Path, temporal_address: str, auth_env: AuthEnv) -> Settings:
    return Settings.model_validate(
        {
            "environment": "test",
            "database_url": database.app_url,
            "registry_drop_folder": folder,
            "temporal_address": temporal_address,
            "jwks_file": auth_env["UPPSOK_JWKS_FILE"],
            "token_issuer": auth_env["UPPSOK_TOKEN_ISSUER"],
            "token_audience": auth_env["UPPSOK_TOKEN_AUDIENCE"],
        }
    )


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client of an API that has started."""
    app = make_app(settings)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://test") as client,
    ):
        yield client


@pytest.fixture
def settings(database: Database, tmp_path: Path, temporal_address: str, auth_env: AuthEnv) -> Settings:
    return make_settings(database, tmp_path, temporal_address, auth_env)


@pytest.fixture
def city(pool: asyncpg.Pool, database: Database, tmp_path: Path) -> City:
    return City.of(pool, database, tmp_path)


@pytest.fixture
async def api(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(settings) as client:
        yield client


@pytest.fixture(scope="session")
def as_(token: Callable[..., str]) -> Callable[..., dict[str, str]]:
    """`as_("local_coordinator", "farsta")`: the headers of such a caller."""

    def headers(role: str, *districts: str, subject: str = "anna") -> dict[str, str]:
        return {"Authorization": f"Bearer {token(role, districts=districts, subject=subject)}"}

    return headers


@pytest.fixture(scope="module")
async def kept(
    service_database: Callable[[str], Awaitable[Database]],
    temporal_address: str,
    auth_env: AuthEnv,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Kept]:
    """Youths about whom the tests of a file keep something, each under ids of its own."""
    database, folder = await service_database("registry"), tmp_path_factory.mktemp("drop")
    async with (
        await create_pool(database.app_url, application_name="test") as pool,
        serving(make_settings(database, folder, temporal_address, auth_env)) as api,
    ):
        city = City.of(pool, database, folder)
        yield Kept(api, pool, await settle(city), city)


@pytest.fixture(scope="session")
def school(token: Callable[..., str]) -> Callable[..., dict[str, str]]:
    """`school(unit, ...)`: the headers of a school's system."""

    def headers(*units: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {token('school', units=units, subject='skola')}"}

    return headers
