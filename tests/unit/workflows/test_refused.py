"""Which decisions are refused, and with which type."""

from datetime import timedelta
from uuid import uuid4

from contracts.outreach_workflow import (
    REFUSED_BY_POLICY,
    REFUSED_ENDED,
    REFUSED_NOT_CURRENT,
    CompleteTask,
    Decided,
)
from contracts.reasons import EndReason, ReachedBy, Step
from contracts.tasks import (
    CallOutcome,
    CallResult,
    HomeVisitOutcome,
    HomeVisitResult,
    MappingOutcome,
    MappingResult,
    Outcome,
    PlanHomeVisitOutcome,
    TaskKind,
)
from tests.unit.workflows.simulation import Simulation, youth_at
from tests.workflows.samples import REGISTERED, start
from workflows.youth_outreach import dates, steps
from workflows.youth_outreach.outcomes import Refusal


def refusal_of(answer: Decided | Refusal) -> str:
    assert isinstance(answer, Refusal)
    return answer.type


def test_an_attempt_cannot_have_been_made_before_its_time() -> None:
    youth = youth_at(Step.CALLING)
    youth.completes(CallOutcome(result=CallResult.NO_ANSWER))  # the next one is tomorrow
    for result in (CallResult.NO_ANSWER, CallResult.VOICEMAIL):
        assert refusal_of(youth.completes(CallOutcome(result=result))) == REFUSED_BY_POLICY
    assert isinstance(youth.completes(CallOutcome(result=CallResult.REACHED)), Decided)


def test_nobody_was_home_before_the_time_on_the_door_card_is_refused() -> None:
    youth = Simulation(start(), REGISTERED)
    youth.never_answers_until(Step.DOOR_CARD)
    early = HomeVisitOutcome(result=HomeVisitResult.NOBODY_HOME)
    assert refusal_of(youth.completes(early)) == REFUSED_BY_POLICY


def test_a_visit_against_the_policy_is_refused_and_the_task_stays() -> None:
    youth = Simulation(start(), REGISTERED)
    youth.never_answers_until(Step.TRIED_TO_REACH)
    youth.time_is_up()
    tomorrow = PlanHomeVisitOutcome(visit_at=youth.now + timedelta(days=1), staff=("anna", "bo"))
    assert refusal_of(youth.completes(tomorrow)) == REFUSED_BY_POLICY
    assert [task.kind for task in youth.state.tasks] == [TaskKind.PLAN_HOME_VISIT]
    at = dates.first_visit_time(youth.state.policy, youth.now, youth.state.last_covered_day)
    assert at is not None
    booked = youth.completes(PlanHomeVisitOutcome(visit_at=at, staff=("anna", "bo")))
    assert isinstance(booked, Decided)
    assert booked.next_task is not None
    assert (booked.next_task.not_before, booked.next_task.staff) == (at, ("anna", "bo"))
    assert youth.sent[-1][1].visit_at == at


def decision(outcome: Outcome, youth: Simulation) -> CompleteTask:
    return CompleteTask(
        decision_key=str(uuid4()), task_id=youth.state.tasks[0].task_id, by="anna", outcome=outcome
    )


def test_a_task_that_is_closed_or_of_another_kind_is_not_current() -> None:
    youth = youth_at(Step.CALLING)
    late = decision(CallOutcome(result=CallResult.NO_ANSWER), youth)
    other = decision(MappingOutcome(result=MappingResult.DECLINES), youth)
    assert refusal_of(youth.decides(other)) == REFUSED_NOT_CURRENT
    youth.contacts(ReachedBy.DROP_IN)
    assert refusal_of(youth.decides(late)) == REFUSED_NOT_CURRENT


def test_after_the_end_everything_is_refused() -> None:
    youth = youth_at(Step.CALLING)
    late = decision(CallOutcome(result=CallResult.REACHED), youth)
    youth._carry_out(steps.end(youth.state, youth.now, EndReason.EXAM))
    assert refusal_of(youth.decides(late)) == REFUSED_ENDED
    assert refusal_of(youth.contacts(ReachedBy.DROP_IN)) == REFUSED_ENDED
