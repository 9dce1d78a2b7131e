"""What staff's decisions do, and why one is refused. A decision is checked twice: when it comes, and when its
turn comes, for a fact that came before it may have changed what fits.
"""

from dataclasses import dataclass
from datetime import date, datetime

from contracts.outreach_activities import Reached
from contracts.outreach_workflow import (
    REFUSED_BY_POLICY,
    REFUSED_ENDED,
    REFUSED_NOT_CURRENT,
    CompleteTask,
    RecordContact,
)
from contracts.reasons import ReachedBy, Step, WatchReason
from contracts.tasks import (
    CallOutcome,
    CallResult,
    ConcernOutcome,
    FindContactDetailsOutcome,
    FollowUpOutcome,
    FollowUpResult,
    HandoverOutcome,
    HomeVisitOutcome,
    HomeVisitResult,
    MappingOutcome,
    MappingResult,
    Occupation,
    OfficeMeetingOutcome,
    Outcome,
    PlanHomeVisitOutcome,
    PreventionOutcome,
    ProtectedOutcome,
    ReportAddressOutcome,
    StartStockholmOutcome,
    StudiebevisContactOutcome,
    VisitAlarmOutcome,
)
from workflows.youth_outreach import at_the_door, before_search, calling, dates, steps
from workflows.youth_outreach.facts import in_touch
from workflows.youth_outreach.moves import Decision, Move
from workflows.youth_outreach.state import State

OCCUPIED_AS = {
    Occupation.WORK: WatchReason.WORKS,
    Occupation.STUDIES: WatchReason.STUDIES_OTHER,
    Occupation.OTHER: WatchReason.OTHER_OCCUPATION,
}
# Results that say that an attempt was made; it cannot have been before its time.
ATTEMPTED = {
    CallResult.NO_ANSWER,
    CallResult.VOICEMAIL,
    CallResult.THIRD_PARTY,
    HomeVisitResult.NOBODY_HOME,
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a decision cannot be carried out. ``type`` is one of `contracts.outreach_workflow.REFUSALS`."""

    type: str
    message: str


def refusal(state: State, decision: Decision, now: datetime) -> Refusal | None:
    """Return why a decision does not fit the youth's state now, or None when it does."""
    if state.step is Step.ENDED or dates.is_past(dates.end_of_duty(state.last_covered_day), now):
        return Refusal(REFUSED_ENDED, "the duty for this youth has ended")
    if isinstance(decision, RecordContact):
        return None
    task = state.task(decision.task_id)
    if task is None:
        return Refusal(REFUSED_NOT_CURRENT, "the task is not open for this youth any more")
    outcome = decision.outcome
    if outcome.kind != task.kind:
        return Refusal(REFUSED_NOT_CURRENT, f"a task of kind {task.kind} has no outcome of kind {outcome.kind}")
    if why := _why_no_such_time(state, outcome, now):
        return Refusal(REFUSED_BY_POLICY, why)
    too_soon = task.not_before is not None and not dates.is_past(task.not_before, now)
    if too_soon and isinstance(outcome, CallOutcome | HomeVisitOutcome) and outcome.result in ATTEMPTED:
        return Refusal(REFUSED_BY_POLICY, "the attempt cannot have been made before its time")
    return None


def _why_no_such_time(state: State, outcome: Outcome, now: datetime) -> str | None:
    """Return what is wrong with the time that an outcome names, if it names one and anything is."""
    match outcome:
        case PlanHomeVisitOutcome(visit_at=at):
            return dates.why_no_visit_at(state.policy, at, now, state.last_covered_day)
        case CallOutcome(call_back_at=datetime() as at):
            return calling.why_no_call_back_at(state, at, now)
        case ReportAddressOutcome(reported_on=date() as day) if day > now.date():
            return "the report cannot have been made yet"
        case _:
            return None


def decide(state: State, decision: Decision, now: datetime) -> Move:
    """Return what a decision leads to. It must not be refused; the move's progress carries its key."""
    if isinstance(decision, RecordContact):
        return _contact(state, decision, now)
    task = state.task(decision.task_id)
    if task is None:
        raise ValueError("decide() needs a decision on an open task: ask refusal() first")
    outcome = decision.outcome
    match outcome:
        case CallOutcome():
            return calling.called(state, decision, task, outcome, now)
        case FindContactDetailsOutcome():
            return calling.found_details(state, decision, outcome, now)
        case PlanHomeVisitOutcome():
            return steps.door_card(state, now, decision, outcome)
        case HomeVisitOutcome():
            return at_the_door.visited(state, decision, outcome.result, now)
        case OfficeMeetingOutcome():
            return at_the_door.met_at_office(state, decision, outcome, now)
        case MappingOutcome():
            return _mapping(state, decision, outcome, now)
        case FollowUpOutcome():
            return _follow_up(state, decision, outcome, now)
        case ReportAddressOutcome():
            return at_the_door.address_reported(state, decision, now)
        case ProtectedOutcome():
            return _protected(state, decision, outcome, now)
        case StartStockholmOutcome():
            return before_search.start_stockholm(state, decision, outcome, now)
        case StudiebevisContactOutcome():
            return before_search.studiebevis_contact(state, decision, outcome, now)
        case ConcernOutcome() | HandoverOutcome() | PreventionOutcome() | VisitAlarmOutcome():
            raise ValueError("the outreach service's own: no workflow has such a task")


def _contact(state: State, contact: RecordContact, now: datetime) -> Move:
    return in_touch(state, now, ReachedBy(contact.way), now, contact)


def _mapping(state: State, decision: CompleteTask, outcome: MappingOutcome, now: datetime) -> Move:
    match outcome.result:
        case MappingResult.WANTS_SUPPORT:
            return steps.support(state, now, decision)
        case MappingResult.OCCUPIED:
            reason = OCCUPIED_AS.get(outcome.occupation, WatchReason.OTHER_OCCUPATION)
            return steps.watch(state, now, reason, decision)
        case MappingResult.DECLINES:
            return steps.watch(state, now, WatchReason.DECLINED, decision)
        case MappingResult.NO_CONVERSATION:
            return calling.calls(state, now, decision)


def _follow_up(state: State, decision: CompleteTask, outcome: FollowUpOutcome, now: datetime) -> Move:
    if outcome.result is FollowUpResult.CONTINUES:
        return steps.support(state, now, decision)
    reason = OCCUPIED_AS.get(outcome.occupation, WatchReason.MEASURE_ENDED)
    return steps.watch(state, now, reason, decision)


def _protected(state: State, decision: CompleteTask, outcome: ProtectedOutcome, now: datetime) -> Move:
    """The duty goes on by hand: the next task comes when a youth under watch would be contacted again."""
    found = outcome.result == "reached"
    reason = WatchReason.OTHER_OCCUPATION if found else WatchReason.NOT_REACHED
    again = dates.recontact_due(state.policy, state.youth_id, reason, now)
    reached = Reached(by=ReachedBy.MANUAL, at=now) if found else None
    return steps.by_hand(state, now, decision, not_before=again, reached=reached)
