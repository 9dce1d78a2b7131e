"""Twilio's webhooks: form-encoded and signed. Without the right signature nothing happens."""

from collections.abc import AsyncIterator, Mapping
from urllib.parse import urlencode
from uuid import UUID, uuid4

import httpx
import pytest
from twilio.request_validator import RequestValidator

from contracts.messages import MessageKind
from services.notifications.app import make_app
from tests.integration.notifications.conftest import Service
from tests.integration.notifications.registry import PHONE
from tests.integration.notifications.test_twilio import twilio_settings
from tests.integration.notifications.twilio_server import AUTH_TOKEN

PUBLIC = "https://uppsok.stockholm.example"


class Twilio:
    """Calls our webhooks as Twilio does: through a proxy that ends TLS, signed over the public address."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def call(self, path: str, form: Mapping[str, str], token: str = AUTH_TOKEN) -> httpx.Response:
        signature = RequestValidator(token).compute_signature(f"{PUBLIC}{path}", dict(form))
        return await self.post(path, form, {"X-Twilio-Signature": signature})

    async def post(self, path: str, form: Mapping[str, str], headers: Mapping[str, str]) -> httpx.Response:
        form_encoded = {"Content-Type": "application/x-www-form-urlencoded", **headers}
        return await self._http.post(path, content=urlencode(form), headers=form_encoded)

    async def status(self, message_id: UUID, word: str, code: str = "", **more: str) -> httpx.Response:
        form = {"MessageSid": "SM1", "MessageStatus": word, "ErrorCode": code, "To": PHONE, **more}
        return await self.call(f"/webhooks/twilio/status?message_id={message_id}", form)


@pytest.fixture
async def twilio(service: Service) -> AsyncIterator[Twilio]:
    app = make_app(twilio_settings(service.settings, "http://127.0.0.1:9"))
    app.state.clock = service.clock
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://inside:8103") as client,
    ):
        yield Twilio(client)


@pytest.fixture
async def message_id(service: Service) -> UUID:
    (one,) = await service.queue(MessageKind.FIRST_SMS)
    await service.send()
    return one


@pytest.mark.parametrize(
    ("words", "state", "failure"),
    [
        (["queued", "sending", "sent", "delivered"], "delivered", None),
        (["delivered", "sent"], "delivered", None),  # out of order
        (["sent", "undelivered"], "failed", "unreachable"),
        (["failed"], "failed", "unreachable"),
        (["something-new"], "sent", None),
    ],
)
async def test_the_status_of_a_message_follows_its_callbacks(
    service: Service, twilio: Twilio, message_id: UUID, words: list[str], state: str, failure: str | None
) -> None:
    for word in words:
        response = await twilio.status(message_id, word, "30003" if word in {"failed", "undelivered"} else "")
        assert response.status_code == 204
    row = await service.message(message_id)
    assert (row["state"], row["failure_code"]) == (state, failure)


@pytest.mark.parametrize(
    "headers", [{}, {"X-Twilio-Signature": ""}, {"X-Twilio-Signature": "bm90IHRoZSByaWdodCBvbmU="}]
)
async def test_an_unsigned_call_does_nothing(
    service: Service, twilio: Twilio, message_id: UUID, headers: dict[str, str]
) -> None:
    form = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    response = await twilio.post(f"/webhooks/twilio/status?message_id={message_id}", form, headers)
    assert response.status_code == 403
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["type"].endswith("bad-signature")
    assert (await service.message(message_id))["state"] == "sent"


async def test_a_signature_holds_for_its_own_content_only(
    service: Service, twilio: Twilio, message_id: UUID
) -> None:
    path = f"/webhooks/twilio/status?message_id={message_id}"
    form = {"MessageSid": "SM1", "MessageStatus": "sent"}
    signature = {"X-Twilio-Signature": RequestValidator(AUTH_TOKEN).compute_signature(f"{PUBLIC}{path}", form)}
    assert (await twilio.post(path, form, signature)).status_code == 204
    forged = {**form, "MessageStatus": "delivered"}
    assert (await twilio.post(path, forged, signature)).status_code == 403
    assert (await twilio.post(f"{path}&x=1", form, signature)).status_code == 403
    assert (await twilio.call(path, form, token="another")).status_code == 403


async def test_a_status_for_nobody_or_without_a_status(twilio: Twilio) -> None:
    assert (await twilio.status(uuid4(), "delivered")).status_code == 204  # not an error: Twilio would repeat it
    missing = await twilio.call(f"/webhooks/twilio/status?message_id={uuid4()}", {"MessageSid": "SM1"})
    assert missing.status_code == 422
    assert "MessageStatus" in missing.json()["detail"]


async def test_an_inbound_sms_is_an_answer_once(service: Service, twilio: Twilio, message_id: UUID) -> None:
    form = {
        "MessageSid": "SM9",
        "From": PHONE,
        "To": "+46701740610",
        "Body": "Jä, åäö & 100 % + lite",
        "Empty": "",
    }
    for _ in range(3):
        response = await twilio.call("/webhooks/twilio/inbound", form)
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/xml")
        assert "<Message" not in response.text  # nothing is sent outside of the queue
    events = await service.pool.fetch("select data from outbox where type like '%youth-answered%'")
    assert [row["data"]["message_id"] for row in events] == [str(message_id)]
    assert await service.pool.fetchval("select body from inbound_sms") == form["Body"]


async def test_the_sandbox_is_not_there(twilio: Twilio) -> None:
    assert (await twilio.call("/sandbox/inbound-sms", {})).status_code == 404
