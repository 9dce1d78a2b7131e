"""School years, as the catalogue of measures counts them: 1 July to 30 June."""

import re
from dataclasses import dataclass
from datetime import date

_WRITTEN = re.compile(r"([0-9]{4})/([0-9]{2})")


@dataclass(frozen=True, order=True, slots=True)
class SchoolYear:
    """The school year that begins in the summer of ``first``. Written ``2026/27``."""

    first: int

    def __str__(self) -> str:
        return f"{self.first:04}/{(self.first + 1) % 100:02}"

    @property
    def first_day(self) -> date:
        return date(self.first, 7, 1)

    @property
    def last_day(self) -> date:
        return date(self.first + 1, 6, 30)

    def __contains__(self, day: date) -> bool:
        return self.first_day <= day <= self.last_day


def parse(written: str) -> SchoolYear:
    """Return the school year written ``2026/27``. Raises ValueError for anything else."""
    match = _WRITTEN.fullmatch(written)
    if match is None or not 2000 <= int(match[1]) < 2100 or (int(match[1]) + 1) % 100 != int(match[2]):
        raise ValueError("a school year is written as 2026/27")
    return SchoolYear(int(match[1]))


def school_year_of(day: date) -> SchoolYear:
    """Return the school year in which a day lies."""
    return SchoolYear(day.year if day.month >= 7 else day.year - 1)
