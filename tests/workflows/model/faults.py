"""Faults that are put into the workflow, to see that the model test finds them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from contracts.outreach_activities import TaskClosure
from contracts.outreach_workflow import CompleteTask
from contracts.reasons import Step
from contracts.tasks import CallOutcome, CallResult, PlanHomeVisitOutcome, TaskSpec
from workflows.youth_outreach import calling, course, facts, moves, steps
from workflows.youth_outreach.course import Course
from workflows.youth_outreach.facts import Fact
from workflows.youth_outreach.moves import Decision, Move
from workflows.youth_outreach.state import Attempt, State

Fault = Callable[[pytest.MonkeyPatch], None]


def a_call_counts_for_three(patch: pytest.MonkeyPatch) -> None:
    called = calling.called

    def fault(state: State, decision: CompleteTask, call: TaskSpec, outcome: CallOutcome, now: datetime) -> Move:
        others = (Attempt(at=now, slot=""),) * 2
        return called(replace(state, attempts=(*state.attempts, *others)), decision, call, outcome, now)

    patch.setattr(calling, "called", fault)


def a_call_stays_open(patch: pytest.MonkeyPatch) -> None:
    close = moves._close

    def fault(
        state: State, now: datetime, step: Step, decision: Decision | None, keeps_tasks: bool
    ) -> tuple[tuple[TaskClosure, ...], tuple[TaskSpec, ...]]:
        nobody = CallOutcome(result=CallResult.NO_ANSWER)
        if step is Step.CALLING and isinstance(decision, CompleteTask) and decision.outcome == nobody:
            keeps_tasks, decision = True, None
        return close(state, now, step, decision, keeps_tasks)

    patch.setattr(moves, "_close", fault)


def one_alone_makes_a_visit(patch: pytest.MonkeyPatch) -> None:
    door_card = steps.door_card

    def fault(state: State, now: datetime, decision: CompleteTask, plan: PlanHomeVisitOutcome) -> Move:
        return door_card(state, now, decision, plan.model_copy(update={"staff": plan.staff[:1]}))

    patch.setattr(steps, "door_card", fault)


def nothing_is_recalled(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Course, "_recall", lambda _: None)


def the_last_day_of_a_task_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(moves, "due_of", lambda state: state.due)


def what_was_heard_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    heard = facts.heard

    def fault(state: State, fact: Fact, now: datetime) -> Move:
        return heard(replace(state, handled=()), fact, now)

    patch.setattr(course, "heard", fault)
