"""Call outcomes, and the letters after the calls (plan 4.2.2; docs/outreach.md, 'Calls')."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from pydantic import ValidationError

from contracts.messages import MessageKind
from contracts.outreach_workflow import REFUSED_BY_POLICY, Decided
from contracts.reasons import Step
from contracts.tasks import (
    CallOutcome,
    CallResult,
    FindContactDetailsOutcome,
    MappingOutcome,
    MappingResult,
    TaskKind,
    TaskMark,
)
from contracts.workdays import at_time
from tests.unit.workflows.simulation import Simulation, youth_at
from tests.workflows.samples import LAST_COVERED_DAY, REGISTERED, policy
from workflows.youth_outreach.marks import turns_18_on
from workflows.youth_outreach.outcomes import Refusal

NO_ANSWER = CallOutcome(result=CallResult.NO_ANSWER)
FOUND = FindContactDetailsOutcome(result="found")
NOT_FOUND = FindContactDetailsOutcome(result="not_found")


def called_back(at: datetime) -> CallOutcome:
    return CallOutcome(result=CallResult.CALL_BACK, call_back_at=at)


def in_working_days(youth: Simulation, days: int) -> datetime:
    """Return half past four on the first working day that is at least so many days ahead."""
    day = youth.now.date() + timedelta(days=days)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return at_time(day, time(16, 30))


def kinds(youth: Simulation) -> list[TaskKind]:
    return [task.kind for task in youth.state.tasks]


# --- call back ---


def test_a_time_to_call_back_is_honoured_and_is_neither_an_attempt_nor_reached() -> None:
    youth = youth_at(Step.CALLING)
    at = in_working_days(youth, 3)  # between the parts of the day
    decided = youth.completes(called_back(at))
    assert isinstance(decided, Decided)
    (call,) = youth.state.tasks
    assert (call.kind, call.not_before, call.due_on, call.attempt) == (TaskKind.CALL, at, at.date(), 1)
    assert call.marks == (TaskMark.AGREED_TIME,)
    assert (youth.state.attempts, youth.state.reached) == ((), False)
    youth.time_is_up()
    youth.completes(NO_ANSWER)
    assert youth.state.tasks[0].attempt == 2
    assert youth.state.tasks[0].marks == ()


def test_calling_back_again_and_again_counts_as_attempts_past_the_policys_number() -> None:
    youth = youth_at(Step.CALLING, policy=policy(call_backs=2))
    for _ in range(2):
        youth.completes(called_back(in_working_days(youth, 1)))
        youth.time_is_up()
    assert not youth.state.attempts
    for attempts in (1, 2):
        at = in_working_days(youth, 1)
        youth.completes(called_back(at))
        assert len(youth.state.attempts) == attempts
        assert youth.state.tasks[0].not_before == at  # honoured all the same
        youth.time_is_up()
    youth.completes(called_back(in_working_days(youth, 1)))
    assert youth.state.step is Step.TRIED_TO_REACH


@pytest.mark.parametrize(
    ("at", "why"),
    [
        (REGISTERED, "lies ahead"),
        (REGISTERED + timedelta(days=90), "no later than"),
        (datetime.combine(date(2026, 10, 17), time(10), REGISTERED.tzinfo), "working days"),
        (datetime.combine(date(2026, 10, 16), time(21), REGISTERED.tzinfo), "from 09:00 to 20:00"),
        (datetime.combine(date(2026, 10, 16), time(8, 59), REGISTERED.tzinfo), "from 09:00 to 20:00"),
    ],
)
def test_a_time_at_which_nobody_could_call_back_is_refused(at: datetime, why: str) -> None:
    youth = youth_at(Step.CALLING)
    youth.passes_until(datetime(2026, 10, 12, 10, tzinfo=REGISTERED.tzinfo))
    answer = youth.completes(called_back(at))
    assert isinstance(answer, Refusal)
    assert answer.type == REFUSED_BY_POLICY
    assert why in answer.message
    assert kinds(youth) == [TaskKind.CALL]


def test_nobody_is_called_back_after_the_duty() -> None:
    youth = youth_at(Step.CALLING)
    youth.state = replace(youth.state, last_covered_day=youth.now.date())
    assert isinstance(youth.completes(called_back(in_working_days(youth, 1))), Refusal)


@pytest.mark.parametrize("fields", [{"result": "call_back"}, {"result": "reached", "call_back_at": REGISTERED}])
def test_a_time_is_given_with_call_back_and_only_then(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        CallOutcome.model_validate(fields)


# --- third party, language ---


def test_a_third_party_who_answers_is_an_attempt_and_nobody_is_reached() -> None:
    youth = youth_at(Step.CALLING)
    youth.completes(CallOutcome(result=CallResult.THIRD_PARTY))
    assert len(youth.state.attempts) == 1
    assert not youth.state.reached
    early = youth.completes(CallOutcome(result=CallResult.THIRD_PARTY))  # the next one is tomorrow
    assert isinstance(early, Refusal)


def test_when_a_language_is_needed_an_interpreter_is_there_at_the_next_call() -> None:
    youth = youth_at(Step.CALLING)
    youth.completes(CallOutcome(result=CallResult.LANGUAGE_NEEDED))
    (call,) = youth.state.tasks
    assert (call.attempt, call.marks) == (1, (TaskMark.LANGUAGE_NEEDED,))
    assert call.not_before is not None
    assert call.not_before.date() >= youth.now.date() + timedelta(days=2)
    youth.time_is_up()
    youth.completes(CallOutcome(result=CallResult.LANGUAGE_NEEDED))
    assert youth.state.tasks[0].attempt == 2  # the second time it is an attempt
    youth.completes(CallOutcome(result=CallResult.REACHED))
    assert [(task.kind, task.marks) for task in youth.state.tasks] == [
        (TaskKind.MAPPING, (TaskMark.LANGUAGE_NEEDED,))
    ]


# --- guardians ---


def test_guardians_are_called_too_until_the_youth_is_18() -> None:
    """The call of the day before the birthday carries the mark, the call of the birthday does not."""
    minor = youth_at(Step.CALLING, last_covered_day=date(2028, 12, 1))
    assert minor.state.tasks[0].marks == (TaskMark.CALL_GUARDIANS,)
    minor.completes(CallOutcome(result=CallResult.WRONG_NUMBER))
    assert minor.state.tasks[0].marks == (TaskMark.CALL_GUARDIANS,)
    called_on = minor.now.date()
    for days, marks in ((1, (TaskMark.CALL_GUARDIANS,)), (0, ())):
        eighteen = called_on + timedelta(days=days)
        last = eighteen.replace(year=eighteen.year + 2) - timedelta(days=1)
        youth = youth_at(Step.CALLING, last_covered_day=last, youth_id=minor.state.youth_id)
        assert youth.state.tasks[0].not_before is not None
        assert youth.state.tasks[0].not_before.date() == called_on
        assert youth.state.tasks[0].marks == marks


def test_guardians_are_not_called_unless_the_policy_says_so() -> None:
    youth = youth_at(
        Step.CALLING, last_covered_day=date(2028, 12, 1), policy=policy(call_guardians_under_18=False)
    )
    assert youth.state.tasks[0].marks == ()


@pytest.mark.parametrize(
    ("last_covered_day", "eighteen"),
    [
        (LAST_COVERED_DAY, date(2026, 3, 15)),
        (date(2028, 2, 28), date(2026, 2, 28)),  # born on 29 February 2008
        (date(2028, 2, 29), date(2026, 3, 1)),
    ],
)
def test_the_18th_birthday_follows_from_the_last_covered_day(last_covered_day: date, eighteen: date) -> None:
    assert turns_18_on(last_covered_day) == eighteen


# --- letters ---


def test_further_letters_are_sent_before_a_visit_is_planned() -> None:
    youth = youth_at(Step.TRIED_TO_REACH, policy=policy(further_letters=(timedelta(days=7), timedelta(days=5))))
    sent_at = []
    for _ in range(3):
        sent_at.append(youth.sent[-1][0].date())
        youth.time_is_up()
    assert [message.kind for _, message in youth.sent[2:]] == [
        MessageKind.TRIED_LETTER, MessageKind.TRIED_SMS, MessageKind.TRIED_LETTER, MessageKind.TRIED_LETTER,
    ]  # fmt: skip
    assert [later - earlier for earlier, later in pairwise(sent_at)] == [
        timedelta(days=7), timedelta(days=5),
    ]  # fmt: skip
    assert (youth.state.step, kinds(youth)) == (Step.TRIED_TO_REACH, [TaskKind.PLAN_HOME_VISIT])


def test_without_further_letters_in_the_policy_the_visit_is_planned_after_the_window() -> None:
    youth = youth_at(Step.TRIED_TO_REACH)
    youth.time_is_up()
    assert kinds(youth) == [TaskKind.PLAN_HOME_VISIT]
    assert youth.was_sent(MessageKind.TRIED_LETTER) == 1


def test_a_new_series_of_calls_counts_everything_anew() -> None:
    youth = youth_at(Step.CALLING)
    youth.completes(called_back(in_working_days(youth, 1)))
    youth.completes(CallOutcome(result=CallResult.WRONG_NUMBER))
    youth.completes(FOUND)
    youth.completes(CallOutcome(result=CallResult.REACHED))
    youth.completes(MappingOutcome(result=MappingResult.NO_CONVERSATION))
    state = youth.state
    assert (state.attempts, state.wrong_numbers, state.searches, state.call_backs, state.letters) == (
        (),
        0,
        0,
        0,
        0,
    )
