"""Navet files made of posts, and what the reader makes of them."""

import io
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from services.registry.domain.person_number import parse
from services.registry.sources.navet.change import Change, Reject
from services.registry.sources.navet.reader import Reader
from services.registry.sources.navet.resident import Address, Applied, Resident, applied

FILES = Path(__file__).parent / "files"
STOCKHOLM = "0180"
FILE_DATE = date(2026, 10, 2)
NUMBER = "200801012386"  # test series

Terms = Sequence[tuple[str, str | None]]


def post(*terms: tuple[str, str | None]) -> list[str]:
    return [
        "#POST_START",
        *(f"#UP {code}" + (f" {value}" if value else "") for code, value in terms),
        "#POST_SLUT",
    ]


def content(*posts: Sequence[str], count: int | None = None, encoding: str = "iso-8859-1") -> bytes:
    lines = ["#INFO_START", "#FILTYP UTFIL", "#INFO_SLUT", "#DATA_START", *(line for one in posts for line in one)]
    lines += ["#DATA_SLUT", "#AVST_START", f"#ANTAL_POSTER {len(posts) if count is None else count:08}"]
    lines += ["#AVST_SLUT", "#FIL_SLUT", ""]
    return "\n".join(lines).encode(encoding)


def read(data: bytes) -> tuple[list[Change | Reject], Reader]:
    reader = Reader(io.BytesIO(data))
    return list(reader.outcomes()), reader


def change(*terms: tuple[str, str | None], number: str | None = NUMBER) -> Change:
    """Return what one post tells, of the person with ``number``."""
    given = terms if number is None else (("01001", number), *terms)
    (outcome,), _ = read(content(post(*given)))
    assert isinstance(outcome, Change)
    return outcome


def resident(number: str = NUMBER, **changes: object) -> Resident:
    facts = {
        "person_number": parse(number),
        "first_name": "Alva",
        "last_name": "Exempelsson",
        "municipality": STOCKHOLM,
        "registered": Address(None, None, "Provgatan 1", "12345", "Provstad"),
        "moved_in_on": date(2012, 8, 15),
        "district": "farsta",
    }
    return Resident(**{**facts, **changes})  # type: ignore[arg-type]


def after(known: Resident | None, *terms: tuple[str, str | None], number: str = NUMBER) -> Resident:
    """Return a person after one post."""
    result = applied(known, change(*terms, number=number), home=STOCKHOLM, file_date=FILE_DATE)
    assert isinstance(result, Applied)
    return result.resident
