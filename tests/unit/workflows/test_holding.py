"""Holds (avvakta): timers stand still, nothing is sent, and outreach goes on where it was."""

from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from contracts.messages import MessageKind, MessageSpec
from contracts.outreach_activities import TaskClosure
from contracts.outreach_facts import HoldLifted, HoldSet, MessageRecalled
from contracts.outreach_workflow import REFUSED_NOT_CURRENT, CompleteTask, Decided
from contracts.reasons import EndReason, ReachedBy, Step, WatchReason
from contracts.tasks import (
    CallOutcome,
    CallResult,
    HomeVisitOutcome,
    HomeVisitResult,
    MappingOutcome,
    MappingResult,
    ProtectedOutcome,
    ReportAddressOutcome,
    TaskKind,
    TaskState,
)
from contracts.workdays import at_time
from tests.unit.workflows.simulation import Simulation, youth_at
from tests.unit.workflows.test_facts import SOUGHT, answer, change
from tests.workflows.samples import REGISTERED, start
from workflows.youth_outreach.holding import not_handed_over
from workflows.youth_outreach.outcomes import Refusal

A_MONTH = timedelta(days=30)
HOLD = UUID(int=1)


def held(youth: Simulation, days: int = 30, hold_id: UUID = HOLD) -> date:
    """Social services ask that outreach waits; returns the last day of the hold."""
    until = youth.now.date() + timedelta(days=days)
    youth.hears(HoldSet(event_id=uuid4(), episode_id=youth.state.episode_id, hold_id=hold_id, until=until))
    return until


def lifted(youth: Simulation, hold_id: UUID = HOLD) -> None:
    youth.hears(HoldLifted(event_id=uuid4(), episode_id=youth.state.episode_id, hold_id=hold_id))


def morning_after(day: date) -> datetime:
    return at_time(day + timedelta(days=1), REGISTERED.replace(hour=8, minute=0).time())


@pytest.mark.parametrize("step", SOUGHT)
def test_a_hold_cancels_what_is_open_and_nothing_is_sent_until_it_is_over(step: Step) -> None:
    youth = youth_at(step)
    open_before, sent = [task.task_id for task in youth.state.tasks], len(youth.sent)
    until = held(youth)
    progress = youth.progress[-1]
    assert progress.step is Step.ON_HOLD
    assert [(closed.task_id, closed.state) for closed in progress.closed] == [
        (task_id, TaskState.CANCELLED) for task_id in open_before
    ]
    assert progress.due is not None
    assert morning_after(until) <= progress.due < morning_after(until) + timedelta(hours=1)
    youth.passes(morning_after(until) - youth.now - timedelta(minutes=1))
    assert (youth.state.step, len(youth.sent)) == (Step.ON_HOLD, sent)
    youth.passes(timedelta(hours=1))
    assert youth.state.step is not Step.ON_HOLD


@pytest.mark.parametrize("step", [Step.AWAITING_START, Step.FIRST_CONTACT, Step.WATCH])
def test_a_timer_goes_on_with_what_was_left_of_it(step: Step) -> None:
    youth = youth_at(step)
    youth.passes(timedelta(days=2))
    assert youth.state.due is not None
    left = youth.state.due - youth.now
    held(youth)
    youth.time_is_up()
    assert youth.state.step is step
    assert youth.state.due == youth.progress[-1].at + left


def test_the_call_comes_back_with_a_new_last_day_and_the_attempts_made_count() -> None:
    youth = youth_at(Step.CALLING)
    youth.completes(CallOutcome(result=CallResult.NO_ANSWER))
    (before,) = youth.state.tasks
    held(youth)
    youth.time_is_up()
    (after,) = youth.state.tasks
    assert (after.kind, after.attempt) == (TaskKind.CALL, 2)
    assert after.task_id != before.task_id
    assert after.due_on > before.due_on


@pytest.mark.parametrize("step", [Step.DOOR_CARD, Step.HOME_VISIT])
def test_a_booked_visit_is_booked_anew(step: Step) -> None:
    youth = youth_at(step)
    held(youth, days=1)
    lifted(youth)
    assert youth.state.step is Step.TRIED_TO_REACH
    assert [task.kind for task in youth.state.tasks] == [TaskKind.PLAN_HOME_VISIT]


def test_the_follow_up_of_support_comes_as_much_later() -> None:
    youth = youth_at(Step.FIRST_CONTACT)
    youth.hears(answer(youth))
    youth.completes(MappingOutcome(result=MappingResult.WANTS_SUPPORT))
    (before,) = youth.state.tasks
    held(youth, days=9)
    youth.time_is_up()
    (after,) = youth.state.tasks
    assert (youth.state.step, after.kind) == (Step.SUPPORT, TaskKind.FOLLOW_UP)
    assert before.not_before is not None
    assert after.not_before is not None
    assert timedelta(days=9) <= after.not_before - before.not_before <= timedelta(days=11)


def test_a_lifted_hold_ends_at_once_and_another_one_s_end_changes_nothing() -> None:
    youth = youth_at(Step.CALLING)
    held(youth)
    lifted(youth, hold_id=uuid4())
    lifted(youth)
    assert youth.steps[-2:] == [Step.ON_HOLD, Step.CALLING]


def test_a_hold_gets_longer_and_never_shorter() -> None:
    youth = youth_at(Step.CALLING)
    held(youth)
    held(youth, days=60)
    until = youth.state.due
    held(youth, days=40)
    assert youth.state.due == until
    youth.passes(timedelta(days=59))
    assert youth.state.step is Step.ON_HOLD


def test_a_hold_that_is_over_when_it_is_heard_of_changes_nothing() -> None:
    youth = youth_at(Step.CALLING)
    recorded = len(youth.progress)
    held(youth, days=-1)
    assert len(youth.progress) == recorded


@pytest.mark.parametrize("reason", [EndReason.STARTED_SCHOOL, EndReason.MOVED_OUT, EndReason.DEAD])
def test_the_duty_ends_at_once_during_a_hold(reason: EndReason) -> None:
    youth = youth_at(Step.CALLING)
    held(youth)
    youth.ends(reason)
    assert youth.progress[-1].ended is reason
    lifted(youth)
    assert youth.state.step is Step.ENDED


def test_twenty_comes_during_a_hold_without_a_letter() -> None:
    youth = youth_at(Step.WATCH, last_covered_day=REGISTERED.date() + timedelta(days=140))
    held(youth, days=(youth.state.last_covered_day - youth.now.date()).days)
    sent = len(youth.sent)
    youth.passes(timedelta(days=140))
    assert youth.progress[-1].ended is EndReason.TURNED_20
    assert len(youth.sent) == sent


def test_an_answer_during_a_hold_is_kept_for_its_end() -> None:
    youth = youth_at(Step.TRIED_TO_REACH)
    held(youth)
    youth.hears(answer(youth))
    progress = youth.progress[-1]
    assert (progress.step, progress.opened) == (Step.ON_HOLD, ())
    assert progress.reached is not None
    assert progress.reached.by is ReachedBy.SMS_ANSWER
    youth.hears(answer(youth))
    assert youth.progress[-1] is progress, "reached once"
    youth.time_is_up()
    assert youth.state.step is Step.MAPPING
    assert youth.progress[-1].reached is None, "recorded before"


def test_staff_record_a_contact_during_a_hold_and_a_task_of_before_is_refused() -> None:
    youth = youth_at(Step.CALLING)
    (call,) = youth.state.tasks
    held(youth)
    refused = youth.decides(
        CompleteTask(
            decision_key="k", task_id=call.task_id, by="anna", outcome=CallOutcome(result=CallResult.REACHED)
        )
    )
    assert isinstance(refused, Refusal)
    assert refused.type == REFUSED_NOT_CURRENT
    for _ in range(2):
        decided = youth.contacts(ReachedBy.DROP_IN)
        assert isinstance(decided, Decided)
        assert decided.step is Step.ON_HOLD
        assert decided.due == youth.state.due


def test_the_report_of_a_wrong_address_does_not_wait() -> None:
    youth = youth_at(Step.HOME_VISIT)
    youth.completes(HomeVisitOutcome(result=HomeVisitResult.DOES_NOT_LIVE_THERE))
    held(youth)
    assert [task.kind for task in youth.state.tasks] == [TaskKind.REPORT_ADDRESS]
    youth.completes(ReportAddressOutcome(result="reported"))
    assert youth.state.step is Step.ON_HOLD
    youth.time_is_up()
    watch = youth.progress[-1].watch
    assert watch is not None
    assert watch.reason is WatchReason.NOT_REACHED


def test_who_becomes_protected_during_a_hold_goes_to_the_special_handlers_after_it() -> None:
    youth = youth_at(Step.HOME_VISIT)
    youth.completes(HomeVisitOutcome(result=HomeVisitResult.DOES_NOT_LIVE_THERE))
    (report,) = youth.state.tasks
    held(youth)
    youth.hears(change(youth, protected=True, district=None))
    closed = youth.progress[-1].closed
    assert closed == (TaskClosure(task_id=report.task_id, state=TaskState.CANCELLED, at=youth.now),)
    youth.time_is_up()
    assert [task.kind for task in youth.state.tasks] == [TaskKind.PROTECTED]


def test_the_special_handler_s_task_waits_too() -> None:
    youth = Simulation(start(protected=True, district=None), REGISTERED)
    youth.completes(ProtectedOutcome(result="not_reached"))
    held(youth, days=9)
    youth.time_is_up()
    (task,) = youth.state.tasks
    assert (youth.state.step, task.kind) == (Step.MANUAL, TaskKind.PROTECTED)
    assert task.not_before is not None
    held(youth, days=9)
    youth.hears(change(youth, protected=False, district="farsta"))
    youth.time_is_up()
    assert Step.AWAITING_START in youth.steps, "the marking was lifted during the hold"


def test_what_was_recalled_is_sent_when_outreach_goes_on() -> None:
    youth = youth_at(Step.FIRST_CONTACT)
    held(youth)
    for _ in range(2):
        youth.hears(recalled(youth, MessageKind.FIRST_LETTER))
    youth.time_is_up()
    assert youth.was_sent(MessageKind.FIRST_LETTER) == 2
    assert youth.was_sent(MessageKind.FIRST_SMS) == 1


def test_what_is_told_to_be_recalled_after_the_hold_is_sent_at_once() -> None:
    youth = youth_at(Step.FIRST_CONTACT)
    held(youth)
    lifted(youth)
    youth.hears(recalled(youth, MessageKind.FIRST_SMS))
    youth.hears(recalled(youth, MessageKind.DOOR_CARD))
    assert youth.was_sent(MessageKind.FIRST_SMS) == 2
    youth.hears(answer(youth))
    youth.hears(recalled(youth, MessageKind.FIRST_SMS))
    assert youth.was_sent(MessageKind.FIRST_SMS) == 2, "has been reached since"


def test_what_was_not_handed_over_is_the_same_message_after_the_hold() -> None:
    youth = youth_at(Step.FIRST_CONTACT)
    held(youth)
    letter = MessageSpec(message_id=uuid4(), kind=MessageKind.FIRST_LETTER)
    at_twenty = MessageSpec(message_id=uuid4(), kind=MessageKind.TURNS_20_LETTER)
    youth.state = not_handed_over(youth.state, (letter, at_twenty))
    youth.time_is_up()
    assert letter in [message for _, message in youth.sent]
    assert at_twenty not in [message for _, message in youth.sent], "`timing` asks for it when its day comes"


def test_days_on_hold_do_not_make_a_start_late() -> None:
    youth = youth_at(Step.AWAITING_START)
    held(youth, days=60)
    youth.time_is_up()
    youth.time_is_up()
    first = youth.progress[-1]
    assert (first.step, first.started, first.start_late) == (Step.FIRST_CONTACT, True, False)


def recalled(youth: Simulation, kind: MessageKind) -> MessageRecalled:
    return MessageRecalled(event_id=uuid4(), episode_id=youth.state.episode_id, kind=kind)
