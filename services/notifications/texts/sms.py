"""The texts of SMS, one template per kind. Short, who we are first, no name: others may see the screen."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from contracts.messages import CHANNEL_OF, Channel, MessageKind
from services.notifications import swedish
from services.notifications.domain.codes import ALPHABET, LENGTH
from services.notifications.letters.content import answer_link
from services.notifications.sender import Sender
from services.notifications.texts.gsm7 import is_gsm7, segments

MOST_SEGMENTS = 2
LONGEST_DAY = datetime(2026, 9, 23, 10, tzinfo=UTC)  # onsdag 23 september: no day is longer in writing
SMS_KINDS = tuple(kind for kind, channel in CHANNEL_OF.items() if channel is Channel.SMS)


class TextTooLong(ValueError):
    """With this sender and answer address, an SMS would be longer than two parts."""


class SmsTexts:
    """The SMS of one sender."""

    def __init__(self, sender: Sender, answer_url: str) -> None:
        """Raises TextTooLong, so that a process with such settings does not start."""
        self._sender, self._answer_url = sender, answer_url
        environment = Environment(
            loader=FileSystemLoader(Path(__file__).parent),
            undefined=StrictUndefined,
            autoescape=False,  # noqa: S701 - plain text
        )
        self._templates = {kind: environment.get_template(f"{kind}.txt") for kind in SMS_KINDS}
        for kind in SMS_KINDS:
            text = self.text(kind, ALPHABET[:LENGTH], LONGEST_DAY)
            if segments(text) > MOST_SEGMENTS or not is_gsm7(text):
                raise TextTooLong(f"{kind}: {segments(text)} parts; at most {MOST_SEGMENTS} in the GSM alphabet")

    def text(self, kind: MessageKind, code: str, visit_at: datetime | None = None) -> str:
        """Return the text. ``visit_at``: of the visit that it is about, if it is about one."""
        values: Mapping[str, str] = {
            "municipality": self._sender.municipality,
            "service": self._sender.service,
            "phone": swedish.phone(self._sender.phone),
            "link": answer_link(self._answer_url, code),
            "visit": swedish.day_and_time(visit_at) if visit_at else "",
        }
        return self._templates[kind].render(values).strip()
