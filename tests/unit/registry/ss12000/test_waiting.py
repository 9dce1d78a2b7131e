"""How long to wait before asking again, and what is due."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.clock import STOCKHOLM
from services.registry.sources.ss12000.backoff import retry_after, seconds_before
from services.registry.sources.ss12000.config import AbsenceRule, FeedConfig, Patience, ServerConfig
from services.registry.sources.ss12000.dates import last_whole_weeks
from services.registry.sources.ss12000.plan import Due, Progress, due, why_not_believed

SERVER = ServerConfig(
    name="skolan",
    base_url="https://skola.example/ss12000",
    token_url="https://skola.example/token",
    client_id="uppsok",
    secret_file=Path("secret"),
    absence=AbsenceRule(weeks=4),
)
CONFIG = FeedConfig(servers=(SERVER,), whole_every_days=7)
NOW = datetime(2026, 2, 3, 4, 0, tzinfo=STOCKHOLM)  # Tuesday
SINCE = NOW - timedelta(days=1)


@given(st.integers(2, 25), st.none() | st.floats(0, 400), st.floats(0, 1))
def test_waits_are_bounded_and_never_shorter_than_told(attempt: int, told: float | None, chance: float) -> None:
    patience = Patience()
    waited = seconds_before(attempt, told, chance, patience)
    if attempt > patience.attempts or (told or 0) > patience.longest_told_seconds:
        assert waited is None
    else:
        assert waited is not None
        assert (told or 0.0) <= waited <= max(told or 0.0, patience.longest_wait_seconds)
        assert waited >= patience.first_wait_seconds / 2


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "120"}, 120.0),
        ({"retry-after": " 0 "}, 0.0),
        (
            {"retry-after": "Tue, 03 Feb 2026 04:01:30 GMT", "date": "Tue, 03 Feb 2026 04:00:00 GMT"},
            90.0,
        ),
        ({"retry-after": "Tue, 03 Feb 2026 03:00:00 GMT", "date": "Tue, 03 Feb 2026 04:00:00 GMT"}, 0.0),
        ({"retry-after": "Tue, 03 Feb 2026 04:01:30 GMT"}, None),
        ({"retry-after": "soon", "date": "Tue, 03 Feb 2026 04:00:00 GMT"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "9" * 40}, None),
        ({}, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


@pytest.mark.parametrize(
    ("progress", "since"),
    [
        (Progress(), None),
        (Progress(date(2026, 2, 2), SINCE), SINCE),
        (Progress(date(2026, 1, 28), SINCE), SINCE),
        (Progress(date(2026, 1, 27), SINCE), None),  # a week ago
        (Progress(date(2026, 2, 2), None), None),
        (Progress(date(2026, 2, 4), SINCE), None),  # the clock has been set back: all anew
        (Progress(date(2026, 2, 2), NOW + timedelta(seconds=1)), None),
    ],
)
def test_all_is_read_when_it_is_time_and_else_what_changed(progress: Progress, since: datetime | None) -> None:
    assert due(CONFIG, SERVER, progress, NOW).since == since


def test_absences_are_read_once_for_the_weeks_that_have_ended() -> None:
    period = (date(2026, 1, 5), date(2026, 2, 1))
    for until, absences in ((None, period), (date(2026, 1, 25), period), (date(2026, 2, 1), None)):
        assert due(CONFIG, SERVER, Progress(absences_until=until), NOW) == Due(None, absences)
    without = SERVER.model_copy(update={"absence": None})
    assert due(CONFIG, without, Progress(), NOW).absences is None


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(1, 26))
def test_whole_weeks_end_before_the_day_on_a_sunday(on: date, weeks: int) -> None:
    first, last = last_whole_weeks(on, weeks)
    assert (first.isoweekday(), last.isoweekday(), (last - first).days + 1) == (1, 7, 7 * weeks)
    assert 1 <= (on - last).days <= 7


@given(st.integers(0, 10**6), st.none() | st.integers(0, 10**6))
def test_a_whole_reading_is_not_believed_when_a_tenth_is_lost(rows: int, last: int | None) -> None:
    believed = rows > 0 and (last is None or rows * 10 >= last * 9)
    assert (why_not_believed(rows, last, 0) is None) is believed
