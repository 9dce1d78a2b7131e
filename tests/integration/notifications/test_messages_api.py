"""What staff may read of messages: by role and district, never of a protected youth, and always audited."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from io import BytesIO
from uuid import UUID, uuid4

import httpx
import pytest
from pypdf import PdfReader

from contracts.messages import MessageKind
from services.notifications.app import make_app
from tests.integration.notifications.conftest import NOW, Service

Token = Callable[..., str]


@pytest.fixture
async def api(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    app = make_app(service.settings)
    app.state.clock = service.clock
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client,
    ):
        yield client


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def youth(service: Service, district: str | None, *, protected: bool = False) -> UUID:
    """A youth of whom the registry's events have told."""
    youth_id = uuid4()
    await service.pool.execute(
        "insert into youth values ($1, $2, $3, $4, $5)", youth_id, uuid4(), district, protected, NOW
    )
    return youth_id


async def listed(api: httpx.AsyncClient, token: str, **query: str | int) -> list[str]:
    response = await api.get("/messages", params=query, headers=bearer(token))
    assert response.status_code == 200, response.text
    return [item["message_id"] for item in response.json()["items"]]


async def test_who_sees_whose_messages(service: Service, api: httpx.AsyncClient, token: Token) -> None:
    districts = {"farsta": await youth(service, "farsta"), "bromma": await youth(service, "bromma")}
    districts["rinkeby-kista"] = await youth(service, "rinkeby-kista")  # merged into Järva
    ids = {}
    for name, youth_id in districts.items():
        (ids[name],) = await service.queue(MessageKind.FIRST_LETTER, youth_id=youth_id)
    (hidden,) = await service.queue(MessageKind.FIRST_LETTER, youth_id=await youth(service, None, protected=True))
    (unknown,) = await service.queue(MessageKind.FIRST_LETTER)  # no event about this youth yet
    everybody = {str(one) for one in ids.values()}
    assert set(await listed(api, token("kaa_coordinator"))) == everybody
    assert set(await listed(api, token("local_coordinator", districts=("farsta",)))) == {str(ids["farsta"])}
    assert set(await listed(api, token("local_coordinator", districts=("jarva",)))) == {str(ids["rinkeby-kista"])}
    local = bearer(token("local_coordinator", districts=("farsta",)))
    city = bearer(token("kaa_coordinator"))
    for path in ("", "/document"):
        for one, headers in ((ids["bromma"], local), (hidden, city), (unknown, city)):
            assert (await api.get(f"/messages/{one}{path}", headers=headers)).status_code == 404


@pytest.mark.parametrize("role", ["operator", "statistician", "special_handler", "service"])
async def test_who_may_not_read_at_all(api: httpx.AsyncClient, token: Token, role: str) -> None:
    for path in ("/messages", f"/messages/{uuid4()}", f"/messages/{uuid4()}/document"):
        assert (await api.get(path)).status_code == 401
        assert (await api.get(path, headers=bearer(token(role)))).status_code == 403


async def test_pages_follow_each_other_without_gap(service: Service, api: httpx.AsyncClient, token: Token) -> None:
    youth_id = await youth(service, "farsta")
    expected = []
    for minute in range(7):
        service.clock.at = NOW + timedelta(minutes=minute // 2)  # some share a moment
        expected += await service.queue(MessageKind.FIRST_SMS, youth_id=youth_id)
    headers, seen, cursor = bearer(token("kaa_coordinator")), [], None
    while True:
        query = {"limit": "3", **({"cursor": cursor} if cursor else {})}
        page = (await api.get("/messages", params=query, headers=headers)).json()
        seen += [item["message_id"] for item in page["items"]]
        if (cursor := page["next"]) is None:
            break
    assert sorted(seen) == sorted(map(str, expected))
    queued = [(await service.message(UUID(one)))["queued_at"] for one in seen]
    assert queued == sorted(queued, reverse=True)
    assert (await api.get("/messages?cursor=nonsense", headers=headers)).status_code == 400


async def test_filters(service: Service, api: httpx.AsyncClient, token: Token) -> None:
    one, other = await youth(service, "farsta"), await youth(service, "farsta")
    letter, sms = await service.queue(MessageKind.FIRST_LETTER, MessageKind.FIRST_SMS, youth_id=one)
    await service.send()
    (waiting,) = await service.queue(MessageKind.TRIED_SMS, youth_id=other)
    staff = token("kaa_coordinator")
    assert set(await listed(api, staff, youth_id=str(one))) == {str(letter), str(sms)}
    assert await listed(api, staff, channel="letter") == [str(letter)]
    assert await listed(api, staff, state="queued") == [str(waiting)]
    assert await listed(api, staff, kind="first_sms", state="sent") == [str(sms)]
    refused = await api.get("/messages?state=lost", headers=bearer(staff))
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "query.state"


async def test_what_stood_on_it(service: Service, api: httpx.AsyncClient, token: Token) -> None:
    youth_id = await youth(service, "farsta")
    letter, sms = await service.queue(MessageKind.FIRST_LETTER, MessageKind.FIRST_SMS, youth_id=youth_id)
    headers = bearer(token("local_coordinator", districts=("farsta",), subject="anna"))
    early = await api.get(f"/messages/{letter}/document", headers=headers)
    assert (early.status_code, early.json()["type"].rsplit(":")[-1]) == (404, "no-document")
    await service.send()
    pdf = await api.get(f"/messages/{letter}/document", headers=headers)
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.headers["cache-control"] == "no-store"
    assert pdf.headers["content-disposition"] == f'inline; filename="{letter}.pdf"'
    assert "Alex Exempel" in PdfReader(BytesIO(pdf.content)).pages[0].extract_text()
    text = await api.get(f"/messages/{sms}/document", headers=headers)
    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    assert "Svara JA" in text.text
    reads = await service.pool.fetch(
        "select actor, role, action, youth_id, subject from audit where actor = 'anna' order by id"
    )
    assert [tuple(row) for row in reads] == [
        ("anna", "local_coordinator", "message.document", youth_id, str(letter)),
        ("anna", "local_coordinator", "message.document", youth_id, str(sms)),
    ]


async def test_a_message_with_what_came_of_it(service: Service, api: httpx.AsyncClient, token: Token) -> None:
    youth_id = await youth(service, "farsta")
    (letter,) = await service.queue(MessageKind.FIRST_LETTER, youth_id=youth_id)
    await service.send()
    code = (await service.message(letter))["code"]
    await api.post(f"/svar/{code}", data={"svar": "occupied", "telefon": "070-174 06 22"})
    shown = (await api.get(f"/messages/{letter}", headers=bearer(token("kaa_coordinator")))).json()
    assert (shown["state"], shown["kind"], shown["sent_at"]) == ("sent", "first_letter", NOW.isoformat())
    (answer,) = shown["answers"]
    assert (answer["choice"], answer["phone"]) == ("occupied", "+46701740622")
    assert code not in str(shown)  # a code is the youth's own


async def test_a_letter_of_a_youth_protected_since_is_out_of_reach(
    service: Service, api: httpx.AsyncClient, token: Token
) -> None:
    youth_id = await youth(service, "farsta")
    (letter,) = await service.queue(MessageKind.FIRST_LETTER, youth_id=youth_id)
    await service.send()
    headers = bearer(token("kaa_coordinator"))
    assert (await api.get(f"/messages/{letter}/document", headers=headers)).status_code == 200
    await service.pool.execute("update youth set protected = true, district = null")
    assert (await api.get(f"/messages/{letter}/document", headers=headers)).status_code == 404
    assert await listed(api, token("kaa_coordinator")) == []
