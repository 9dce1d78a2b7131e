"""How long the demonstration's year takes: on two idle cores as short as may be, else longer."""

from hypothesis import given
from hypothesis import strategies as st

from deploy.demo.pace import LONGEST, REFERENCE_ROUNDS, SHORTEST, measure, pace_for


def test_with_all_the_processor_time_that_is_needed_the_year_is_short() -> None:
    assert pace_for(REFERENCE_ROUNDS).minutes == pace_for(9 * REFERENCE_ROUNDS).minutes == SHORTEST


def test_with_half_of_it_the_year_is_twice_as_long() -> None:
    assert pace_for(REFERENCE_ROUNDS / 2).minutes == 2 * SHORTEST


@given(st.floats(0, 1e6), st.floats(0, 1e6))
def test_less_time_never_makes_a_shorter_year(one: float, other: float) -> None:
    less, more = sorted((one, other))
    assert SHORTEST <= pace_for(more).minutes <= pace_for(less).minutes <= LONGEST


def test_the_machine_is_measured() -> None:
    assert measure().free > 0
