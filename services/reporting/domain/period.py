"""The period of a report."""

from dataclasses import dataclass
from datetime import date


class PeriodEmpty(ValueError):
    """The period ends before it begins."""


@dataclass(frozen=True, slots=True)
class Period:
    """From the first to the last day, both included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise PeriodEmpty


def school_year_start(day: date) -> date:
    """Return the first day of the school year (1 July to 30 June) that a day lies in."""
    return date(day.year if day.month >= 7 else day.year - 1, 7, 1)


def period_of(first: date | None, last: date | None, today: date) -> Period:
    """Return the period asked for; without dates, the school year of the last day up to it (or to today).

    Raises PeriodEmpty.
    """
    last = last or today
    return Period(first or school_year_start(last), last)
