"""Twilio through its SDK, against a loopback server of its published API that misbehaves."""

import logging
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from contracts.messages import Channel, MessageKind
from services.notifications.batch import Pause
from services.notifications.domain.retries import MAX_ATTEMPTS
from services.notifications.providers.sms import OutgoingSms
from services.notifications.providers.twilio_sms import TwilioSms
from services.notifications.settings import Settings
from tests.integration.notifications.conftest import Service
from tests.integration.notifications.registry import PHONE
from tests.integration.notifications.servers import serving
from tests.integration.notifications.twilio_server import AUTH_TOKEN, SID, TwilioServer

SENDER = "+46701740610"


def twilio_settings(settings: Settings, base_url: str, token: str = AUTH_TOKEN) -> Settings:
    return Settings.model_validate(
        {
            **settings.model_dump(by_alias=False),
            "notifications_sms_provider": "twilio",
            "notifications_twilio_account_sid": SID,
            "notifications_twilio_auth_token": token,
            "notifications_twilio_base_url": base_url,
            "notifications_twilio_timeout": 0.5,
            "notifications_webhook_url": "https://uppsok.stockholm.example",
        }
    )


@pytest.fixture
async def twilio() -> TwilioServer:
    return TwilioServer()


@pytest.fixture
async def by_twilio(service: Service, twilio: TwilioServer) -> AsyncIterator[Service]:
    """The service, sending by Twilio."""
    async with serving(twilio.app()) as url:
        service.sms = TwilioSms(twilio_settings(service.settings, url), SENDER)
        yield service


async def send(service: Service) -> None:
    """Send what is due."""
    await service.send(Channel.SMS)


async def paused(service: Service) -> float:
    """Send what is due; return for how long the provider wants no SMS."""
    with pytest.raises(Pause) as pause:
        await service.send(Channel.SMS)
    assert pause.value.channels == (Channel.SMS,)
    return pause.value.seconds


async def test_an_sms_is_handed_over_with_our_id(by_twilio: Service, twilio: TwilioServer) -> None:
    (message_id,) = await by_twilio.queue(MessageKind.FIRST_SMS)
    await send(by_twilio)
    (created,) = twilio.created
    row = await by_twilio.message(message_id)
    assert (created["To"], created["From"]) == (PHONE, SENDER)
    assert row["code"] in created["Body"]
    assert created["StatusCallback"] == (
        f"https://uppsok.stockholm.example/webhooks/twilio/status?message_id={message_id}"
    )
    assert (row["state"], row["provider"], row["reference"]) == ("sent", "twilio", created["sid"])


@pytest.mark.parametrize(
    ("code", "failure"),
    [("21211", "invalid_number"), ("21610", "opted_out"), ("21614", "not_mobile"), ("29999", "unknown")],
)
async def test_what_twilio_refuses_for_good_fails(
    by_twilio: Service, twilio: TwilioServer, code: str, failure: str
) -> None:
    (message_id,) = await by_twilio.queue(MessageKind.FIRST_SMS)
    twilio.behaviours = [code]
    await send(by_twilio)
    row = await by_twilio.message(message_id)
    assert (row["state"], row["failure_code"]) == ("failed", failure)
    await by_twilio.hurry()
    await send(by_twilio)
    assert twilio.created == []


@pytest.mark.parametrize("behaviour", ["throttle", "21611"])
async def test_when_asked_to_slow_down_all_wait_and_no_try_is_counted(
    by_twilio: Service, twilio: TwilioServer, behaviour: str
) -> None:
    (message_id,) = await by_twilio.queue(MessageKind.FIRST_SMS)
    twilio.behaviours = [behaviour]
    assert await paused(by_twilio) > 0
    row = await by_twilio.message(message_id)
    assert (row["state"], row["attempts"], row["begun_at"]) == ("queued", 0, None)
    await by_twilio.hurry()
    await send(by_twilio)
    assert (await by_twilio.message(message_id))["state"] == "sent"


async def test_wrong_credentials_burn_no_message(service: Service, twilio: TwilioServer) -> None:
    (message_id,) = await service.queue(MessageKind.FIRST_SMS)
    async with serving(twilio.app()) as url:
        service.sms = TwilioSms(twilio_settings(service.settings, url, token="wrong"), SENDER)
        assert await paused(service) == 60
    assert (await service.message(message_id))["state"] == "queued"


@pytest.mark.parametrize("behaviour", ["hang-after", "garbage"])
async def test_an_unclear_send_that_arrived_is_found_and_not_repeated(
    by_twilio: Service, twilio: TwilioServer, behaviour: str
) -> None:
    (message_id,) = await by_twilio.queue(MessageKind.FIRST_SMS)
    twilio.behaviours = [behaviour]
    await send(by_twilio)
    row = await by_twilio.message(message_id)
    assert row["state"] == "queued"
    assert row["begun_at"] is not None
    await send(by_twilio)
    assert twilio.asked == 0  # not at once: Twilio must have had time to show it
    await by_twilio.hurry()
    await send(by_twilio)
    row = await by_twilio.message(message_id)
    assert (row["state"], row["reference"]) == ("sent", twilio.created[0]["sid"])
    assert len(twilio.created) == 1
    assert Counter(await by_twilio.events())["message-sent", message_id] == 1


@pytest.mark.parametrize("behaviour", ["hang-before", "error"])
async def test_an_unclear_send_that_did_not_arrive_is_repeated(
    by_twilio: Service, twilio: TwilioServer, behaviour: str
) -> None:
    (message_id,) = await by_twilio.queue(MessageKind.FIRST_SMS)
    twilio.behaviours = [behaviour]
    await send(by_twilio)
    assert (await by_twilio.message(message_id))["state"] == "queued"
    await by_twilio.hurry()
    await send(by_twilio)
    assert (await by_twilio.message(message_id))["state"] == "sent"
    assert len(twilio.created) == 1


async def test_while_twilio_does_not_say_nothing_is_sent(by_twilio: Service, twilio: TwilioServer) -> None:
    (message_id,) = await by_twilio.queue(MessageKind.FIRST_SMS)
    twilio.behaviours, twilio.lists_fail = ["hang-after"], True
    await send(by_twilio)
    for _ in range(3):
        await by_twilio.hurry()
        await send(by_twilio)
    assert len(twilio.created) == 1
    assert (await by_twilio.message(message_id))["state"] == "queued"
    await by_twilio.pool.execute("update message set attempts = $1", MAX_ATTEMPTS - 1)
    await by_twilio.hurry()
    await send(by_twilio)
    row = await by_twilio.message(message_id)
    assert (row["state"], row["failure_code"]) == ("failed", "unclear")
    assert len(twilio.created) == 1


async def test_the_same_text_of_long_ago_is_not_taken_for_this_one(
    by_twilio: Service, twilio: TwilioServer
) -> None:
    (message_id,) = await by_twilio.queue(MessageKind.FIRST_SMS)
    await send(by_twilio)
    (created,) = twilio.created
    now = datetime.now(UTC)  # noqa: TID251 - Twilio's clock is real
    sms = OutgoingSms(message_id, created["To"], created["Body"])
    assert await by_twilio.sms.lookup(sms, now) == created["sid"]
    assert await by_twilio.sms.lookup(sms, now + timedelta(hours=1)) is None
    assert await by_twilio.sms.lookup(OutgoingSms(message_id, created["To"], "another text"), now) is None


async def test_no_connection_is_surely_not_sent(service: Service) -> None:
    (message_id,) = await service.queue(MessageKind.FIRST_SMS)
    service.sms = TwilioSms(twilio_settings(service.settings, "http://127.0.0.1:9"), SENDER)
    await send(service)
    row = await service.message(message_id)
    assert (row["state"], row["attempts"], row["begun_at"]) == ("queued", 1, None)


async def test_no_log_line_holds_a_number(
    by_twilio: Service, twilio: TwilioServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await by_twilio.queue(MessageKind.FIRST_SMS, MessageKind.TRIED_SMS)
    twilio.behaviours = ["21211", "hang-after"]
    await send(by_twilio)
    await by_twilio.hurry()
    await send(by_twilio)
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("uvicorn")]
    assert ours
    assert not any(PHONE.removeprefix("+") in line for line in ours)


async def test_twilio_is_not_asked_before_it_can_know(by_twilio: Service, twilio: TwilioServer) -> None:
    """A worker that died just now: the next one finds the message begun a moment ago."""
    (message_id,) = await by_twilio.queue(MessageKind.FIRST_SMS)
    twilio.behaviours = ["hang-after"]
    await send(by_twilio)
    await by_twilio.pool.execute("update message set due_at = now()")
    await send(by_twilio)
    assert twilio.asked == 0
    row = await by_twilio.message(message_id)
    assert (row["state"], row["begun_at"] is None) == ("queued", False)
