"""Typst makes the list's PDF: PDF/UA-1, our own fonts, no network. Nothing of it is kept."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst

from services.notifications import swedish
from services.notifications.day_list.rows import Row
from services.notifications.sender import Sender

HERE = Path(__file__).parent
FONTS = HERE.parent / "letters" / "fonts"


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])


def pdf_of(day: date, staff: Sequence[str], rows: Sequence[Row], sender: Sender, made_at: datetime) -> bytes:
    """Return the list as PDF. Takes a core for some 50 ms: call it beside the event loop.

    Raises typst.TypstError, whose text may hold a name: only its kind may be logged.
    """
    compiler = typst.Compiler(HERE / "day_list.typ", root=HERE, font_paths=_fonts(), ignore_system_fonts=True)
    pdf = compiler.compile(
        format="pdf",
        sys_inputs={"list": json.dumps(content(day, staff, rows, sender, made_at))},
        pdf_standards="ua-1",
        timestamp=int(made_at.timestamp()),
    )
    assert isinstance(pdf, bytes)
    return pdf


def content(
    day: date, staff: Sequence[str], rows: Sequence[Row], sender: Sender, made_at: datetime
) -> dict[str, Any]:
    """Return what ``day_list.typ`` reads."""
    return {
        "day": f"{swedish.WEEKDAYS[day.weekday()]} {swedish.long_date(day)}",
        "staff": list(staff),
        "service": sender.service,
        "phone": swedish.phone(sender.phone),
        "made_at": swedish.day_and_time(made_at),
        "rows": [
            {
                "time": row.time,
                "name": row.name,
                "care_of": row.care_of.removeprefix("c/o ").removeprefix("C/O "),
                "street": row.street,
                "postal_code": row.postal_code,
            }
            for row in rows
        ],
    }
