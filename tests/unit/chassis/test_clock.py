"""The civil clock: a faithful mapping, whatever the speed and across the changes of daylight saving."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.clock import STOCKHOLM, ClockSpec

BEGIN = datetime(2015, 1, 1, tzinfo=UTC)
INSTANTS = st.floats(0, 20 * 365 * 86_400).map(lambda seconds: BEGIN + timedelta(seconds=seconds))
SPEEDS = st.floats(min_value=2, max_value=100_000)


@given(real=INSTANTS, speed=SPEEDS, real_anchor=INSTANTS, civil_anchor=INSTANTS)
def test_real_undoes_civil(real: datetime, speed: float, real_anchor: datetime, civil_anchor: datetime) -> None:
    spec = ClockSpec(speed=speed, real_anchor=real_anchor, civil_anchor=civil_anchor)
    elapsed = timedelta(seconds=(real - real_anchor).total_seconds() % 1e6)  # a demonstration, not a century
    instant = real_anchor + elapsed
    assert abs(spec.real(spec.civil(instant)) - instant) < timedelta(milliseconds=1)


@given(real=INSTANTS)
def test_at_speed_one_civil_time_is_real_time_in_stockholm(real: datetime) -> None:
    civil = ClockSpec().civil(real)
    assert civil == real
    assert civil.tzinfo is STOCKHOLM


def test_a_clock_at_speed_one_must_not_be_shifted() -> None:
    with pytest.raises(ValueError, match="must not be shifted"):
        ClockSpec(civil_anchor=datetime(2025, 8, 15, tzinfo=UTC))


def test_a_civil_day_at_speed_is_short() -> None:
    spec = ClockSpec(speed=86_400)
    assert spec.real_duration(timedelta(days=3)) == timedelta(seconds=3)


def test_the_night_when_clocks_go_forward_has_23_hours() -> None:
    spec = ClockSpec()
    before = datetime(2026, 3, 28, 12, 0, tzinfo=STOCKHOLM)
    after = datetime(2026, 3, 29, 12, 0, tzinfo=STOCKHOLM)
    assert spec.real(after) - spec.real(before) == timedelta(hours=23)
