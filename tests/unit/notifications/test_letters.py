"""Letters as they come out of the printer: what they say, and where the address stands on the paper."""

import re
import warnings
from datetime import UTC, date, datetime
from io import BytesIO
from typing import cast

import pytest
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from contracts.messages import CHANNEL_OF, OF_A_VISIT, Channel, MessageKind
from services.notifications.domain.recipients import PostalAddress
from services.notifications.letters.content import (
    LEFT_WINDOW,
    RIGHT_WINDOW,
    AddressWindow,
    Letter,
    address_lines,
)
from services.notifications.letters.render import LetterRenderer
from services.notifications.sender import read_sender

LETTERS = tuple(kind for kind, channel in CHANNEL_OF.items() if channel is Channel.LETTER)
HOME = PostalAddress(
    care_of="Andersson", street="Exempelvägen 148 B lgh 1203", postal_code="12649", city="Hägersten"
)
NAME = "Alexandra Å. Bergström-Lindqvist"
CODE, URL = "K7QF3MXP9T2H", "https://uppsok.stockholm.example"
MM = 72 / 25.4
A4_HEIGHT = 297


def letter(kind: MessageKind, name: str = NAME) -> Letter:
    visit = datetime(2025, 10, 16, 12, 30, tzinfo=UTC)
    return Letter(kind, name, HOME, date(2025, 9, 16), CODE, URL, visit if kind in OF_A_VISIT else None)


@pytest.fixture(scope="module")
def renderer() -> LetterRenderer:
    return LetterRenderer(read_sender())


def reader(pdf: bytes) -> PdfReader:
    return PdfReader(BytesIO(pdf))


def words(pdf: bytes) -> str:
    return re.sub(r"\s+", " ", reader(pdf).pages[0].extract_text())


@pytest.mark.parametrize("kind", LETTERS)
def test_every_letter_is_one_page_that_says_what_it_must(kind: MessageKind, renderer: LetterRenderer) -> None:
    pdf = renderer.pdf(letter(kind))
    text = words(pdf)
    assert len(reader(pdf).pages) == 1
    for needed in (
        "Stockholms stad", "Arbetsmarknadsförvaltningen", "16 september 2025", "K7QF-3MXP-9T2H",
        "uppsok.stockholm.example/svar", "Sms:a JA och din kod till 070-174 06 10", "08-465 004 10", "29 kap. 9 §",
        "löpande under året hålla sig informerad om hur de ungdomar i kommunen är sysselsatta",
        "lämpliga individuella åtgärder", "frivilligt", "folkbokföringen", "aktivitetsansvar@stockholm.example",
    ):  # fmt: skip
        assert needed in text, needed


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        (MessageKind.FIRST_LETTER, "inte går i gymnasiet just nu"),
        (MessageKind.TRIED_LETTER, "Vi har försökt nå dig"),
        (MessageKind.DOOR_CARD, "torsdag 16 oktober 2025 kl. 14.30"),
        (MessageKind.VISIT_CALLED_OFF_LETTER, "torsdag 16 oktober 2025 kl. 14.30"),
        (MessageKind.RECONTACT_LETTER, "Det är ett tag sedan vi hörde av oss"),
        (MessageKind.TURNS_20_LETTER, "Arbetsförmedlingen"),
    ],
)
def test_each_kind_has_its_own_matter(kind: MessageKind, says: str, renderer: LetterRenderer) -> None:
    assert says in words(renderer.pdf(letter(kind)))
    assert set(LETTERS) == {one for one in MessageKind if CHANNEL_OF[one] is Channel.LETTER}


def test_a_door_card_without_a_visit_is_no_letter(renderer: LetterRenderer) -> None:
    with pytest.raises(ValueError, match="visit"):
        renderer.pdf(Letter(MessageKind.DOOR_CARD, NAME, HOME, date(2025, 9, 16), CODE, URL))


def test_a_letter_is_accessible(renderer: LetterRenderer) -> None:
    """PDF/UA-1 asks for tags, language, title and descriptions of pictures; Typst checks while compiling."""
    pdf = renderer.pdf(letter(MessageKind.FIRST_LETTER))
    root = reader(pdf).root_object
    assert str(root["/Lang"]).startswith("sv")
    assert cast(DictionaryObject, root["/MarkInfo"])["/Marked"]
    assert "/StructTreeRoot" in root
    assert cast(DictionaryObject, root["/ViewerPreferences"])["/DisplayDocTitle"]
    assert b"pdfuaid:part>1<" in pdf
    information = reader(pdf).metadata
    assert information is not None
    assert information.title == "Hej! Hur har du det just nu?"
    assert NAME not in str(information)


def test_the_same_letter_is_the_same_file(renderer: LetterRenderer) -> None:
    again = LetterRenderer(read_sender())
    assert renderer.pdf(letter(MessageKind.DOOR_CARD)) == again.pdf(letter(MessageKind.DOOR_CARD))


@pytest.mark.parametrize("name", ['#read("/etc/passwd")', "$x$ *a* _b_ <c> @d", "Łukasz Đorđe Çelik Ngọc", "\\"])
def test_a_name_is_text_and_never_markup(name: str, renderer: LetterRenderer) -> None:
    assert re.sub(r"\s", "", name) in re.sub(
        r"\s", "", words(renderer.pdf(letter(MessageKind.FIRST_LETTER, name)))
    )


def seen_through_window(pdf: bytes) -> list[tuple[float, float, str]]:
    """Return each piece of text with its place in millimetres from the upper left corner."""
    found: list[tuple[float, float, str]] = []

    def visit(text: str, cm: list[float], tm: list[float], font: object, size: object) -> None:
        if text.strip():
            x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
            y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
            found.append((x / MM, A4_HEIGHT - y / MM, text.strip()))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reader(pdf).pages[0].extract_text(visitor_text=visit)
    return found


# A C5 envelope is 229 x 162 mm, the paper folded to 210 x 148.5: it can lie 19 mm to the side and 13 mm down.
@pytest.mark.parametrize(
    ("window", "left", "width"),
    [(RIGHT_WINDOW, 229 - 15 - 100, 100), (LEFT_WINDOW, 15, 100)],
    ids=["right", "left"],
)
@pytest.mark.parametrize("kind", LETTERS)
def test_the_window_shows_the_address_and_nothing_else(
    kind: MessageKind, window: AddressWindow, left: float, width: float
) -> None:
    top, height, slack_x, slack_y = 40, 35, 19, 13
    address = address_lines(NAME, HOME)
    lines = seen_through_window(LetterRenderer(read_sender(), window).pdf(letter(kind)))
    always = [
        text for x, y, text in lines
        if max(left, 0) <= x <= left + width - slack_x and top <= y - 4 and y <= top + height - slack_y
    ]  # fmt: skip
    ever = [
        text for x, y, text in lines if left - slack_x <= x <= left + width and top - slack_y <= y <= top + height
    ]
    assert [line for line in always if line in address] == address
    assert [line for line in ever if line not in address] == []


def test_the_address_is_as_the_post_wants_it() -> None:
    assert address_lines(NAME, HOME) == [
        NAME,
        "c/o Andersson",
        "Exempelvägen 148 B lgh 1203",
        "126 49 HÄGERSTEN",
    ]
    plain = PostalAddress(street="Exempelvägen 1", postal_code="123 45", city="Farsta")
    assert address_lines(NAME, plain) == [NAME, "Exempelvägen 1", "123 45 FARSTA"]
    written = HOME.model_copy(update={"care_of": "C/O Andersson"})
    assert address_lines(NAME, written)[1] == "C/O Andersson"
