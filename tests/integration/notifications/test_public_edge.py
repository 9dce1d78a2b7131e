"""What anybody on the internet meets: bounds, headers, and one answer for all codes that are not taken."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
import pytest

from chassis.problems import MEDIA_TYPE
from contracts.messages import MessageKind
from services.notifications.app import make_app
from services.notifications.domain.open_codes import REPEATED
from tests.integration.notifications.conftest import NOW, Service
from tests.integration.notifications.test_twilio import twilio_settings

NEVER_MADE = "000000000000"
NO_CODE = "inte-en-kod"
LONG_AFTER = NOW + timedelta(days=30)


class Edge:
    """The app, its client, and what it asks the database."""

    def __init__(self, client: httpx.AsyncClient, statements: list[str]) -> None:
        self.client, self.statements = client, statements

    async def all_ways(self, code: str) -> list[tuple[httpx.Response, list[str]]]:
        """Try a code in every way there is; return each answer and the statements that it took."""
        ways = (
            self.client.build_request("GET", f"/svar/{code}"),
            self.client.build_request("POST", f"/svar/{code}", data={"svar": "contact_me"}),
            self.client.build_request("POST", "/svar", data={"kod": code}),
            self.client.build_request("POST", "/answers", json={"code": code}),
        )
        done = []
        for way in ways:
            self.statements.clear()
            done.append((await self.client.send(way), list(self.statements)))
        return done


@asynccontextmanager
async def facing(service: Service, **settings: object) -> AsyncIterator[Edge]:
    app = make_app(service.settings.model_copy(update=settings))
    app.state.clock = service.clock
    statements: list[str] = []
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client,
    ):
        # One request at a time is served by one connection of the pool.
        async with app.state.pool.acquire() as conn:
            conn.add_query_logger(lambda query: statements.append(query.query))
        statements.clear()
        yield Edge(client, statements)


@pytest.fixture
async def edge(service: Service) -> AsyncIterator[Edge]:
    async with facing(service) as edge:
        yield edge


async def code_of(service: Service) -> str:
    (message_id,) = await service.queue(MessageKind.FIRST_LETTER)
    await service.send()
    return str((await service.message(message_id))["code"])


async def answered(service: Service, edge: Edge) -> str:
    code = await code_of(service)
    assert (await edge.client.post(f"/svar/{code}", data={"svar": "contact_me"})).status_code == 303
    service.clock.at = NOW + REPEATED
    return code


async def expired(service: Service, _: Edge) -> str:
    code = await code_of(service)
    service.clock.at = NOW + timedelta(days=service.settings.notifications_code_days)
    return code


async def of_an_ended_duty(service: Service, _: Edge) -> str:
    code = await code_of(service)
    await service.pool.execute(
        "insert into ended_episode (episode_id, youth_id, ended_at)"
        " select episode_id, youth_id, queued_at from message where code = $1", code,
    )  # fmt: skip
    return code


async def no_code(_: Service, __: Edge) -> str:
    return NO_CODE


@pytest.mark.parametrize("made", [answered, expired, of_an_ended_duty, no_code])
async def test_a_code_that_is_not_taken_is_as_one_that_never_was(service: Service, edge: Edge, made) -> None:  # type: ignore[no-untyped-def]
    code = await made(service, edge)
    before = await service.pool.fetchval("select count(*) from outbox")
    for (one, work), (other, work_of_unknown) in zip(
        await edge.all_ways(code), await edge.all_ways(NEVER_MADE), strict=True
    ):
        assert one.status_code == other.status_code == 404
        assert one.headers == other.headers
        assert one.content == other.content
        assert code not in one.text
        assert work == work_of_unknown
        assert sum("from message" in statement for statement in work) == 1
    assert await service.pool.fetchval("select count(*) from outbox") == before


async def test_a_good_code_costs_the_same_question(service: Service, edge: Edge) -> None:
    code = await code_of(service)
    edge.statements.clear()
    assert (await edge.client.get(f"/svar/{code}")).status_code == 200
    known = list(edge.statements)
    edge.statements.clear()
    assert (await edge.client.get(f"/svar/{NEVER_MADE}")).status_code == 404
    assert edge.statements == known


async def test_requests_of_one_address_are_bounded(service: Service) -> None:
    async with facing(service, notifications_requests_per_minute=60) as edge:
        code = await code_of(service)
        for _ in range(60):
            assert (await edge.client.get("/svar")).status_code == 200
        edge.statements.clear()
        page = await edge.client.get(f"/svar/{code}")
        assert page.status_code == 429
        assert "för många försök" in page.text
        problem = await edge.client.post("/answers", json={"code": code})
        assert (problem.status_code, problem.headers["content-type"]) == (429, MEDIA_TYPE)
        assert problem.json()["type"].endswith("too-many-requests")
        for refusal in (page, problem):
            assert int(refusal.headers["retry-after"]) > 0
            assert refusal.headers["x-content-type-options"] == "nosniff"
        assert edge.statements == []  # refused before anything is asked
        assert (await edge.client.get("/livez")).status_code == 200


async def test_the_provider_is_not_bounded_by_its_address(service: Service) -> None:
    settings = twilio_settings(service.settings, "http://127.0.0.1:9").model_copy(
        update={"notifications_requests_per_minute": 60}
    )
    app = make_app(settings)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client,
    ):
        answers = {(await client.post("/webhooks/twilio/inbound", data={"a": "b"})).status_code for _ in range(70)}
    assert answers == {403}  # unsigned


async def test_no_answer_sets_a_cookie_and_every_one_has_safe_headers(service: Service, edge: Edge) -> None:
    code = await code_of(service)
    answers = [await edge.client.get("/svar"), await edge.client.post("/svar", data={"kod": code})]
    answers += [answer for answer, _ in await edge.all_ways(NEVER_MADE)]
    answers += [answer for answer, _ in await edge.all_ways(code)]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe-inline" not in policy
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"  # the code is in the address
        assert answer.headers["permissions-policy"]
        assert not {"set-cookie", "server"} & set(answer.headers)


async def test_what_is_typed_is_text_on_the_page(service: Service, edge: Edge) -> None:
    code = await code_of(service)
    page = await edge.client.post(f"/svar/{code}", data={"svar": "x", "telefon": '"><script>alert(1)</script>'})
    assert page.status_code == 422
    assert "&lt;script&gt;" in page.text
    assert "<script" not in page.text


@pytest.mark.parametrize("path", ["/svar", f"/svar/{NEVER_MADE}", "/answers", "/sandbox/inbound-sms"])
async def test_a_large_body_is_refused(edge: Edge, path: str) -> None:
    answer = await edge.client.post(path, content=b"kod=" + b"x" * 64 * 1024)
    assert (answer.status_code, answer.headers["content-type"]) == (413, MEDIA_TYPE)
    assert edge.statements == []
