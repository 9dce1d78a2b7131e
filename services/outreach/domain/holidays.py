"""Swedish holidays as data for a policy document (``python -m services.outreach holidays``).

A policy holds its holidays as dates: a running youth must not change course because a library did,
and workflow code must give the same answer when it is replayed.
"""

import re
from collections.abc import Sequence
from datetime import date
from itertools import groupby

import holidays

# Midsummer's, Christmas and New Year's Eve are no public holidays by law (1989:253), but free days in fact.
CATEGORIES = ("public", "de_facto")


def swedish_holidays(first_year: int, last_year: int, categories: Sequence[str] = CATEGORIES) -> tuple[date, ...]:
    """Return public and (unless ``categories`` says else) de facto holidays of whole years, ascending.

    Sundays as such are not listed: working days exclude weekends anyway.
    """
    calendar = holidays.country_holidays(
        "SE", years=range(first_year, last_year + 1), categories=tuple(categories), include_sundays=False
    )
    return tuple(sorted(calendar))


def with_holidays(document: str, dates: Sequence[date]) -> str:
    """Return a policy document's text with these holidays, a year per line; the rest stays as it is.

    Raises ValueError when the document has no ``"holidays": [...]`` to fill.
    """
    years = [
        "    " + ", ".join(f'"{day.isoformat()}"' for day in days)
        for _, days in groupby(sorted(dates), key=lambda day: day.year)
    ]
    block = '"holidays": [\n' + ",\n".join(years) + "\n  ]"
    filled, count = re.subn(r'"holidays"\s*:\s*\[[^\]]*\]', lambda _: block, document)
    if count != 1:
        raise ValueError('the document needs exactly one "holidays": [] to fill')
    return filled
