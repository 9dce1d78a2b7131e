"""A district on hold by operations: the search stands still, and no deadline of the law moves with it."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from contracts.messages import AnswerChannel
from contracts.outreach_facts import HoldCause, HoldLifted, HoldSet
from contracts.outreach_workflow import Answered
from contracts.reasons import ReachedBy, Step
from contracts.tasks import MappingOutcome, MappingResult, TaskKind
from tests.unit.workflows.simulation import Simulation, youth_at
from tests.unit.workflows.test_facts import change
from tests.workflows.samples import REGISTERED, start
from workflows.youth_outreach import summary

OPERATORS, SOCIAL_SERVICES = UUID(int=1), UUID(int=2)
SEARCHED = (Step.AWAITING_START, Step.FIRST_CONTACT, Step.CALLING, Step.TRIED_TO_REACH, Step.WATCH)


def held(youth: Simulation, days: int = 10, by: HoldCause = HoldCause.OPERATIONS) -> date:
    until = youth.now.date() + timedelta(days=days)
    hold_id = OPERATORS if by is HoldCause.OPERATIONS else SOCIAL_SERVICES
    youth.hears(
        HoldSet(event_id=uuid4(), episode_id=youth.state.episode_id, hold_id=hold_id, until=until, cause=by)
    )
    return until


def step_of(youth: Simulation) -> Step:
    return youth.state.step


def released(youth: Simulation) -> None:
    youth.hears(HoldLifted(event_id=uuid4(), episode_id=youth.state.episode_id, hold_id=OPERATORS))


def answered(youth: Simulation) -> None:
    youth.hears(
        Answered(
            event_id=uuid4(),
            episode_id=youth.state.episode_id,
            channel=AnswerChannel.SMS,
            answered_at=youth.now,
        )
    )


@pytest.mark.parametrize("step", SEARCHED)
def test_it_waits_and_goes_on_where_it_was(step: Step) -> None:
    youth = youth_at(step)
    sent, kinds = len(youth.sent), [task.kind for task in youth.state.tasks]
    held(youth)
    assert youth.state.step is Step.ON_HOLD
    assert not youth.state.tasks
    assert summary.details(youth.state).startswith("**The district is on hold by operations")
    youth.passes(timedelta(days=3))
    assert len(youth.sent) == sent
    released(youth)
    assert youth.state.step is step
    assert [task.kind for task in youth.state.tasks] == kinds


def test_held_twice_is_held_once_and_longer_when_asked() -> None:
    youth = youth_at(Step.CALLING)
    held(youth)
    moves = len(youth.progress)
    held(youth)
    assert len(youth.progress) == moves
    until = held(youth, days=14)
    assert youth.state.hold is not None
    assert youth.state.hold.until == until


def test_who_is_in_touch_with_staff_is_not_held() -> None:
    youth = youth_at(Step.CALLING)
    answered(youth)
    held(youth)
    assert step_of(youth) is Step.MAPPING
    youth.completes(MappingOutcome(result=MappingResult.WANTS_SUPPORT))
    held(youth)
    assert step_of(youth) is Step.SUPPORT
    protected = Simulation(start(protected=True, district=None), REGISTERED)
    held(protected)
    assert protected.state.step is Step.MANUAL


def test_what_social_services_asked_for_goes_first_in_either_order() -> None:
    youth = youth_at(Step.CALLING)
    held(youth, 30, HoldCause.SOCIAL_SERVICES)
    held(youth, 5)
    released(youth)
    assert youth.state.hold is not None
    assert (youth.state.hold.cause, youth.state.hold.hold_id) == (HoldCause.SOCIAL_SERVICES, SOCIAL_SERVICES)

    youth = youth_at(Step.CALLING)
    held(youth, 5)
    until = held(youth, 30, HoldCause.SOCIAL_SERVICES)
    released(youth)
    assert youth.state.hold is not None
    assert (youth.state.hold.cause, youth.state.hold.until) == (HoldCause.SOCIAL_SERVICES, until)


def test_the_month_of_the_start_does_not_wait() -> None:
    """An outage of ours moves no deadline: the search starts on its day, or at once when that has passed."""
    youth = youth_at(Step.AWAITING_START)
    due = youth.state.due
    assert due is not None
    held(youth, days=3)
    released(youth)
    assert youth.state.due == due

    until = held(youth, days=(due.date() - youth.now.date()).days + 5)
    youth.passes_until(due + timedelta(days=1))
    assert youth.state.step is Step.ON_HOLD
    youth.passes(timedelta(days=6))
    assert youth.now.date() > until
    started = next(progress for progress in youth.progress if progress.started)
    assert started.start_late
    assert started.at.date() == until + timedelta(days=1)
    assert youth.state.held_for == timedelta(0)


def test_an_answer_ends_the_search_and_with_it_the_hold() -> None:
    youth = youth_at(Step.CALLING)
    held(youth)
    answered(youth)
    assert youth.state.step is Step.MAPPING
    assert [task.kind for task in youth.state.tasks] == [TaskKind.MAPPING]
    reached = youth.progress[-1].reached
    assert reached is not None
    assert reached.by is ReachedBy.SMS_ANSWER
    assert youth.state.hold is None


def test_who_moves_to_another_district_goes_on_and_who_becomes_protected_is_handed_over_at_once() -> None:
    youth = youth_at(Step.CALLING)
    held(youth)
    youth.hears(change(youth, district="bromma"))
    assert step_of(youth) is Step.CALLING

    held(youth)
    youth.hears(change(youth, protected=True, district=None))
    assert step_of(youth) is Step.MANUAL
    assert [task.kind for task in youth.state.tasks] == [TaskKind.PROTECTED]
