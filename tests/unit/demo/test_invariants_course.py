"""The rules of where youths stand find what is planted, and nothing else."""

from uuid import UUID

import pytest

from contracts.reasons import Step
from deploy.demo.invariants import course
from deploy.demo.invariants.rows import Episode, Journey, Message
from tests.unit.demo.planted import EPISODE, MONDAY, YOUTH, day, journey, message, move, task

ENDED = journey(step=Step.ENDED, due=None, ended_at=day(-1))


def test_who_has_a_date_a_task_or_the_end_has_a_next_step() -> None:
    assert list(course.without_next_step([journey(), ENDED], [], MONDAY)) == []
    assert list(course.without_next_step([journey(due=None)], [task(1)], MONDAY)) == []


@pytest.mark.parametrize("lost", [journey(due=None), journey(due=day(-30))])
def test_a_youth_who_was_forgotten_is_found(lost: Journey) -> None:
    closed = task(1, closed=1)
    assert len(list(course.without_next_step([lost], [closed], MONDAY))) == 1
    assert list(course.without_next_step([lost], [closed], MONDAY, {EPISODE})) == []  # just told of


def test_an_end_without_its_time_is_found() -> None:
    assert list(course.ended_without_end([journey(), ENDED])) == []
    assert len(list(course.ended_without_end([journey(step=Step.ENDED), journey(ended_at=day(1))]))) == 2


def test_two_searches_for_one_youth_are_found() -> None:
    again = journey(episode_id=UUID(int=3))
    assert list(course.two_searches([ENDED, again])) == []
    assert len(list(course.two_searches([journey(), again]))) == 1


def test_who_is_covered_and_not_sought_is_found() -> None:
    covered = [Episode(youth_id=YOUTH, episode_id=EPISODE)]
    assert list(course.not_sought([journey()], covered)) == []
    assert len(list(course.not_sought([], covered))) == 1
    assert list(course.not_sought([], covered, {EPISODE})) == []


@pytest.mark.parametrize("late", [journey(started_at=None), journey(started_at=day(25))])
def test_a_month_that_was_missed_without_a_word_is_found(late: Journey) -> None:
    today = day(30).date()
    assert len(list(course.month_missed([late], today))) == 1
    assert list(course.month_missed([late], today, frozenset({EPISODE}))) == []


@pytest.mark.parametrize(
    "fine",
    [journey(), journey(started_at=None, start_breached_at=day(21)), journey(started_at=None, ended_at=day(2))],
)
def test_in_time_noted_or_ended_before_is_fine(fine: Journey) -> None:
    assert list(course.month_missed([fine], day(30).date())) == []


def test_breaches_that_are_noted_say_that_the_machine_is_slow() -> None:
    assert list(course.breaches([journey()])) == []
    by_hours = journey(started_late=True, started_at=day(20.5), start_breached_at=day(20.4))
    assert list(course.breaches([by_hours])) == []  # less than a real second
    by_days = journey(started_late=True, started_at=day(25))
    never = journey(started_at=None, start_breached_at=day(21))
    assert [problem[0] for problem in course.breaches([by_hours, by_days, never])] == ["2"]


def test_one_first_letter_an_episode_is_right() -> None:
    recalled = message(1, state="skipped", sent_at=None)
    begun = [move(Step.FIRST_CONTACT, -10), move(Step.FIRST_CONTACT, -5)]
    assert list(course.first_letters([recalled, message(2), message(3, "tried_letter")], begun, MONDAY)) == []


@pytest.mark.parametrize("found", [[], [message(1), message(2)]])
def test_no_first_letter_and_two_of_them_are_found(found: list[Message]) -> None:
    assert len(list(course.first_letters(found, [move(Step.FIRST_CONTACT, -10)], MONDAY))) == 1


def test_a_letter_that_is_just_being_asked_for_is_not_missed() -> None:
    assert list(course.first_letters([], [move(Step.FIRST_CONTACT, 0.1)], MONDAY)) == []
