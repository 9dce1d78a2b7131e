"""Birthdays and the last covered day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.domain.age import birthday, is_minor, last_covered_day, presumed_school_age_end

births = st.dates(date(1995, 1, 1), date(2079, 12, 31))


@given(births)
def test_the_last_covered_day_is_the_day_before_the_20th_birthday(born: date) -> None:
    turns_20 = last_covered_day(born) + timedelta(days=1)
    assert (turns_20.year - born.year, turns_20.month, turns_20.day) == (20, born.month, born.day)


@pytest.mark.parametrize(
    ("born", "years", "expected"),
    [
        (date(2008, 2, 29), 20, date(2028, 2, 29)),
        (date(2080, 2, 29), 20, date(2100, 2, 28)),  # the one case in which the choice decides
        (date(2008, 2, 29), 18, date(2026, 2, 28)),
    ],
)
def test_birthdays_of_leap_day_children(born: date, years: int, expected: date) -> None:
    assert birthday(born, years) == expected


@given(births, st.dates(date(1995, 1, 1), date(2099, 12, 31)))
def test_a_minor_is_whoever_has_not_had_the_18th_birthday(born: date, day: date) -> None:
    of_age = (day.year - born.year, day.month, day.day) >= (18, born.month, born.day)
    leap_child = (born.month, born.day) == (2, 29) and (day.month, day.day) == (2, 28)
    assert is_minor(born, day) is not of_age or (leap_child and day.year - born.year == 18)


@given(births)
def test_school_age_ends_with_june_of_the_year_of_the_16th_birthday(born: date) -> None:
    assert presumed_school_age_end(born) == date(born.year + 16, 6, 30)
