"""What staff's decisions do, and why one is refused. A decision is checked twice: when it comes, and when its
turn comes, for a fact that came before it may have changed what fits.
"""

from dataclasses import dataclass, replace
from datetime import datetime

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
    FollowUpOutcome,
    FollowUpResult,
    HomeVisitOutcome,
    HomeVisitResult,
    MappingOutcome,
    MappingResult,
    Occupation,
    PlanHomeVisitOutcome,
    ProtectedOutcome,
    ReportAddressOutcome,
    TaskSpec,
    VisitAlarmOutcome,
)
from workflows.youth_outreach import dates, steps
from workflows.youth_outreach.called_off import called_off
from workflows.youth_outreach.facts import in_touch
from workflows.youth_outreach.moves import Decision, Move
from workflows.youth_outreach.state import Attempt, State
from workflows.youth_outreach.workdays import slot_at

OCCUPIED_AS = {
    Occupation.WORK: WatchReason.WORKS,
    Occupation.STUDIES: WatchReason.STUDIES_OTHER,
    Occupation.OTHER: WatchReason.OTHER_OCCUPATION,
}
# Results that say that an attempt was made; it cannot have been before its time.
ATTEMPTED = {CallResult.NO_ANSWER, CallResult.VOICEMAIL, HomeVisitResult.NOBODY_HOME}


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
    if isinstance(outcome, PlanHomeVisitOutcome):
        why = dates.why_no_visit_at(state.policy, outcome.visit_at, now, state.last_covered_day)
        return Refusal(REFUSED_BY_POLICY, why) if why else None
    too_soon = task.not_before is not None and not dates.is_past(task.not_before, now)
    if too_soon and isinstance(outcome, CallOutcome | HomeVisitOutcome) and outcome.result in ATTEMPTED:
        return Refusal(REFUSED_BY_POLICY, "the attempt cannot have been made before its time")
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
            return _call(state, decision, task, outcome.result, now)
        case PlanHomeVisitOutcome():
            return steps.door_card(state, now, decision, outcome)
        case HomeVisitOutcome():
            return _home_visit(state, decision, outcome.result, now)
        case MappingOutcome():
            return _mapping(state, decision, outcome, now)
        case FollowUpOutcome():
            return _follow_up(state, decision, outcome, now)
        case ReportAddressOutcome():
            return _report_address(state, decision, now)
        case ProtectedOutcome():
            return _protected(state, decision, outcome, now)
        case VisitAlarmOutcome():
            raise ValueError("an alarm is the outreach service's own: no workflow has such a task")


def _contact(state: State, contact: RecordContact, now: datetime) -> Move:
    return in_touch(state, now, ReachedBy(contact.way), now, contact)


def _call(state: State, decision: CompleteTask, call: TaskSpec, result: CallResult, now: datetime) -> Move:
    match result:
        case CallResult.REACHED:
            return steps.mapping(state, now, ReachedBy.CALL, decision)
        case CallResult.DECLINED:  # reached all the same; everything offered is voluntary
            reached = Reached(by=ReachedBy.CALL, at=now)
            return steps.watch(state, now, WatchReason.DECLINED, decision, reached)
        case CallResult.WRONG_NUMBER:  # no attempt, and no number: staff look for another one
            state = replace(state, wrong_numbers=state.wrong_numbers + 1)
            given_up = state.wrong_numbers >= state.policy.wrong_numbers
        case CallResult.NO_ANSWER | CallResult.VOICEMAIL:
            planned = slot_at(state.policy, call.not_before or now)
            attempt = Attempt(at=now, slot=slot_at(state.policy, now) or planned or "")
            state = replace(state, attempts=(*state.attempts, attempt))
            given_up = len(state.attempts) >= state.policy.call_attempts
    follow = steps.after_calls if given_up else steps.next_call
    return follow(state, now, decision)


def _home_visit(state: State, decision: CompleteTask, result: HomeVisitResult, now: datetime) -> Move:
    match result:
        case HomeVisitResult.REACHED:
            return steps.mapping(state, now, ReachedBy.HOME_VISIT, decision)
        case HomeVisitResult.GUARDIAN_REACHED:  # the way to the youth goes through the guardian now
            return steps.mapping(state, now, ReachedBy.GUARDIAN, decision)
        case HomeVisitResult.CALLED_OFF:
            return called_off(state, now, decision)
        case HomeVisitResult.DOES_NOT_LIVE_THERE:
            return steps.report_address(state, now, decision)
        case HomeVisitResult.NOBODY_HOME:
            state = replace(state, visits=state.visits + 1)
            if state.visits < state.policy.home_visits:
                return steps.plan_visit(state, now, decision)
            return steps.watch(state, now, WatchReason.NOT_REACHED, decision)


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
            return steps.calls(state, now, decision)


def _follow_up(state: State, decision: CompleteTask, outcome: FollowUpOutcome, now: datetime) -> Move:
    if outcome.result is FollowUpResult.CONTINUES:
        return steps.support(state, now, decision)
    reason = OCCUPIED_AS.get(outcome.occupation, WatchReason.MEASURE_ENDED)
    return steps.watch(state, now, reason, decision)


def _report_address(state: State, decision: CompleteTask, now: datetime) -> Move:
    if state.step is Step.HOME_VISIT:
        return steps.watch(state, now, WatchReason.NOT_REACHED, decision)
    return steps.stay(state, now, decision)  # the youth has been found meanwhile


def _protected(state: State, decision: CompleteTask, outcome: ProtectedOutcome, now: datetime) -> Move:
    """The duty goes on by hand: the next task comes when a youth under watch would be contacted again."""
    found = outcome.result == "reached"
    reason = WatchReason.OTHER_OCCUPATION if found else WatchReason.NOT_REACHED
    again = dates.recontact_due(state.policy, state.youth_id, reason, now)
    reached = Reached(by=ReachedBy.MANUAL, at=now) if found else None
    return steps.by_hand(state, now, decision, not_before=again, reached=reached)
