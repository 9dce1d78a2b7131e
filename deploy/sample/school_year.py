"""The school year of the sample: one calendar for all schools, near to Stockholm's."""

from datetime import date, timedelta


def autumn_start(year: int) -> date:
    """First day of the autumn term."""
    return date(year, 8, 11)


def spring_start(year: int) -> date:
    return date(year, 1, 8)


def spring_end(year: int) -> date:
    """Last day of the spring term: exams, and the end of compulsory school."""
    return date(year, 6, 12)


def compulsory_end(born: date) -> date:
    """The day compulsory school ends: the spring of the year of the 16th birthday."""
    return spring_end(born.year + 16)


def upper_start(born: date) -> date:
    """The day upper-secondary school starts for somebody who goes straight on."""
    return autumn_start(born.year + 16)


def upper_end(born: date) -> date:
    """The end of three years of upper-secondary school."""
    return spring_end(born.year + 19)


def next_day(after: date, month: int, day: int) -> date:
    """Return the first such calendar day later than ``after``."""
    this_year = date(after.year, month, day)
    return this_year if this_year > after else date(after.year + 1, month, day)


def days_between(first: date, last: date) -> list[date]:
    """Return the days from ``first`` to ``last``, both included."""
    return [first + timedelta(days=index) for index in range((last - first).days + 1)]
