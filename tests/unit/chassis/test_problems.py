"""Every error over HTTP is a problem document that names the field and never repeats what was sent."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

import asyncpg
import httpx
import pytest
import structlog.testing
from fastapi import FastAPI, Query
from pydantic import BaseModel, Field

from chassis.http import create_app
from chassis.problems import MEDIA_TYPE, Problem
from chassis.settings import Settings


class Cat(BaseModel):
    kind: Literal["cat"]


class Dog(BaseModel):
    kind: Literal["dog"]


class Body(BaseModel):
    year: int
    animal: Annotated[Cat | Dog, Field(discriminator="kind")] | None = None


def build() -> FastAPI:
    async def broken() -> None:
        raise ConnectionRefusedError("postgres://user:password@host")

    app = create_app(title="example", settings=Settings(environment="test"), checks={"database": broken})

    @app.post("/things")
    async def things(body: Body, size: Annotated[int, Query(ge=1)] = 1) -> None:
        raise Problem(409, "duty-ended", "The duty has ended", reason="turned_20")

    @app.get("/youths/{who}")
    async def youth(who: str) -> None:
        raise Problem(403, "forbidden", "Your role may not do this")

    @app.get("/bug")
    async def bug() -> None:
        raise RuntimeError("19990101-2384")

    @app.get("/away")
    async def away() -> None:
        raise asyncpg.CannotConnectNowError("the database system is starting up")

    @app.get("/misfit")
    async def misfit() -> None:
        raise asyncpg.DataError("invalid input for query argument $1: '19990101-2384'")

    @app.post("/stored/{name}")
    async def stored(name: str, body: dict[str, Any], q: str = "") -> None:
        raise asyncpg.CharacterNotInRepertoireError('invalid byte sequence for encoding "UTF8": 0x00')

    return app


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(build(), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


async def test_a_refusal_is_a_problem_document(client: httpx.AsyncClient) -> None:
    answer = await client.post("/things", json={"year": 2008})
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert answer.json() == {
        "type": "urn:uppsok:problem:duty-ended",
        "title": "The duty has ended",
        "status": 409,
        "reason": "turned_20",
    }


async def test_invalid_input_names_the_field_and_not_the_value(client: httpx.AsyncClient) -> None:
    answer = await client.post("/things", json={"year": "20080101-2386"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "body.year"
    assert "20080101-2386" not in answer.text


async def test_an_unknown_kind_names_the_kinds_and_not_what_was_sent(client: httpx.AsyncClient) -> None:
    answer = await client.post("/things", json={"year": 2008, "animal": {"kind": "20080101-2386"}})
    assert answer.json()["errors"] == [{"field": "body.animal", "reason": "'kind' must be one of 'cat', 'dog'"}]


async def test_a_bug_tells_nothing(client: httpx.AsyncClient) -> None:
    answer = await client.get("/bug")
    assert (answer.status_code, answer.headers["content-type"]) == (500, MEDIA_TYPE)
    assert "19990101" not in answer.text


async def test_a_refused_caller_is_logged_by_route_and_without_what_was_asked_for(
    client: httpx.AsyncClient,
) -> None:
    with structlog.testing.capture_logs() as lines:
        assert (await client.get("/youths/19990101-2384")).status_code == 403
    assert lines == [
        {
            "event": "request_refused",
            "log_level": "warning",
            "route": "/youths/{who}",
            "status": 403,
            "code": "forbidden",
        }
    ]


async def test_unknown_routes_are_problems_too(client: httpx.AsyncClient) -> None:
    answer = await client.get("/nowhere")
    assert (answer.status_code, answer.headers["content-type"]) == (404, MEDIA_TYPE)


async def test_readiness_names_what_fails_and_liveness_does_not_care(client: httpx.AsyncClient) -> None:
    ready = await client.get("/readyz")
    assert ready.status_code == 503
    assert ready.json() == {"status": "failing", "checks": {"database": "ConnectionRefusedError"}}
    assert (await client.get("/livez")).status_code == 200


async def test_metrics_count_requests_by_route(client: httpx.AsyncClient) -> None:
    await client.get("/bug")
    assert (
        'http_request_seconds_count{method="GET",route="/bug",status="500"}' in (await client.get("/metrics")).text
    )


async def test_an_outage_of_the_database_asks_to_come_again(client: httpx.AsyncClient) -> None:
    answer = await client.get("/away")
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:uppsok:problem:unavailable")
    assert answer.headers["retry-after"] == "2"


async def test_an_argument_that_does_not_fit_is_a_bug_and_no_outage(client: httpx.AsyncClient) -> None:
    answer = await client.get("/misfit")
    assert answer.status_code == 500
    assert "1999" not in answer.text


async def test_nul_that_the_database_refuses_is_said_with_its_fields(client: httpx.AsyncClient) -> None:
    body = {"note": "a\x00b", "list": [{"at": "ok"}, {"at": "\x00", "key\x00": 1}], "good": "x"}
    answer = await client.post("/stored/a%00", params={"q": "\x00"}, json=body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [
        "path.name", "query.q", "body.note", "body.list.1.at", "body.list.1",
    ]  # fmt: skip


async def test_nul_that_was_not_sent_is_a_fault_of_ours(client: httpx.AsyncClient) -> None:
    assert (await client.post("/stored/a", json={})).status_code == 500


@pytest.mark.parametrize("content", [b"\xe9\x0b", b"{", b"[" * 20_000])
async def test_what_is_no_json_is_said_to_be_the_body(client: httpx.AsyncClient, content: bytes) -> None:
    answer = await client.post("/things", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert [error["field"].split(".")[0] for error in answer.json()["errors"]] == ["body"]
