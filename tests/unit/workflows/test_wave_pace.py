"""How fast a wave goes: never faster than its limits, never at another time, and it comes to its end."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.clock import STOCKHOLM, ClockSpec
from contracts.policy import HourSlot, WavePolicy
from contracts.waves import WaveStart
from tests.workflows.samples import STOCKHOLM_POLICY
from workflows.term_mailing.pace import (
    BATCH_MINUTES,
    MINUTE,
    MOST_IN_A_BATCH,
    Send,
    Wait,
    after,
    is_sending_day,
    turn,
    youths_per_minute,
)

TUESDAY = datetime(2026, 9, 15, 9, tzinfo=STOCKHOLM)
civil = st.datetimes(
    datetime(2026, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    datetime(2028, 12, 1),  # noqa: DTZ001
    timezones=st.just(STOCKHOLM),
    allow_imaginary=False,
)
hours = st.sampled_from(
    [(time(9), time(16)), (time(0), time(0)), (time(8, 30), time(8, 40)), (time(22), time(0)), (time(1), time(4))]
)


def wave(begins: datetime = TUESDAY, *, working_days_only: bool = True, **pace: Any) -> WaveStart:
    return WaveStart(
        wave_id=UUID(int=1),
        clock=ClockSpec(),
        pace=WavePolicy(**pace),
        working_days_only=working_days_only,
        holidays=STOCKHOLM_POLICY.holidays,
        begins=begins,
    )


def sent(start: WaveStart, now: datetime, youths: int) -> list[tuple[datetime, Send]]:
    """Let a wave go until nobody is left, as the workflow does; return its batches."""
    batches: list[tuple[datetime, Send]] = []
    for _ in range(20_000):
        if youths <= 0:
            return batches
        step = turn(start, now)
        if isinstance(step, Wait):
            assert step.until.astimezone(UTC) > now.astimezone(UTC), "it would spin"
            now = step.until
            continue
        batches.append((now, step))
        start = after(start, min(youths, step.size), step.over, now)
        youths -= step.size
    raise AssertionError("the wave never ends")


@settings(max_examples=60)
@given(
    begins=civil,
    wait=st.timedeltas(timedelta(days=-3), timedelta(days=3)),
    letters=st.integers(1, 1_000),
    sms=st.integers(1, 1_000),
    a_day=st.integers(1, 3_000),
    slot=hours,
    working_days_only=st.booleans(),
    youths=st.integers(1, 1_000),
)
def test_a_wave_keeps_all_its_limits(
    begins: datetime,
    wait: timedelta,
    letters: int,
    sms: int,
    a_day: int,
    slot: tuple[time, time],
    working_days_only: bool,
    youths: int,
) -> None:
    start = wave(
        begins,
        working_days_only=working_days_only,
        letters_per_minute=letters,
        sms_per_minute=sms,
        youths_per_day=max(a_day, youths // 20),
        hours=HourSlot(name="wave", start=slot[0], end=slot[1]),
    )
    batches = sent(start, (begins.astimezone(UTC) + wait).astimezone(STOCKHOLM), youths)
    per_minute = youths_per_minute(start)
    assert sum(batch.size for _, batch in batches) >= youths
    for at, batch in batches:
        assert at.astimezone(UTC) >= begins.astimezone(UTC)
        assert is_sending_day(start, at.date())
        assert 1 <= batch.size <= MOST_IN_A_BATCH
        assert batch.over <= BATCH_MINUTES * MINUTE
        # Spread evenly over its time a batch keeps the rate, and is over when the hours are.
        assert batch.size / (batch.over / MINUTE) == pytest.approx(per_minute, rel=1e-4)  # to the microsecond
        closes = datetime.combine(at.date() + timedelta(days=slot[1] == time(0)), slot[1], STOCKHOLM)
        assert slot[0] <= at.time()
        assert at.astimezone(UTC) + batch.over <= closes.astimezone(UTC) + timedelta(milliseconds=1)
    for (first, batch), (second, _) in pairwise(batches):
        assert second.astimezone(UTC) >= first.astimezone(UTC) + batch.over, "one batch after the other"
    days: dict[date, int] = {}
    for at, batch in batches:
        days[at.date()] = days.get(at.date(), 0) + batch.size
    assert max(days.values()) <= start.pace.youths_per_day


def test_stockholms_wave_takes_a_week_of_working_days_and_no_evening() -> None:
    batches = sent(wave(), TUESDAY - timedelta(days=1), 7_500)
    days = sorted({at.date() for at, _ in batches})
    assert days == [date(2026, 9, 15), date(2026, 9, 16), date(2026, 9, 17), date(2026, 9, 18), date(2026, 9, 21)]
    assert {batch.size for _, batch in batches} == {100}
    assert max(at.time() for at, _ in batches) < time(11)


def test_nothing_goes_out_on_a_holiday() -> None:
    christmas = datetime(2026, 12, 23, 15, 58, tzinfo=STOCKHOLM)
    batches = sent(wave(christmas), christmas, 60)
    assert [at.date() for at, _ in batches] == [date(2026, 12, 23), date(2026, 12, 28)]
    assert batches[0][1] == Send(40, timedelta(minutes=2))
