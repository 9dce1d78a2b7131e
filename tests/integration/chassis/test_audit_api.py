"""The auditor reads the audit, page by page, and that they do stands in it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI, Request

from chassis import audit, audit_api
from chassis.access import allow
from chassis.auth import Grant
from chassis.clock import STOCKHOLM, CivilClock, ClockSpec
from chassis.http import create_app
from chassis.postgres import create_pool, transaction
from chassis.settings import Settings
from deploy.local.databases import Database
from tests.stack.tokens import AuthEnv

pytestmark = pytest.mark.stack
NOON = datetime(2026, 10, 1, 12, tzinfo=STOCKHOLM)
YOUTH = uuid4()


@pytest.fixture(scope="module")
async def pool(service_database: Callable[[str], Awaitable[Database]]) -> AsyncIterator[asyncpg.Pool]:
    database = await service_database("reporting")
    async with await create_pool(database.app_url, application_name="test") as pool:
        async with transaction(pool) as conn:
            for hour, (actor, action, about) in enumerate(
                [("anna", "youth.read", YOUTH), ("bo", "youth.read", uuid4()), ("anna", "youth.list", YOUTH)]
            ):
                await audit.record(
                    conn, actor=actor, role="local_coordinator", action=action,
                    at=NOON + timedelta(hours=hour), youth_id=about, why="a reason",
                )  # fmt: skip
        yield pool


@pytest.fixture(scope="module")
async def client(
    pool: asyncpg.Pool, auth_env: AuthEnv, token: Callable[..., str]
) -> AsyncIterator[httpx.AsyncClient]:
    settings = Settings.model_validate(
        {
            "environment": "test",
            "jwks_file": auth_env["UPPSOK_JWKS_FILE"],
            "token_issuer": auth_env["UPPSOK_TOKEN_ISSUER"],
            "token_audience": auth_env["UPPSOK_TOKEN_AUDIENCE"],
        }
    )
    app: FastAPI = create_app(
        title="example", settings=settings, checks={}, access=lambda _, roles: tuple(Grant(r, "x") for r in roles)
    )

    def parts(_: Request) -> tuple[asyncpg.Pool, CivilClock]:
        return pool, CivilClock(ClockSpec())

    app.include_router(audit_api.make_router(parts, allow("audit.read")))
    headers = {"Authorization": f"Bearer {token('auditor', subject='rev')}"}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as client:
        yield client


async def read(client: httpx.AsyncClient, **query: str) -> list[dict[str, Any]]:
    """Every row of every page, but for those of the auditor."""
    found: list[dict[str, Any]] = []
    while True:
        answer = await client.get("/audit", params=query)
        assert answer.status_code == 200, answer.text
        found += [one for one in answer.json()["items"] if one["actor"] != "rev"]
        if answer.json()["next"] is None:
            return found
        query["cursor"] = answer.json()["next"]


async def test_the_latest_first_and_each_once(client: httpx.AsyncClient) -> None:
    whole = await read(client)
    assert [(one["actor"], one["action"]) for one in whole] == [
        ("anna", "youth.list"), ("bo", "youth.read"), ("anna", "youth.read"),
    ]  # fmt: skip
    assert await read(client, limit="1") == whole
    assert whole[-1] == {
        "at": "2026-10-01T12:00:00+02:00", "actor": "anna", "role": "local_coordinator", "action": "youth.read",
        "youth_id": str(YOUTH), "subject": None, "why": "a reason", "origin": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"youth_id": str(YOUTH)}, 2),
        ({"actor": "bo"}, 1),
        ({"action": "youth.read"}, 2),
        ({"action": "youth.read", "actor": "anna"}, 1),
        ({"since": "2026-10-01T13:00:00+02:00"}, 2),
        ({"until": "2026-10-01T13:00:00+02:00"}, 1),
        ({"actor": "nobody"}, 0),
    ],
)
async def test_by_youth_actor_action_and_time(
    client: httpx.AsyncClient, query: dict[str, str], expected: int
) -> None:
    assert len(await read(client, **query)) == expected


async def test_to_read_it_is_recorded(client: httpx.AsyncClient, pool: asyncpg.Pool) -> None:
    somebody = uuid4()
    await client.get("/audit", params={"youth_id": str(somebody)})
    row = await pool.fetchrow("select actor, role, action, origin from audit where youth_id = $1", somebody)
    assert row is not None
    assert tuple(row) == ("rev", "auditor", "audit.read", "127.0.0.1")


@pytest.mark.parametrize("cursor", ["WyJhIl0", "WyItMSJd", "x", "WyI5OTk5OTk5OTk5OTk5OTk5OTk5OTk5Il0"])
async def test_a_cursor_that_is_not_ours_is_refused(client: httpx.AsyncClient, cursor: str) -> None:
    assert (await client.get("/audit", params={"cursor": cursor})).status_code == 400
