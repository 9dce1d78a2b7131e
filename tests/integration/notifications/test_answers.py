"""How a youth answers: by page, by JSON, by SMS. Once is enough, and twice is once."""

import asyncio
import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from uuid import UUID, uuid4

import httpx
import pytest

from contracts.messages import MessageKind
from services.notifications.api.public_edge import MISSES
from services.notifications.app import make_app
from services.notifications.domain.codes import printed
from tests.integration.notifications.conftest import NOW, Service
from tests.integration.notifications.registry import PHONE

UNKNOWN = "000000000000"


@pytest.fixture
async def api(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    app = make_app(service.settings)
    app.state.clock = service.clock
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client,
    ):
        yield client


async def sent_code(service: Service, kind: MessageKind = MessageKind.FIRST_LETTER) -> tuple[UUID, str]:
    (message_id,) = await service.queue(kind)
    await service.send()
    return message_id, str((await service.message(message_id))["code"])


async def answered(service: Service) -> list[dict[str, str]]:
    rows = await service.pool.fetch("select data from outbox where type like '%youth-answered%'")
    return [row["data"] for row in rows]


async def test_a_youth_answers_on_the_page(service: Service, api: httpx.AsyncClient) -> None:
    message_id, code = await sent_code(service)
    page = await api.get(f"/svar/{code}")
    assert page.status_code == 200
    assert "Ja, jag vill bli kontaktad" in page.text
    assert await answered(service) == []  # opening the link is no answer
    done = await api.post(f"/svar/{code}", data={"svar": "contact_me"})
    assert (done.status_code, done.headers["location"]) == (303, f"/svar/{code}")
    assert "Tack! Vi har fått ditt svar" in (await api.get(done.headers["location"])).text
    (event,) = await answered(service)
    assert event["channel"] == "answer_page"
    assert event["message_id"] == str(message_id)
    assert event["answered_at"] == NOW.isoformat()


async def test_answering_twice_is_answering_once_and_the_first_stands(
    service: Service, api: httpx.AsyncClient
) -> None:
    _, code = await sent_code(service)
    choices = ["contact_me", "no_contact", "contact_me"]
    done = await asyncio.gather(*(api.post(f"/svar/{code}", data={"svar": choice}) for choice in choices))
    assert {response.status_code for response in done} == {303}
    again = await api.post("/answers", json={"code": code})
    assert (again.status_code, again.json()) == (200, {"answered_at": NOW.isoformat()})
    assert len(await answered(service)) == 1
    assert await service.pool.fetchval("select count(*) from answer") == 1


async def test_a_new_number_is_kept_with_the_answer(service: Service, api: httpx.AsyncClient) -> None:
    _, code = await sent_code(service)
    wrong = await api.post(f"/svar/{code}", data={"svar": "contact_me", "telefon": "inget"})
    assert wrong.status_code == 422
    assert "Telefonnumret ser inte rätt ut" in wrong.text
    assert await answered(service) == []
    await api.post(f"/svar/{code}", data={"svar": "contact_me", "telefon": "070-174 06 22"})
    assert await service.pool.fetchval("select phone from answer") == "+46701740622"
    (event,) = await answered(service)
    assert "46701740622" not in str(event)


async def test_the_code_is_typed_from_the_letter(service: Service, api: httpx.AsyncClient) -> None:
    _, code = await sent_code(service)
    done = await api.post("/svar", data={"kod": f" {printed(code).lower()} "})
    assert (done.status_code, done.headers["location"]) == (303, f"/svar/{code}")


@pytest.mark.parametrize("path", [f"/svar/{UNKNOWN}", "/svar/inte-en-kod", "/svar/%00%FF"])
async def test_an_unknown_code_gets_a_friendly_page(service: Service, api: httpx.AsyncClient, path: str) -> None:
    for response in (await api.get(path), await api.post(path, data={"svar": "contact_me"})):
        assert response.status_code == 404
        assert "Vi hittar inte den koden" in response.text
        assert 'name="kod"' in response.text


async def test_an_empty_or_odd_answer_is_explained(service: Service, api: httpx.AsyncClient) -> None:
    _, code = await sent_code(service)
    assert "Skriv koden" in (await api.post("/svar", data={"kod": " "})).text
    odd = await api.post(f"/svar/{code}", data={"svar": "something"})
    assert odd.status_code == 422
    assert "Välj ett av svaren" in odd.text


async def test_guessing_is_bounded(service: Service, api: httpx.AsyncClient) -> None:
    _, code = await sent_code(service)
    for _ in range(MISSES):
        assert (await api.get(f"/svar/{UNKNOWN}")).status_code == 404
    blocked = await api.get(f"/svar/{code}")
    assert blocked.status_code == 429
    assert "för många försök" in blocked.text
    assert int(blocked.headers["retry-after"]) > 0
    problem = await api.post("/answers", json={"code": code})
    assert problem.status_code == 429
    assert problem.headers["content-type"] == "application/problem+json"


async def test_an_unknown_code_in_json_is_a_problem(api: httpx.AsyncClient) -> None:
    response = await api.post("/answers", json={"code": UNKNOWN})
    assert response.status_code == 404
    assert response.json()["type"].endswith("unknown-code")
    assert UNKNOWN not in response.text


async def test_an_sms_answers_the_latest_message_to_that_number(service: Service, api: httpx.AsyncClient) -> None:
    first, _ = await sent_code(service, MessageKind.FIRST_SMS)
    service.clock.at = NOW.replace(hour=12)
    latest, _ = await sent_code(service, MessageKind.TRIED_SMS)
    assert first != latest
    response = await api.post("/sandbox/inbound-sms", json={"from": PHONE, "body": "Ja, gärna efter fyra"})
    assert response.json() == {"matched": True}
    (event,) = await answered(service)
    assert (event["message_id"], event["channel"]) == (str(latest), "sms")
    row = await service.pool.fetchrow("select choice from answer")
    assert row is not None
    assert row["choice"] == "contact_me"
    assert "efter fyra" not in str(event)


async def test_an_sms_with_the_code_of_a_letter_answers_that_letter(
    service: Service, api: httpx.AsyncClient
) -> None:
    """The register has no number for this youth; the letter asks for the code."""
    letter, code = await sent_code(service)
    sms = {"from": "+46701740677", "body": f"Ja {printed(code).lower()}"}
    assert (await api.post("/sandbox/inbound-sms", json=sms)).json() == {"matched": True}
    (event,) = await answered(service)
    assert (event["message_id"], event["channel"]) == (str(letter), "sms")


async def test_an_sms_from_somebody_we_never_wrote_to_is_kept_and_answers_nothing(
    service: Service, api: httpx.AsyncClient
) -> None:
    response = await api.post("/sandbox/inbound-sms", json={"from": "+46701740677", "body": "Hej"})
    assert response.json() == {"matched": False}
    assert await answered(service) == []
    assert await service.pool.fetchval("select count(*) from inbound_sms") == 1


class Controls(HTMLParser):
    """What WCAG 2.1 AA asks of a page as far as its text can tell."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


async def test_pages_can_be_used_by_everybody(service: Service, api: httpx.AsyncClient) -> None:
    _, code = await sent_code(service)
    pages = [
        await api.get("/svar"),
        await api.get(f"/svar/{UNKNOWN}"),
        await api.get(f"/svar/{code}"),
        await api.post(f"/svar/{code}", data={"svar": "x"}),
    ]
    await api.post(f"/svar/{code}", data={"svar": "occupied"})
    pages.append(await api.get(f"/svar/{code}"))
    titles = set()
    for page in pages:
        controls = Controls(page.text)
        assert controls.all("html") == [{"lang": "sv"}]
        assert len(controls.all("h1")) == len(controls.all("main")) == 1
        assert not controls.all("script")
        ids = [attrs["id"] for _, attrs in controls.tags if "id" in attrs]
        assert len(ids) == len(set(ids))
        labelled = {attrs["for"] for attrs in controls.all("label")}
        for field in controls.all("input"):
            assert field["id"] in labelled
            assert set((field.get("aria-describedby") or "").split()) <= set(ids)
        viewport = next(attrs for attrs in controls.all("meta") if attrs.get("name") == "viewport")
        assert "maximum-scale" not in str(viewport["content"])
        if page.status_code >= 400:
            assert 'role="alert"' in page.text
            assert "<title>Fel: " in page.text
        titles.add(re.findall("<title>(.*?)</title>", page.text)[0])
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["cache-control"] == "no-store"
        assert "set-cookie" not in page.headers
    assert len(titles) == 5


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("#1d2733", "#ffffff"), ("#1d2733", "#eef4f6"), ("#00475c", "#ffffff"), ("#ffffff", "#00303f"),
        ("#00475c", "#dcebf0"), ("#4a5561", "#ffffff"), ("#1d2733", "#fef3f2"), ("#eef4f6", "#1b2630"),
        ("#8fd3e8", "#1b2630"), ("#8fd3e8", "#101820"), ("#101820", "#8fd3e8"), ("#101820", "#b5e3f0"),
        ("#8fd3e8", "#26343f"), ("#c3ced6", "#1b2630"), ("#eef4f6", "#3a1512"),
    ],
)  # fmt: skip
def test_colours_have_contrast(text: str, ground: str) -> None:
    light, dark = sorted((luminance(text), luminance(ground)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


async def test_a_page_shows_nothing_about_whom_the_code_belongs_to(
    service: Service, api: httpx.AsyncClient
) -> None:
    youth_id = uuid4()
    service.registry.knows(youth_id, name="Ovanligt Namn")
    (message_id,) = await service.queue(MessageKind.FIRST_LETTER, youth_id=youth_id)
    await service.send()
    page = await api.get(f"/svar/{(await service.message(message_id))['code']}")
    for secret in ("Ovanligt", "Exempelvägen", PHONE, str(youth_id), str(message_id)):
        assert secret not in page.text
