"""The rules of the staff's work find what is planted, and nothing else."""

from datetime import timedelta

import pytest

from contracts.reasons import Step
from contracts.tasks import CallResult, TaskKind
from deploy.demo.invariants.rows import Task
from deploy.demo.invariants.work import at_two_visits, attempts, door_card_too_soon, not_by_two, two_open_calls
from tests.unit.demo.planted import call, move, task, visit

DOOR_CARD = [move(Step.FIRST_CONTACT, -1), move(Step.CALLING, 0), move(Step.DOOR_CARD, 9)]
THREE = [call(1, 0, 1), call(2, 1, 2, CallResult.VOICEMAIL), call(3, 2, 3, CallResult.THIRD_PARTY)]


def test_calls_that_follow_each_other_are_in_order() -> None:
    assert list(two_open_calls([call(1, 0, 1), call(2, 1, 2), task(3, opened=2)])) == []
    assert list(two_open_calls([call(1, 0, 1), call(2, 1, 1), call(3, 1, 2)])) == []  # closed as it was opened


@pytest.mark.parametrize("found", [[call(1, 0, 2), call(2, 1, 3)], [task(1, opened=0), task(2, opened=1)]])
def test_two_calls_that_were_open_at_once_are_found(found: list[Task]) -> None:
    assert len(list(two_open_calls(found))) == 1


def test_a_visit_by_one_is_found_on_the_task_and_in_the_calendar() -> None:
    assert list(not_by_two([task(1, TaskKind.HOME_VISIT)], [visit(1, 0)])) == []
    assert len(list(not_by_two([task(1, TaskKind.HOME_VISIT, staff=("anna",))], []))) == 1
    assert len(list(not_by_two([task(1, TaskKind.HOME_VISIT, staff=("anna", "anna"))], []))) == 1
    assert len(list(not_by_two([], [visit(1, 0, ("anna", "anna"))]))) == 1


def test_who_is_at_two_visits_at_once_is_found() -> None:
    half_an_hour = timedelta(minutes=30) / timedelta(days=1)
    first, second = visit(1, 0, ("anna", "bo")), visit(2, half_an_hour, ("bo", "cia"))
    assert len(list(at_two_visits([first, second]))) == 1
    assert list(at_two_visits([first, visit(2, half_an_hour, ("cia", "dan"))])) == []
    assert list(at_two_visits([first, visit(2, 2 * half_an_hour, ("bo", "cia"))])) == []
    assert list(at_two_visits([first, visit(2, half_an_hour, ("bo", "cia"), state="called_off")])) == []


def test_three_attempts_allow_a_door_card() -> None:
    assert list(door_card_too_soon(THREE, DOOR_CARD, free_call_backs=3)) == []


@pytest.mark.parametrize(
    "calls",
    [
        THREE[:2],
        [*THREE[:2], call(3, 2, 3, CallResult.WRONG_NUMBER)],
        [*THREE[:2], call(3, 2, 3, CallResult.CALL_BACK)],
        [*THREE[:2], call(3, 2, 3, CallResult.LANGUAGE_NEEDED)],
        [*THREE[:2], call(3, -3, -2)],  # of the round before
        [*THREE[:2], call(3, 9, 10)],  # made after it
    ],
)
def test_a_door_card_after_two_attempts_is_found(calls: list[Task]) -> None:
    assert len(list(door_card_too_soon(calls, DOOR_CARD, free_call_backs=3))) == 1


def test_attempts_on_the_same_day_are_found() -> None:
    same_day = [call(1, 0, 1), call(2, 1, 1.1), call(3, 1.1, 2)]
    assert len(list(door_card_too_soon(same_day, DOOR_CARD, free_call_backs=3))) == 1


def test_without_a_number_the_door_is_what_is_left() -> None:
    searched = [task(1, TaskKind.FIND_CONTACT_DETAILS, 0, 1, result="not_found")]
    assert list(door_card_too_soon(searched, DOOR_CARD, free_call_backs=3)) == []


def test_what_counts_as_an_attempt() -> None:
    put_off = [call(number, number, number + 1, CallResult.CALL_BACK) for number in range(3)]
    assert len(attempts(put_off, free_call_backs=2)) == 1
    foreign = [call(number, number, number + 1, CallResult.LANGUAGE_NEEDED) for number in range(3)]
    assert len(attempts(foreign, free_call_backs=0)) == 2
    assert attempts([call(1, 0, 1, CallResult.REACHED)], free_call_backs=0) == []
