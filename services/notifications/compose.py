"""What will stand on a message: SMS text or PDF, from the message and its recipient."""

from datetime import date

from contracts.messages import Channel
from services.notifications.db.queue import Document, Leased
from services.notifications.domain.recipients import Recipient
from services.notifications.letters.content import LEFT_WINDOW, RIGHT_WINDOW, Letter
from services.notifications.letters.render import LetterRenderer
from services.notifications.sender import Sender
from services.notifications.settings import Settings
from services.notifications.texts.sms import SmsTexts

PDF = "application/pdf"
TEXT = "text/plain; charset=utf-8"


class Composer:
    """Makes the documents of one sender. Calls take some 25 ms a letter: run them in a thread."""

    def __init__(self, answer_url: str, letters: LetterRenderer, texts: SmsTexts) -> None:
        self._answer_url, self._letters, self._texts = answer_url, letters, texts

    @classmethod
    def of(cls, settings: Settings, sender: Sender) -> "Composer":
        """Build one. Raises `texts.sms.TextTooLong` when an SMS would be too long with these settings."""
        window = LEFT_WINDOW if settings.notifications_letter_window == "left" else RIGHT_WINDOW
        url = settings.notifications_answer_url
        return cls(url, LetterRenderer(sender, window), SmsTexts(sender, url))

    def document(self, message: Leased, recipient: Recipient, today: date) -> Document:
        """Return what will stand on a message to a recipient who may get it (`domain.recipients`).

        Raises whatever a text that cannot be set raises; the text of such an error may hold a name, so
        only its kind may be logged.
        """
        if message.channel is Channel.SMS:
            text = self._texts.text(message.kind, message.code, message.visit_at)
            return Document(message.message_id, TEXT, text.encode(), recipient.phone)
        assert recipient.name is not None
        assert recipient.address is not None
        letter = Letter(
            kind=message.kind,
            name=recipient.name,
            address=recipient.address,
            dated=today,
            code=message.code,
            answer_url=self._answer_url,
            visit_at=message.visit_at,
        )
        return Document(message.message_id, PDF, self._letters.pdf(letter))
