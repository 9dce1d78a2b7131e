"""The planner against the year: what is taken for granted, what is counted, and when they agree."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.messages import MessageKind
from contracts.tasks import CallResult, TaskKind
from deploy.demo import behaviour
from deploy.demo.assumed import assumptions
from deploy.demo.forecast import ASKED_ON, COMPARED, WEEKS, Comparison, apart, as_text, done
from deploy.demo.municipality import LAST_DAY, Municipality
from tests.unit.demo.planted import MONDAY, call, day, message, task
from tests.unit.demo.test_tracks import with_rows

FIRST = ASKED_ON.date()
LAST = FIRST + timedelta(weeks=WEEKS)
TAKEN = assumptions(Municipality(1, 300), FIRST, LAST, 130)


def test_the_planner_takes_the_behaviours_shares_for_granted() -> None:
    assert LAST < LAST_DAY
    assert TAKEN.elusive == behaviour.ELUSIVE
    assert TAKEN.of_call(1) == TAKEN.of_call(3)
    assert TAKEN.of_call(1)[CallResult.REACHED] == behaviour.CALLS[CallResult.REACHED]
    assert sum(TAKEN.of_call(1).values()) == pytest.approx(1 - behaviour.CALLS[CallResult.NO_ANSWER])
    by_sms = 1 - TAKEN.without_phone
    assert TAKEN.answers[MessageKind.FIRST_LETTER] == pytest.approx(0.24 + 0.18 * by_sms)
    assert TAKEN.visit_days == sum(behaviour.VISIT_AFTER_DAYS) / 2


def test_who_will_come_is_who_the_sample_lets_come() -> None:
    """The extracts of the time bring so many; twice as many in the autumn as in the spring."""
    weekly = sum(TAKEN.intake_per_week.values())
    assert 120 < weekly * WEEKS < 150
    assert TAKEN.intake_by_month[11] > 1.5 * TAKEN.intake_by_month[3]
    days = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days)]
    coming = sum(weekly / 7 * TAKEN.intake_by_month[one.month] for one in days)
    assert coming == pytest.approx(weekly * WEEKS)
    assert 0 < TAKEN.ends_per_year < 0.3
    assert 0.2 < TAKEN.without_phone < 0.5


@given(st.floats(1, 1e4), st.floats(0, 0.999))
def test_less_than_a_tenth_apart_always_agrees(number: float, share: float) -> None:
    assert Comparison("calls", number * (1 + share / 10), number).holds
    assert Comparison("calls", number * (1 - share / 10), number).holds


@pytest.mark.parametrize(
    ("forecast", "there", "holds"), [(560, 500, False), (549, 500, True), (65, 50, False), (64, 50, True)]
)
def test_small_numbers_may_be_two_deviations_apart(forecast: float, there: float, holds: bool) -> None:
    one = Comparison("home_visits", forecast, there)
    assert one.holds is holds
    assert len(list(apart([one]))) == (not holds)


def test_what_is_not_judged_is_shown() -> None:
    found = [Comparison("sms", 1000, 1), Comparison("calls", 10, 10)]
    assert "sms" not in COMPARED
    assert list(apart(found)) == []
    lines = list(as_text(found))
    assert len(lines) == 3
    assert "not judged" in lines[1]


def test_without_an_answer_of_the_planner_nothing_agrees() -> None:
    assert list(apart([])) == ["the planner was not asked"]


def test_what_was_done_in_the_time_is_counted() -> None:
    rows = with_rows(
        tasks=[
            *(call(1, -2, -1), call(2, 0, 1), call(3, 8, 9), task(4), task(5, TaskKind.MAPPING, 1, 2)),
            task(6, TaskKind.HOME_VISIT, 1, 2, result="called_off"),
            task(7, TaskKind.HOME_VISIT, 1, 2, result="nobody_home"),
        ],
        messages=[
            message(1, at=1),
            message(2, at=1, channel="sms"),
            message(3, "term_letter", at=1, wave_id=message(3).message_id),
            message(4, at=8),
        ],
    )
    week = (MONDAY, day(7))
    assert [done(rows, measure, *week) for measure in ("calls", "mappings", "letters", "sms")] == [1, 1, 1, 1]
    assert done(rows, "home_visits", *week) == 1
    assert date(2025, 10, 13) == FIRST
