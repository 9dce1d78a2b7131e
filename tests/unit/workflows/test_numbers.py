"""Wrong numbers, no numbers, and numbers that come in (docs/outreach.md, 'Calls')."""

from typing import Any
from uuid import uuid4

import pytest

from contracts.messages import MessageKind
from contracts.outreach_workflow import Telephone
from contracts.reasons import Step, WatchReason
from contracts.tasks import (
    CallOutcome,
    CallResult,
    FindContactDetailsOutcome,
    TaskKind,
)
from tests.unit.workflows.simulation import Simulation, youth_at
from tests.workflows.samples import REGISTERED, policy, start

NO_ANSWER = CallOutcome(result=CallResult.NO_ANSWER)
FOUND = FindContactDetailsOutcome(result="found")
NOT_FOUND = FindContactDetailsOutcome(result="not_found")


def telephone(youth: Simulation, *, has_phone: bool) -> None:
    youth.hears(Telephone(event_id=uuid4(), episode_id=youth.state.episode_id, has_phone=has_phone))


def kinds(youth: Simulation) -> list[TaskKind]:
    return [task.kind for task in youth.state.tasks]


def without_phone(step: Step = Step.CALLING, **changes: Any) -> Simulation:
    """Return a youth of whom the register has no number, when nobody answered the first letter."""
    youth = Simulation(start(**changes), REGISTERED)
    telephone(youth, has_phone=False)
    youth.never_answers_until(step)
    return youth


def test_a_wrong_number_leads_to_looking_for_another_and_the_attempts_made_still_count() -> None:
    youth = youth_at(Step.CALLING)
    youth.completes(NO_ANSWER)
    youth.completes(CallOutcome(result=CallResult.WRONG_NUMBER))
    assert (kinds(youth), youth.state.step) == ([TaskKind.FIND_CONTACT_DETAILS], Step.CALLING)
    youth.completes(FOUND)
    assert [(task.kind, task.attempt) for task in youth.state.tasks] == [(TaskKind.CALL, 2)]


def test_a_number_is_looked_for_as_often_as_the_policy_says() -> None:
    youth = youth_at(Step.CALLING, policy=policy(contact_searches=2))
    for _ in range(2):
        youth.completes(CallOutcome(result=CallResult.WRONG_NUMBER))
        youth.completes(FOUND)
    youth.completes(CallOutcome(result=CallResult.WRONG_NUMBER))
    assert youth.state.step is Step.TRIED_TO_REACH
    assert youth.was_sent(MessageKind.TRIED_LETTER) == 1


def test_who_has_no_telephone_is_not_called_before_a_number_is_found() -> None:
    youth = without_phone()
    assert kinds(youth) == [TaskKind.FIND_CONTACT_DETAILS]
    youth.completes(FOUND)
    assert kinds(youth) == [TaskKind.CALL]


def test_when_no_number_is_found_the_letter_and_the_door_are_left() -> None:
    youth = without_phone()
    youth.completes(NOT_FOUND)
    assert youth.state.step is Step.TRIED_TO_REACH
    assert all(task.kind is not TaskKind.CALL for progress in youth.progress for task in progress.opened)
    youth.never_answers_until(Step.HOME_VISIT)
    assert youth.was_sent(MessageKind.DOOR_CARD) == 1


def test_a_number_that_comes_in_while_it_is_looked_for_is_called() -> None:
    youth = without_phone()
    telephone(youth, has_phone=True)
    assert kinds(youth) == [TaskKind.CALL]
    telephone(youth, has_phone=True)  # another event of the same: nothing more
    assert youth.steps[-2:] == [Step.CALLING, Step.CALLING]


@pytest.mark.parametrize("planning", [False, True])
def test_a_number_that_comes_in_before_a_visit_is_booked_is_called_first(planning: bool) -> None:
    youth = without_phone()
    youth.completes(NOT_FOUND)
    if planning:
        youth.time_is_up()
        assert kinds(youth) == [TaskKind.PLAN_HOME_VISIT]
    telephone(youth, has_phone=True)
    assert (youth.state.step, kinds(youth)) == (Step.CALLING, [TaskKind.CALL])
    for _ in range(3):
        youth.time_is_up()
        youth.completes(NO_ANSWER)
    assert youth.state.step is Step.TRIED_TO_REACH


def test_a_visit_that_is_booked_is_made_though_a_number_comes_in() -> None:
    youth = without_phone()
    youth.completes(NOT_FOUND)
    youth.never_answers_until(Step.DOOR_CARD)
    telephone(youth, has_phone=True)
    assert kinds(youth) == [TaskKind.HOME_VISIT]


def test_a_number_that_is_lost_stops_a_call_whose_time_has_not_come() -> None:
    youth = youth_at(Step.CALLING)
    telephone(youth, has_phone=False)
    assert kinds(youth) == [TaskKind.CALL]  # somebody may be on the phone
    youth.completes(NO_ANSWER)
    assert kinds(youth) == [TaskKind.FIND_CONTACT_DETAILS]
    youth.completes(FOUND)
    telephone(youth, has_phone=False)
    assert kinds(youth) == [TaskKind.FIND_CONTACT_DETAILS]


def test_all_attempts_made_no_number_begins_them_again() -> None:
    youth = youth_at(Step.TRIED_TO_REACH)
    telephone(youth, has_phone=False)
    telephone(youth, has_phone=True)
    assert youth.state.step is Step.TRIED_TO_REACH


def test_by_a_policy_that_looks_for_no_numbers_the_calls_are_made_as_before() -> None:
    youth = without_phone(policy=policy(contact_searches=0, wrong_numbers=3))
    assert kinds(youth) == [TaskKind.CALL]
    recorded = len(youth.progress)
    telephone(youth, has_phone=True)
    assert len(youth.progress) == recorded


def test_a_lighter_round_without_a_number_ends_in_the_watch() -> None:
    youth = youth_at(Step.WATCH)
    telephone(youth, has_phone=False)
    youth.time_is_up()
    youth.time_is_up()
    assert kinds(youth) == [TaskKind.FIND_CONTACT_DETAILS]
    youth.completes(NOT_FOUND)
    watch = youth.progress[-1].watch
    assert watch is not None
    assert watch.reason is WatchReason.NOT_REACHED
