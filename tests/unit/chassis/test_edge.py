"""Every answer has headers that keep browsers and caches in their place; no body is larger than it may be."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request
from pydantic import BaseModel, ValidationError

from chassis.edge import headers_of
from chassis.http import create_app
from chassis.problems import MEDIA_TYPE
from chassis.process import server_config
from chassis.settings import Settings

MOST = 2048
EVERYWHERE = set(headers_of("test"))


class Body(BaseModel):
    text: str


def build(settings: Settings) -> FastAPI:
    app = create_app(title="example", settings=settings, checks={}, most_bytes=MOST)

    @app.post("/things")
    async def things(body: Body) -> dict[str, int]:
        return {"length": len(body.text)}

    @app.post("/forms")
    async def forms(request: Request) -> dict[str, int]:
        async with request.form() as form:
            return {"fields": len(form)}

    @app.post("/streams")
    async def streams(request: Request) -> dict[str, int]:
        return {"bytes": sum([len(chunk) async for chunk in request.stream()])}

    @app.post("/unread")
    async def unread() -> dict[str, int]:
        return {}

    @app.get("/bug")
    async def bug() -> None:
        raise RuntimeError("19990101-2384")

    @app.get("/caller")
    async def caller(request: Request) -> dict[str, str]:
        assert request.client is not None
        return {"host": request.client.host, "scheme": request.url.scheme}

    return app


@asynccontextmanager
async def calling(app: object, address: str = "192.0.2.7") -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 40_000))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with calling(build(Settings(environment="test"))) as client:
        yield client


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/livez", 200), ("GET", "/metrics", 200), ("GET", "/openapi.json", 200), ("GET", "/docs", 200),
        ("GET", "/nowhere", 404), ("GET", "/things", 405), ("POST", "/things", 422), ("GET", "/bug", 500),
        ("TRACE", "/livez", 405), ("TRACK", "/livez", 405),
    ],
)  # fmt: skip
async def test_every_answer_has_safe_headers(
    client: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    answer = await client.request(method, path)
    assert answer.status_code == status
    assert {name.lower() for name in EVERYWHERE} <= set(answer.headers)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "strict-transport-security" not in answer.headers  # http://127.0.0.1 is no place for it
    assert not {"set-cookie", "server", "x-powered-by"} & set(answer.headers)


async def test_a_json_answer_loads_nothing_in_a_browser(client: httpx.AsyncClient) -> None:
    policy = (await client.get("/livez")).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("path", ["/livez", "/nowhere", "/bug"])
async def test_production_is_https_only_for_two_years(path: str) -> None:
    async with calling(build(Settings(environment="production"))) as client:
        value = (await client.get(path)).headers["strict-transport-security"]
    assert value == "max-age=63072000; includeSubDomains"


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/docs/oauth2-redirect"])
async def test_production_does_not_publish_its_own_documentation(path: str) -> None:
    async with calling(build(Settings(environment="production"))) as client:
        assert (await client.get(path)).status_code == 404


@pytest.mark.parametrize("path", ["/things", "/forms", "/streams", "/unread"])
async def test_a_body_that_says_it_is_too_large_is_refused_unread(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.post(path, content=b"x" * (MOST + 1))
    assert (answer.status_code, answer.headers["content-type"]) == (413, MEDIA_TYPE)
    assert answer.json() == {
        "type": "urn:uppsok:problem:body-too-large",
        "title": "The body is too large",
        "status": 413,
        "detail": "At most 2 kB.",
    }
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/things", "application/json"),
        ("/forms", "application/x-www-form-urlencoded"),
        ("/streams", "application/octet-stream"),
    ],
)
async def test_a_body_that_does_not_say_its_length_is_refused_when_it_is_too_large(
    client: httpx.AsyncClient, path: str, kind: str
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(9):
            yield b"x" * (MOST // 8)

    answer = await client.post(path, content=chunks(), headers={"Content-Type": kind})
    assert (answer.status_code, answer.headers["content-type"]) == (413, MEDIA_TYPE)
    assert answer.json()["type"] == "urn:uppsok:problem:body-too-large"


async def test_a_body_of_the_largest_size_is_taken(client: httpx.AsyncClient) -> None:
    text = "x" * (MOST - len('{"text":""}'))
    answer = await client.post(
        "/things", content=f'{{"text":"{text}"}}', headers={"Content-Type": "application/json"}
    )
    assert answer.json() == {"length": len(text)}


def served(proxies: str) -> uvicorn.Config:
    """Return how an app is served, with what uvicorn puts around it."""
    config = server_config(build(settings := Settings(environment="test", trusted_proxies=proxies)), settings)
    config.load()
    return config


FORWARDED = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}


@pytest.mark.parametrize(
    ("proxies", "address", "host", "scheme"),
    [
        ("", "127.0.0.1", "127.0.0.1", "http"),  # not even the machine itself unless it is named
        ("192.0.2.7", "192.0.2.8", "192.0.2.8", "http"),
        ("192.0.2.7", "192.0.2.7", "203.0.113.9", "https"),
        ("10.0.0.0/8, 192.0.2.0/24", "192.0.2.7", "203.0.113.9", "https"),
    ],
)
async def test_forwarded_headers_are_believed_of_our_proxies_only(
    monkeypatch: pytest.MonkeyPatch, proxies: str, address: str, host: str, scheme: str
) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")  # uvicorn's own variable is not ours
    async with calling(served(proxies).loaded_app, address) as client:
        answer = await client.get("/caller", headers=FORWARDED)
    assert answer.json() == {"host": host, "scheme": scheme}


async def test_a_caller_cannot_write_himself_before_the_proxy() -> None:
    """Each proxy appends whom it was called by: the last one that is none of ours counts."""
    async with calling(served("192.0.2.7").loaded_app) as client:
        answer = await client.get("/caller", headers={"X-Forwarded-For": "198.51.100.1, 203.0.113.9"})
    assert answer.json()["host"] == "203.0.113.9"


@pytest.mark.parametrize("proxies", ["*", "proxy.example", "10.0.0.0/33", "10.0.0.1/8"])
def test_proxies_are_addresses_and_networks(proxies: str) -> None:
    with pytest.raises(ValidationError, match=r"network|host bits"):
        Settings(environment="test", trusted_proxies=proxies)


def test_a_server_does_not_say_what_it_is() -> None:
    config = served("")
    assert "server" not in {name.decode().lower() for name, _ in config.encoded_headers}
    assert config.server_header is False
