"""SMS: at most two parts, in the alphabet that Swedish is cheap in, and saying what they must."""

from pathlib import Path

import pytest

from contracts.messages import MessageKind
from services.notifications.domain.codes import new_code
from services.notifications.sender import read_sender
from services.notifications.texts.gsm7 import is_gsm7, segments
from services.notifications.texts.sms import LONGEST_DAY, MOST_SEGMENTS, SMS_KINDS, SmsTexts, TextTooLong

ANSWER_URL = "https://uppsok.stockholm.example"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("å" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),  # two characters each
        ("€" * 81, 2),
        ("ł" * 70, 1),  # outside the alphabet
        ("ł" * 71, 2),
        ("👍" * 35, 1),
    ],
)
def test_parts_of_a_text(text: str, parts: int) -> None:
    assert segments(text) == parts


def test_there_is_a_text_for_every_kind_of_sms() -> None:
    assert set(SMS_KINDS) == {
        MessageKind.FIRST_SMS,
        MessageKind.TRIED_SMS,
        MessageKind.TERM_SMS,
        MessageKind.VISIT_CALLED_OFF_SMS,
    }


@pytest.mark.parametrize("kind", SMS_KINDS)
def test_a_text_says_who_why_how_and_that_it_is_voluntary(kind: MessageKind) -> None:
    code = new_code()
    text = SmsTexts(read_sender(), ANSWER_URL).text(kind, code)
    assert is_gsm7(text)
    assert segments(text) <= MOST_SEGMENTS
    for needed in (
        "Stockholms stad",
        "skola, jobb",
        "frivilligt",
        "Svara JA",
        f"{ANSWER_URL}/svar/{code}",
        "08-465",
    ):
        assert needed in text


def test_the_word_on_a_visit_says_which_and_is_no_longer_than_the_others() -> None:
    """Settings with which a service ran before there was this text are to do for it as well."""
    texts = SmsTexts(read_sender(), ANSWER_URL)
    word = texts.text(MessageKind.VISIT_CALLED_OFF_SMS, new_code(), LONGEST_DAY)
    assert "onsdag 23 september 2026 kl. 12.00" in word
    others = [texts.text(kind, new_code()) for kind in (MessageKind.FIRST_SMS, MessageKind.TRIED_SMS)]
    assert len(word) <= max(map(len, others))


def test_settings_that_make_a_text_too_long_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TextTooLong, match="parts"):
        SmsTexts(read_sender(), f"https://{'a' * 60}.example")
