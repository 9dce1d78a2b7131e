"""What stands on a letter, and where on the paper the address goes."""

import io
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import segno

from contracts.messages import OF_A_VISIT, MessageKind
from services.notifications import swedish
from services.notifications.domain.codes import printed
from services.notifications.domain.recipients import PostalAddress
from services.notifications.sender import Sender

QR_COLOUR = "#1d2733"


@dataclass(frozen=True, slots=True)
class AddressWindow:
    """The address block: millimetres from the paper's upper left corner. See docs/letters.md."""

    x: float
    y: float
    width: float


# The two windows of Swedish C5 envelopes; which one the print supplier uses is a setting.
RIGHT_WINDOW = AddressWindow(x=117, y=43, width=76)
LEFT_WINDOW = AddressWindow(x=27, y=43, width=70)
BODY_Y = 84.0  # below every window, wherever the paper lies in the envelope


@dataclass(frozen=True, slots=True)
class Letter:
    """All that is needed to make a letter."""

    kind: MessageKind
    name: str
    address: PostalAddress
    dated: date
    code: str
    answer_url: str
    visit_at: datetime | None = None


def answer_link(answer_url: str, code: str) -> str:
    """Return the link that a code stands for. ``answer_url`` is the public base URL, without a path."""
    return f"{answer_url.rstrip('/')}/svar/{code}"


def answer_page(answer_url: str) -> str:
    """Return the address of the answer page as a person types it."""
    return f"{answer_url.rstrip('/').removeprefix('https://').removeprefix('http://')}/svar"


def address_lines(name: str, address: PostalAddress) -> list[str]:
    """Return at most four lines, the city in capitals as PostNord asks for."""
    lines = [name]
    if address.care_of:
        care_of = address.care_of.strip()
        lines.append(care_of if care_of.lower().startswith("c/o") else f"c/o {care_of}")
    lines.append(address.street)
    lines.append(f"{swedish.postal_code(address.postal_code)} {address.city.upper()}")
    return lines


def template_input(letter: Letter, sender: Sender, window: AddressWindow) -> dict[str, Any]:
    """Return what ``templates/letter.typ`` reads. Raises ValueError for a letter on a visit without its time."""
    if letter.kind in OF_A_VISIT and letter.visit_at is None:
        raise ValueError("a letter on a visit needs its time")
    link = answer_link(letter.answer_url, letter.code)
    return {
        "kind": letter.kind.value,
        "date": swedish.long_date(letter.dated),
        "code": printed(letter.code),
        "url": link,
        "page": answer_page(letter.answer_url),
        "qr": qr_code(link),
        "address": address_lines(letter.name, letter.address),
        "visit": swedish.day_and_time(letter.visit_at) if letter.visit_at else "",
        "sender": {
            **sender.model_dump(),
            "phone": swedish.phone(sender.phone),
            "sms": swedish.phone(sender.sms),
        },
        "window": {"x": window.x, "y": window.y, "width": window.width},
        "facts_x": 0 if window is not LEFT_WINDOW else 92,
        "body_y": BODY_Y,
    }


def qr_code(link: str) -> str:
    """Return the QR code of a link as SVG."""
    out = io.BytesIO()
    segno.make(link, error="m", micro=False).save(out, kind="svg", border=0, dark=QR_COLOUR)
    return out.getvalue().decode()
