"""What can happen to a youth wherever they stand: time passes, something is heard, staff decide."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import EnumType
from functools import partial
from typing import Any, get_args
from uuid import uuid4

from contracts.messages import AnswerChannel, MessageKind
from contracts.outreach_facts import HoldCause, HoldLifted, HoldSet, MessageRecalled
from contracts.outreach_workflow import (
    Answered,
    Changed,
    CompleteTask,
    EndOfCoverage,
    NewPolicy,
    OutreachStart,
    RecordContact,
    StartSearch,
    Telephone,
)
from contracts.reasons import EndReason, ReachedBy, RegistrationReason, Step
from contracts.tasks import OUTCOME, CallResult, Outcome, TaskKind, TaskSpec
from workflows.youth_outreach import dates
from workflows.youth_outreach.facts import Fact, heard
from workflows.youth_outreach.moves import Decision, Move
from workflows.youth_outreach.outcomes import decide, refusal
from workflows.youth_outreach.state import State
from workflows.youth_outreach.timing import THEN, time_up

TIME, TWENTY, CONTACT = "time", "twenty", "gets in touch"
A_WEEK = timedelta(days=7)
OUTCOMES = {one.model_fields["kind"].default: one for one in get_args(get_args(Outcome)[0])}


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happens at a civil instant; ``leads`` gives what follows."""

    what: str
    at: datetime
    leads: Callable[[], Move]


def happenings(state: State, now: datetime) -> Iterator[Happening]:
    """Yield everything that can happen next to a youth. Nothing at twenty but the end."""
    twenty = dates.end_of_duty(state.last_covered_day)
    if state.step is not Step.ENDED:
        yield Happening(TWENTY, twenty, partial(_time_up, state, twenty))
    if state.due is not None and not dates.is_past(twenty, at := max(now, state.due)):
        yield Happening(TIME, at, partial(_time_up, state, at))
    for at, decision in _decisions(state, now):
        if refusal(state, decision, at) is None:
            yield Happening(named(decision), at, partial(decide, state, decision, at))
    for what, fact in facts(state, now):
        yield Happening(what, now, partial(heard, state, fact, now))


def _time_up(state: State, at: datetime) -> Move:
    """Return what the step does when its time is up; the letter before twenty, if it is due by then, has gone."""
    move = Move(state=state)
    while (then := time_up(move.state, at, THEN.get(state.step))) is not None:
        move = then
        if then.progress is not None:
            break
    return move


def named(decision: Decision) -> str:
    """Return what a decision is called in the diagram."""
    return CONTACT if isinstance(decision, RecordContact) else outcome_name(decision.outcome)


def outcome_name(outcome: Outcome) -> str:
    """Return what an outcome is called in the diagram: the task and its result."""
    return f"{outcome.kind}: {getattr(outcome, 'result', 'booked')}"


def facts(state: State, now: datetime) -> Iterator[tuple[str, Fact]]:
    """Yield what can be heard of a youth's open episode, and of the next one."""
    about = {"event_id": uuid4(), "episode_id": state.episode_id}
    yield "answers", Answered(**about, channel=AnswerChannel.SMS, answered_at=now)
    yield "duty ended", EndOfCoverage(**about, reason=EndReason.STARTED_SCHOOL, ended_on=now.date())
    for protected, what in ((True, "becomes protected"), (False, "marking lifted")):
        register = {"district": state.district, "tracks": state.tracks, "last_covered_day": state.last_covered_day}
        yield what, Changed.model_validate({**about, **register, "protected": protected})
    moved = {**register, "district": "another", "protected": state.protected}
    yield "moves to another district", Changed.model_validate({**about, **moved})
    for has_phone, what in ((True, "a number comes in"), (False, "the number is lost")):
        yield what, Telephone(**about, has_phone=has_phone)
    yield "the intake has room", StartSearch(**about)
    policy = state.policy.model_copy(update={"version": "the next one"})
    yield "a new policy", NewPolicy(**about, policy=policy)
    for cause, what in ((HoldCause.SOCIAL_SERVICES, "hold placed"), (HoldCause.OPERATIONS, "held by operations")):
        yield what, HoldSet(**about, hold_id=uuid4(), until=now.date() + A_WEEK, cause=cause)
    hold_id = state.hold.hold_id if state.hold else uuid4()
    yield "hold ended", HoldLifted(**about, hold_id=hold_id)
    yield "a message was recalled", MessageRecalled(**about, kind=MessageKind.FIRST_SMS)
    yield "registered anew", _registered(state, now)


def _registered(state: State, now: datetime) -> OutreachStart:
    return OutreachStart(
        event_id=uuid4(),
        youth_id=state.youth_id,
        episode_id=uuid4(),
        municipality=state.municipality,
        district=state.district,
        reason=RegistrationReason.UNKNOWN,
        tracks=state.tracks,
        protected=False,
        registered_on=now.date(),
        last_covered_day=state.last_covered_day,
        policy=state.policy,
        clock=state.clock,
    )


def _decisions(state: State, now: datetime) -> Iterator[tuple[datetime, Decision]]:
    """Yield each decision, and when it is taken: as soon as its task can be done."""
    yield now, RecordContact(decision_key=str(uuid4()), by="somebody", way=ReachedBy.INBOUND_CALL)
    for task in state.tasks:
        at = max(now, task.not_before) if task.not_before else now
        for outcome in _outcomes(state, task, at):
            yield at, CompleteTask(decision_key=str(uuid4()), task_id=task.task_id, by="somebody", outcome=outcome)


def _outcomes(state: State, task: TaskSpec, at: datetime) -> Iterator[Outcome]:
    """Yield each result that the kind of task can have."""
    if task.kind is TaskKind.PLAN_HOME_VISIT:
        visit_at = dates.first_visit_time(state.policy, at, state.last_covered_day)
        if visit_at is not None:
            yield OUTCOME.validate_python({"kind": task.kind, "visit_at": visit_at, "staff": ("anna", "bo")})
        return
    for result in _results(OUTCOMES[task.kind].model_fields["result"].annotation):
        back = {"call_back_at": at + A_WEEK} if result == CallResult.CALL_BACK else {}
        yield OUTCOME.validate_python({"kind": task.kind, "result": result, **back})


def _results(annotation: Any) -> tuple[Any, ...]:
    return tuple(annotation) if isinstance(annotation, EnumType) else get_args(annotation)
