"""All of Uppsök in one process: four databases, Kafka, Temporal, every worker and API as its process builds it.

The registry is started anew to let years pass: its clock says what is due. The others only follow.
"""

import asyncio
import base64
import importlib
import json
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import httpx
import pytest
from temporalio.client import Client

from chassis.clock import STOCKHOLM, ClockSpec
from chassis.postgres import create_pool
from chassis.settings import Settings
from chassis.temporal import connect
from deploy.local.databases import SERVICES, Database
from deploy.local.processes import PROCESSES
from services.outreach.settings import POLICIES
from tests.integration.export.conftest import on_loopback
from tests.meta.apps import settings_class

T = TypeVar("T")
ALMOST_ONE = 1.000001  # a clock at speed 1 may not be shifted
PATIENCE = 90.0
WORKERS = {process.service or process.name: process for process in PROCESSES if process.kind == "worker"}


async def eventually(ask: Callable[[], Awaitable[T]], what: str) -> T:
    """Return the first true answer; fail after a while."""
    until = asyncio.get_running_loop().time() + PATIENCE
    while not (answer := await ask()):
        assert asyncio.get_running_loop().time() < until, f"never happened: {what}"
        await asyncio.sleep(0.1)
    return answer


def morning_of(day: date) -> str:
    """The clock of a process that starts now, at nine o'clock of a day."""
    now = datetime.now(UTC)  # noqa: TID251 - where the clock starts
    civil = datetime.combine(day, time(9), STOCKHOLM)
    return ClockSpec(speed=ALMOST_ONE, real_anchor=now, civil_anchor=civil).model_dump_json()


@dataclass
class Whole:
    """``folder`` holds every file that a service writes; the drop folder, which others write, is not in it."""

    databases: dict[str, Database]
    pools: dict[str, asyncpg.Pool]
    folder: Path
    drop: Path
    environment: dict[str, str]
    token: Callable[..., str]
    temporal: Client = field(init=False)
    kafka: Settings = field(init=False)
    urls: dict[str, str] = field(default_factory=dict)
    since: datetime = field(default_factory=lambda: datetime.now(UTC))  # noqa: TID251 - when the test began

    @property
    def registry(self) -> asyncpg.Pool:
        return self.pools["registry"]

    def settings(self, part: str, day: date) -> Any:
        """The settings of a service, or of `workflows`, as its process loads them."""
        variables = {**self.environment, "UPPSOK_CLOCK": morning_of(day)}
        variables |= {f"DATABASE_URL_{name.upper()}": found.app_url for name, found in self.databases.items()
                      if name == part}  # fmt: skip
        if part == "registry":
            others = [name for name in SERVICES if name != part]
            variables |= {f"UPPSOK_REGISTRY_{name.upper()}_URL": self.urls[name] for name in others}
            variables["UPPSOK_REGISTRY_DROP_FOLDER"] = str(self.drop)
        if part == "notifications":
            variables["UPPSOK_NOTIFICATIONS_REGISTRY_URL"] = self.urls["registry"]
            for kind in ("LETTER", "SMS"):
                variables[f"UPPSOK_NOTIFICATIONS_{kind}_FOLDER"] = str(self.folder / kind.lower())
        if part == "outreach":
            variables["UPPSOK_OUTREACH_POLICY_FILE"] = str(POLICIES / "local.json")
        with pytest.MonkeyPatch.context() as patch:
            for name, value in variables.items():
                patch.setenv(name, value)
            return settings_class(WORKERS[part]).load()

    @asynccontextmanager
    async def running(self, part: str, day: date) -> AsyncIterator[None]:
        """Run a part's worker and, at its URL, its API."""
        settings = self.settings(part, day)
        async with AsyncExitStack() as stack:
            if part in SERVICES:
                app = importlib.import_module(f"services.{part}.app").make_app(settings)
                await stack.enter_async_context(app.router.lifespan_context(app))
                await stack.enter_async_context(on_loopback(app, int(self.urls[part].rpartition(":")[2])))
            module = importlib.import_module(f"{WORKERS[part].argv[0]}.worker")
            parts = await stack.enter_async_context(module.start(settings, {}))
            tasks = [asyncio.ensure_future(one) for one in parts]
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
                for task in tasks:
                    with suppress(asyncio.CancelledError):
                        await task

    async def call(
        self, service: str, method: str, path: str, role: str, subject: str = "", **how: Any
    ) -> httpx.Response:
        """Ask an API as somebody with a role. Raises for what is refused."""
        headers = {"Authorization": f"Bearer {self.token(role, districts=(), subject=subject or role)}"}
        headers |= how.pop("headers", {})
        async with httpx.AsyncClient(base_url=self.urls[service], timeout=60) as client:
            answer = await client.request(method, path, headers=headers, **how)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer

    async def published(self) -> None:
        """Wait until everything that was to be told has gone out."""

        async def all_gone() -> bool:
            left = [
                await pool.fetchval("select count(*) from outbox where published_at is null")
                for pool in self.pools.values()
            ]
            return not any(left)

        await eventually(all_gone, "empty outboxes")

    async def handled(self, event_ids: list[Any]) -> None:
        """Wait until the consumers of all three services have handled these events."""

        async def all_handled() -> bool:
            for name in ("outreach", "notifications", "reporting"):
                query = "select count(distinct event_id) from inbox where event_id = any($1::uuid[])"
                if await self.pools[name].fetchval(query, event_ids) < len(event_ids):
                    return False
            return True

        await eventually(all_handled, "an event handled by all")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@asynccontextmanager
async def whole(
    service_database: Callable[[str], Awaitable[Database]],
    environment: Mapping[str, str],
    folder: Path,
    day: date,
    token: Callable[..., str],
) -> AsyncIterator[Whole]:
    """Everything but the registry, running since a day; payloads are encrypted, as in production."""
    files, drop, keys = folder / "files", folder / "drop", folder / "payload-keys.json"
    for one in (files, drop):
        one.mkdir()
    key = base64.b64encode(os.urandom(32)).decode()
    keys.write_text(json.dumps({"current": "k1", "keys": {"k1": key}}))
    own = {"UPPSOK_ENVIRONMENT": "test", "UPPSOK_PAYLOAD_KEYS_FILE": str(keys)}
    databases = {name: await service_database(name) for name in SERVICES}
    async with AsyncExitStack() as stack:
        pools = {
            name: await stack.enter_async_context(await create_pool(database.app_url, application_name="test"))
            for name, database in databases.items()
        }
        town = Whole(databases, pools, files, drop, {**environment, **own}, token)
        town.urls = {name: f"http://127.0.0.1:{free_port()}" for name in SERVICES}
        town.kafka = town.settings("workflows", day)
        town.temporal = await connect(town.kafka)
        for part in ("workflows", "outreach", "notifications", "reporting"):
            await stack.enter_async_context(town.running(part, day))
        yield town
