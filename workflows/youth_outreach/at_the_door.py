"""What a home visit comes to (plan 4.2.2: two staff at the door), and what follows when it was not safe."""

from dataclasses import replace
from datetime import datetime

from contracts.outreach_workflow import CompleteTask
from contracts.reasons import ReachedBy, Step, WatchReason
from contracts.tasks import HomeVisitResult, OfficeMeetingOutcome, TaskKind
from workflows.youth_outreach import steps
from workflows.youth_outreach.called_off import called_off
from workflows.youth_outreach.moves import Decision, Move, Opening, transition
from workflows.youth_outreach.state import State


def visited(state: State, decision: CompleteTask, result: HomeVisitResult, now: datetime) -> Move:
    """Return what the outcome of a home visit leads to."""
    match result:
        case HomeVisitResult.REACHED:
            return steps.mapping(state, now, ReachedBy.HOME_VISIT, decision)
        case HomeVisitResult.GUARDIAN_REACHED:  # the way to the youth goes through the guardian now
            return steps.mapping(state, now, ReachedBy.GUARDIAN, decision)
        case HomeVisitResult.CALLED_OFF:
            return called_off(state, now, decision)
        case HomeVisitResult.UNSAFE:
            return steps.plan_visit(replace(state, home_unsafe=True), now, decision)
        case HomeVisitResult.DOES_NOT_LIVE_THERE:
            return report_address(state, now, decision)
        case HomeVisitResult.NOBODY_HOME:
            state = replace(state, visits=state.visits + 1)
            if state.visits < state.policy.home_visits:
                return steps.plan_visit(state, now, decision)
            return steps.watch(state, now, WatchReason.NOT_REACHED, decision)


def report_address(state: State, now: datetime, decision: Decision) -> Move:
    """The youth does not live there: reported to Skatteverket, before the watch."""
    report = Opening(kind=TaskKind.REPORT_ADDRESS, attempt=state.made(TaskKind.REPORT_ADDRESS) + 1)
    return transition(state, now, Step.HOME_VISIT, decision=decision, opens=report)


def address_reported(state: State, decision: CompleteTask, now: datetime) -> Move:
    """Whether it was reported or need not be: the youth is watched, unless found meanwhile."""
    if state.step is Step.HOME_VISIT:
        return steps.watch(state, now, WatchReason.NOT_REACHED, decision)
    return steps.stay(state, now, decision)


def met_at_office(state: State, decision: CompleteTask, outcome: OfficeMeetingOutcome, now: datetime) -> Move:
    """Who came to the office is reached; who did not is left in peace."""
    if outcome.result == "reached":
        return steps.mapping(state, now, ReachedBy.DROP_IN, decision)
    return steps.watch(state, now, WatchReason.NOT_REACHED, decision)
