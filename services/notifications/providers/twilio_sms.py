"""Twilio, through its SDK.

Twilio takes no id of ours with a message. Ours stands in the callback URL, so that receipts find the
message; and an unclear outcome is asked about by what only this message has: receiver, sender, text
(with its answer code) and time. The SDK blocks, so calls run in threads; it is imported when first used
(it is large), and its request log, which holds numbers, is off.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import structlog

from services.notifications.domain.failures import FailureCode
from services.notifications.providers import twilio_codes
from services.notifications.providers.sms import (
    NonRetryable,
    OutgoingSms,
    Retryable,
    Throttled,
    Unclear,
)
from services.notifications.settings import Settings

log = structlog.get_logger(__name__)
T = TypeVar("T")

NAME = "twilio"
STATUS_PATH = "/webhooks/twilio/status"
REFUSED_PAUSE = 60.0  # seconds to wait when Twilio refuses us (credentials, account): someone must act
THROTTLED_PAUSE = 5.0
CLOCK_SKEW = timedelta(minutes=5)
RECENT = 50  # messages to one number that are looked through


def status_callback(webhook_url: str, message_id: object) -> str:
    """Return where Twilio reports on a message."""
    return f"{webhook_url.rstrip('/')}{STATUS_PATH}?message_id={message_id}"


class TwilioSms:
    name = NAME
    ask_after = timedelta(seconds=30)

    def __init__(self, settings: Settings, sender: str) -> None:
        """``sender`` is our own number, E.164, which also takes the replies."""
        self._settings, self._sender = settings, sender
        self._client: Any = None

    async def send(self, sms: OutgoingSms) -> str:
        """See the seam. Raises Retryable, NonRetryable, Throttled or Unclear."""

        def create() -> str:
            message = self._twilio().messages.create(
                to=sms.to,
                from_=self._sender,
                body=sms.text,
                status_callback=status_callback(self._settings.notifications_webhook_url, sms.message_id),
            )
            return str(message.sid)

        return await self._call(create, sends=True)

    async def lookup(self, sms: OutgoingSms, begun_at: datetime) -> str | None:
        """See the seam. Raises Retryable, Throttled or Unclear."""

        def find() -> str | None:
            earliest = begun_at.astimezone(UTC) - CLOCK_SKEW
            for message in self._twilio().messages.list(to=sms.to, from_=self._sender, limit=RECENT):
                created = message.date_created
                if message.body == sms.text and (created is None or created >= earliest):
                    return str(message.sid)
            return None

        return await self._call(find, sends=False)

    def _twilio(self) -> Any:
        if self._client is None:
            from twilio.http.http_client import TwilioHttpClient
            from twilio.rest import Client

            for name in ("twilio.http_client", "urllib3"):
                logging.getLogger(name).setLevel(logging.WARNING)
            client = Client(
                self._settings.notifications_twilio_account_sid,
                self._settings.notifications_twilio_auth_token.get_secret_value(),
                # No retries of its own: a repeat of an unclear send may be a second SMS.
                http_client=TwilioHttpClient(timeout=self._settings.notifications_twilio_timeout, max_retries=0),
            )
            client.api.base_url = self._settings.notifications_twilio_base_url.rstrip("/")
            self._client = client
        return self._client

    async def _call(self, work: Callable[[], T], *, sends: bool) -> T:
        """Run a blocking call in a thread and turn what goes wrong into what happens next."""
        from requests import RequestException
        from twilio.base.exceptions import TwilioException

        try:
            return await asyncio.to_thread(work)
        except TwilioException as error:
            raise _refusal(error, sends) from None
        except RequestException as error:
            raise _network(error) from None
        except (ValueError, TypeError, KeyError) as error:  # an answer that is not what the SDK expects
            raise Unclear(f"unreadable answer: {type(error).__name__}") from None


def _refusal(error: Exception, sends: bool) -> Exception:
    status: int | None = getattr(error, "status", None)
    code: int | None = getattr(error, "code", None)
    if status is None:  # the SDK's own complaint, e.g. an answer without JSON
        return Unclear("unreadable answer")
    log.warning("twilio_refused", status=status, code=code)
    if status in {401, 403} or code in {20003, 20005}:
        return Throttled("Twilio refuses our credentials or account", REFUSED_PAUSE)
    if status == 429 or code in twilio_codes.NOT_NOW:
        return Throttled("Twilio asks us to slow down", THROTTLED_PAUSE)
    if status >= 500:
        return Unclear(f"HTTP {status}")
    if not sends:
        return Retryable(f"HTTP {status}")
    known = twilio_codes.failure(code)
    if status == 404 and known is FailureCode.UNKNOWN:
        return Throttled("Twilio does not know our account or address", REFUSED_PAUSE)
    return NonRetryable(known, str(code) if code else None)


def _network(error: Exception) -> Exception:
    """Only a failure to connect proves that nothing was sent."""
    from requests.exceptions import ConnectionError as NoConnection
    from requests.exceptions import ConnectTimeout, SSLError
    from urllib3.exceptions import MaxRetryError, NewConnectionError

    if isinstance(error, ConnectTimeout | SSLError):
        return Retryable(type(error).__name__)
    if isinstance(error, NoConnection) and error.args:
        cause = error.args[0]
        if isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError):
            return Retryable("no connection")
    return Unclear(type(error).__name__)
