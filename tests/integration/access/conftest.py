"""The real app of each service on an empty database: what is asked is who may, not what there is."""

import base64
import importlib
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from temporalio.service import RPCError

from chassis.access import allow
from chassis.codec_server import CodecSettings, build
from chassis.temporal import connect
from contracts.access import decide
from contracts.actions import Action
from deploy.local.databases import Database
from deploy.local.processes import OwnProcess
from services.outreach.settings import Settings as OutreachSettings
from tests.meta.apps import APIS, settings_class
from tests.meta.test_routes import declared_by, routes_of
from tests.stack.tokens import AuthEnv

NOWHERE = "http://127.0.0.1:9"  # no other service answers here


@dataclass(frozen=True, slots=True)
class Route:
    """A route of a running app, and the action that it declares; none: it is open to all."""

    client: httpx.AsyncClient
    method: str
    path: str
    action: str | None


def _keys_file(folder: Path) -> Path:
    file = folder / "payload-keys.json"
    file.write_text(json.dumps({"current": "k1", "keys": {"k1": base64.b64encode(os.urandom(32)).decode()}}))
    return file


@pytest.fixture(scope="session")
async def routes(
    service_database: Callable[[str], Awaitable[Database]],
    temporal_address: str,
    auth_env: AuthEnv,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[list[Route]]:
    """Every route of the four services and of the codec server."""
    variables = {
        **auth_env,
        "UPPSOK_ENVIRONMENT": "test",
        "TEMPORAL_ADDRESS": temporal_address,
        "UPPSOK_NOTIFICATIONS_OUTREACH_URL": NOWHERE,
        "UPPSOK_NOTIFICATIONS_REGISTRY_URL": NOWHERE,
        "UPPSOK_PAYLOAD_KEYS_FILE": str(_keys_file(tmp_path_factory.mktemp("access"))),
    }
    found: list[Route] = []
    async with AsyncExitStack() as stack:
        for process in (*APIS, None):
            app = await _app_of(process, variables, service_database)
            await stack.enter_async_context(app.router.lifespan_context(app))
            client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")
            await stack.enter_async_context(client)
            for route in routes_of(app):
                action = next(iter(declared_by(route)), None)
                found += [Route(client, method, route.path or "", action) for method in route.methods or ()]
        yield found
        await _call_the_intake_off(variables)


async def _app_of(
    process: OwnProcess | None,
    variables: dict[str, str],
    service_database: Callable[[str], Awaitable[Database]],
) -> FastAPI:
    """Return the app of a service; with None the codec server's."""
    with pytest.MonkeyPatch.context() as patch:
        for key, value in variables.items():
            patch.setenv(key, value)
        if process is None:
            return build(CodecSettings.load(), decide, allow(Action.PAYLOADS_READ))
        assert process.service is not None
        patch.setenv(f"DATABASE_URL_{process.service.upper()}", (await service_database(process.service)).app_url)
        settings = settings_class(process).load()
    app: FastAPI = importlib.import_module(f"services.{process.service}.app").make_app(settings)
    return app


async def _call_the_intake_off(variables: dict[str, str]) -> None:
    """Nobody works at what a test begins: it must not be left for the workers of another test."""
    settings = OutreachSettings.model_validate(
        {"environment": "test", "database_url": "", "temporal_address": variables["TEMPORAL_ADDRESS"]}
    )
    client = await connect(settings)
    with suppress(RPCError):  # none was begun
        await client.get_workflow_handle(f"daily-intake/{settings.clock.today()}").terminate("the test is over")
