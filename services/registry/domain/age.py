"""Ages and the dates that follow from them."""

from datetime import date, timedelta

ADULT_AT = 20  # Skollagen 29 kap. 9 §: under 20
OF_AGE_AT = 18  # föräldrabalken 9 kap. 1 §: until then guardians speak for a youth
SCHOOL_AGE_ENDS_AT = 16


def birthday(birth_date: date, years: int) -> date:
    """Return the day on which a person turns ``years``.

    Born on 29 February: that day in leap years, else 28 February. Twenty years later is a leap year
    again, unless a century comes between (born 2080), so this decides nobody's case before 2100.
    """
    try:
        return birth_date.replace(year=birth_date.year + years)
    except ValueError:
        return date(birth_date.year + years, 2, 28)


def last_covered_day(birth_date: date) -> date:
    """Return the day before the 20th birthday, the last on which the duty can hold."""
    return birthday(birth_date, ADULT_AT) - timedelta(days=1)


def presumed_school_age_end(birth_date: date) -> date:
    """Return the last day of compulsory schooling as the calendar gives it (Skollagen 7 kap. 10-12 §§).

    The duty begins in the year of the 6th birthday and ends with the spring term of the tenth school
    year: the year of the 16th birthday. Terms end on different days in June; the school year ends with
    the month.
    """
    return date(birth_date.year + SCHOOL_AGE_ENDS_AT, 6, 30)


def is_minor(birth_date: date, day: date) -> bool:
    """Return whether a person is under 18 on a day."""
    return day < birthday(birth_date, OF_AGE_AT)
