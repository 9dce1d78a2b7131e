"""The period that a report is asked for."""

from datetime import date

import pytest

from services.reporting.domain.period import Period, PeriodEmpty, period_of, school_year_start


@pytest.mark.parametrize(
    ("day", "start"),
    [
        (date(2025, 7, 1), date(2025, 7, 1)),
        (date(2025, 12, 31), date(2025, 7, 1)),
        (date(2026, 1, 1), date(2025, 7, 1)),
        (date(2026, 6, 30), date(2025, 7, 1)),
    ],
)
def test_a_school_year_runs_from_july_to_june(day: date, start: date) -> None:
    assert school_year_start(day) == start


def test_without_dates_it_is_the_running_school_year() -> None:
    assert period_of(None, None, date(2026, 3, 2)) == Period(date(2025, 7, 1), date(2026, 3, 2))


def test_with_a_last_day_alone_it_is_the_school_year_up_to_it() -> None:
    assert period_of(None, date(2024, 12, 31), date(2026, 3, 2)) == Period(date(2024, 7, 1), date(2024, 12, 31))


def test_one_day_is_a_period_and_an_earlier_end_is_not() -> None:
    assert Period(date(2025, 7, 1), date(2025, 7, 1)).first == date(2025, 7, 1)
    with pytest.raises(PeriodEmpty):
        period_of(date(2025, 7, 2), date(2025, 7, 1), date(2026, 1, 1))
