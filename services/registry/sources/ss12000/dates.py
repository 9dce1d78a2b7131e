"""Dates as school systems write them. Pure."""

from datetime import date, datetime, timedelta

from chassis.clock import STOCKHOLM
from services.registry.sources import values
from services.registry.sources.values import BadValue

SCHOOL_YEAR_BEGINS = (7, 1)  # terms run from August to June; with 1 July no day lies between two school years
# Some databases have a date where others have none: 0001-01-01, 9999-12-31.
_NO_START_BEFORE, _NO_END_FROM = date(1900, 1, 1), date(2200, 1, 1)


def day(raw: object) -> date | None:
    """Return the Stockholm day of a date or a date-time (RFC 3339); None for nothing. Raises BadValue."""
    if raw is None or raw == "":
        return None
    if not isinstance(raw, str):
        raise BadValue("date_format")
    return values.day(raw) if len(raw) <= len("2026-01-01") else _day_of(raw)


def start(raw: object) -> date | None:
    """Return a first day; None when there is none, or one that stands for none."""
    found = _tolerant(raw)
    return None if found is None or found < _NO_START_BEFORE else found


def end(raw: object) -> date | None:
    """Return a last day; None when there is none, or one that stands for none."""
    found = _tolerant(raw)
    return None if found is None or found >= _NO_END_FROM else found


def school_year_start(on: date) -> date:
    """Return the first day of the school year that ``on`` is in."""
    this_year = date(on.year, *SCHOOL_YEAR_BEGINS)
    return this_year if on >= this_year else date(on.year - 1, *SCHOOL_YEAR_BEGINS)


def last_whole_weeks(before: date, weeks: int) -> tuple[date, date]:
    """Return Monday and Sunday of the ``weeks`` whole weeks that ended before ``before``."""
    monday = before - timedelta(days=before.weekday())
    return monday - timedelta(weeks=weeks), monday - timedelta(days=1)


def _tolerant(raw: object) -> date | None:
    try:
        return day(raw)
    except BadValue as bad:
        if bad.reason != "impossible_date" or not isinstance(raw, str):
            raise
        try:
            return date.fromisoformat(raw[:10])
        except ValueError:
            raise bad from None


def _day_of(raw: str) -> date:
    """The day in Stockholm: 22:00 UTC on 18 August is 19 August there."""
    try:
        moment = datetime.fromisoformat(raw)
    except ValueError:
        raise BadValue("date_format") from None
    try:
        found = moment.astimezone(STOCKHOLM).date() if moment.tzinfo is not None else moment.date()
    except (OverflowError, ValueError):
        raise BadValue("impossible_date") from None
    return values.day(found.isoformat())
