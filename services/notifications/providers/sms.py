"""The seam of SMS providers. Errors are named by what happens next, not by what went wrong."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from services.notifications.domain.failures import FailureCode


@dataclass(frozen=True, slots=True)
class OutgoingSms:
    """``to`` is E.164. ``message_id`` is our id, by which the provider's answers find us again."""

    message_id: UUID
    to: str
    text: str


class SendError(Exception):
    """Something kept an SMS from being sent. ``str()`` never holds the number or the text."""


class Retryable(SendError):
    """Surely not sent; try again."""


class NonRetryable(SendError):
    """Surely not sent, and never will be."""

    def __init__(self, code: FailureCode, provider_code: str | None = None) -> None:
        super().__init__(f"{code} ({provider_code})")
        self.code, self.provider_code = code, provider_code


class Throttled(SendError):
    """Surely not sent, and no other would be now: pause all for ``retry_after`` seconds (real time)."""

    def __init__(self, reason: str, retry_after: float) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class Unclear(SendError):
    """Perhaps sent: ask before trying again."""


class SmsProvider(Protocol):
    """``ask_after``: how long (real time) the provider may need until `lookup` can be believed."""

    name: str
    ask_after: timedelta

    async def send(self, sms: OutgoingSms) -> str:
        """Hand over an SMS; return the provider's reference. Raises one of the errors above."""
        ...

    async def lookup(self, sms: OutgoingSms, begun_at: datetime) -> str | None:
        """Return the reference of an SMS whose sending began at a real instant, or None if it was not sent.

        Raises Retryable, Throttled or Unclear when the question could not be answered.
        """
        ...
