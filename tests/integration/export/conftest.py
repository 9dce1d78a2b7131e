"""The APIs of all four services, each on a database of its own, speaking HTTP with each other."""

import asyncio
import contextlib
import importlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from deploy.local.databases import SERVICES, Database
from deploy.local.processes import PROCESSES
from tests.integration.export.seeded import Seeded
from tests.meta.apps import settings_class
from tests.stack.tokens import AuthEnv

APIS = {process.service: process for process in PROCESSES if process.kind == "api"}


@asynccontextmanager
async def on_loopback(app: FastAPI, port: int = 0) -> AsyncIterator[str]:
    """Serve an app, on a free port when 0; give its base URL."""
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]  # pytest has them
    task = asyncio.create_task(server.serve())
    try:
        while not server.started:
            await asyncio.sleep(0.01)
            if task.done():
                task.result()
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await asyncio.wait_for(task, 10)


@dataclass
class Town:
    """The running services and the youths about whom they have something."""

    databases: dict[str, Database]
    urls: dict[str, str]
    apps: dict[str, FastAPI]
    registry: httpx.AsyncClient
    youths: dict[str, Seeded]


@pytest.fixture(scope="session")
def make_app(temporal_address: str, auth_env: AuthEnv) -> Callable[..., FastAPI]:
    """`make_app("registry", database, more)`: as the process builds it, from its environment."""

    def make(service: str, database: Database, more: dict[str, str]) -> FastAPI:
        variables = {
            "UPPSOK_ENVIRONMENT": "test",
            "TEMPORAL_ADDRESS": temporal_address,
            f"DATABASE_URL_{service.upper()}": database.app_url,
            **auth_env,
            **more,
        }
        with pytest.MonkeyPatch.context() as environment:
            for name, value in variables.items():
                environment.setenv(name, value)
            settings = settings_class(APIS[service]).load()
        app: FastAPI = importlib.import_module(f"services.{service}.app").make_app(settings)
        return app

    return make


@pytest.fixture(scope="module")
async def town(
    service_database: Callable[[str], Awaitable[Database]], make_app: Callable[..., FastAPI]
) -> AsyncIterator[Town]:
    databases = {service: await service_database(service) for service in SERVICES}
    youths = {
        "minor": Seeded("7101", "201001012392"),
        "other": Seeded("7202", "201001022383"),
        "of_age": Seeded("7303", "200701012386", born=date(2007, 1, 1)),
        "protected": Seeded("7404", "201001042382", protection="sekretessmarkering"),
        "double": Seeded("7505", "201001052381"),
    }
    for youth in youths.values():
        await youth.put_into(databases)
    async with AsyncExitStack() as running:
        urls: dict[str, str] = {}
        apps: dict[str, FastAPI] = {}
        for service in ("outreach", "notifications", "reporting", "registry"):
            more = {f"UPPSOK_REGISTRY_{other.upper()}_URL": url for other, url in urls.items()}
            app = make_app(service, databases[service], more if service == "registry" else {})
            await running.enter_async_context(app.router.lifespan_context(app))
            urls[service] = await running.enter_async_context(on_loopback(app))
            apps[service] = app
        client = await running.enter_async_context(httpx.AsyncClient(base_url=urls["registry"], timeout=60))
        yield Town(databases, urls, apps, client, youths)


@pytest.fixture(scope="session")
def as_(token: Callable[..., str]) -> Callable[..., dict[str, str]]:
    """`as_("local_coordinator", "farsta")`: the headers of such a caller."""

    def headers(role: str, *districts: str, subject: str = "anna") -> dict[str, str]:
        return {"Authorization": f"Bearer {token(role, districts=districts, subject=subject)}"}

    return headers
