"""The holidays of the policy documents are those that the library knows, and stay data."""

from datetime import date

import pytest

from services.outreach.domain.holidays import swedish_holidays, with_holidays
from services.outreach.domain.policy import load_policy
from services.outreach.settings import POLICIES


def test_stockholms_holidays_are_the_librarys() -> None:
    """When this fails the library has changed its mind, or years were added: compare, then run
    ``python -m services.outreach holidays services/outreach/policies/stockholm.json 2024 2030``."""
    assert load_policy(POLICIES / "stockholm.json").holidays == swedish_holidays(2024, 2030)


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 4, 3),  # Good Friday
        date(2026, 6, 19),  # Midsummer's Eve: no public holiday by law, but free
        date(2026, 6, 20),  # Midsummer's Day
        date(2026, 10, 31),  # All Saints' Day, a Saturday between 31 October and 6 November
        date(2026, 12, 24),
        date(2026, 12, 31),
    ],
)
def test_days_that_staff_are_free(day: date) -> None:
    assert day in swedish_holidays(2026, 2026)


def test_an_ordinary_sunday_is_no_holiday_of_its_own() -> None:
    assert date(2026, 3, 1) not in swedish_holidays(2026, 2026)


def test_filling_in_leaves_the_rest_of_the_document_as_it_is() -> None:
    before = '{\n  "version": "v",\n  "holidays": [],\n  "call_attempts": 3\n}\n'
    filled = with_holidays(before, (date(2026, 1, 1), date(2026, 1, 6), date(2027, 1, 1)))
    assert filled == (
        '{\n  "version": "v",\n  "holidays": [\n    "2026-01-01", "2026-01-06",\n    "2027-01-01"\n  ],\n'
        '  "call_attempts": 3\n}\n'
    )
    assert with_holidays(filled, ()).count("2026") == 0


def test_a_document_without_holidays_is_refused() -> None:
    with pytest.raises(ValueError, match="holidays"):
        with_holidays("{}", ())
