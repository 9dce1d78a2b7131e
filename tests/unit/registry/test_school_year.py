from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.domain.school_year import SchoolYear, parse, school_year_of


@given(st.dates(date(2000, 7, 1), date(2099, 6, 30)))
def test_a_day_lies_in_its_school_year_and_no_other(day: date) -> None:
    year = school_year_of(day)
    assert day in year
    assert day not in SchoolYear(year.first - 1)
    assert day not in SchoolYear(year.first + 1)
    assert parse(str(year)) == year
    assert SchoolYear(year.first + 1).first_day == year.last_day + timedelta(days=1)


def test_it_is_written_with_both_years() -> None:
    assert str(school_year_of(date(2026, 6, 30))) == "2025/26"
    assert str(school_year_of(date(2026, 7, 1))) == "2026/27"
    assert str(SchoolYear(2099)) == "2099/00"


@pytest.mark.parametrize(
    "written", ["2026", "2026/28", "2026/2027", "1026/27", "2026-27", "2026/27 ", "", "26/27"]
)
def test_anything_else_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="2026/27"):
        parse(written)
