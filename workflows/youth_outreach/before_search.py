"""What the tasks that precede the search come to (`tracks`)."""

from datetime import datetime

from contracts.outreach_workflow import CompleteTask
from contracts.reasons import ReachedBy, Step, WatchReason
from contracts.tasks import StartStockholmOutcome, StudiebevisContactOutcome
from workflows.youth_outreach import steps, tracks
from workflows.youth_outreach.dates import SHORT_OF_TIME
from workflows.youth_outreach.moves import Move, transition
from workflows.youth_outreach.state import State


def start_stockholm(state: State, decision: CompleteTask, outcome: StartStockholmOutcome, now: datetime) -> Move:
    """Who has applied for language introduction is left in peace until it should have begun; others are sought."""
    if outcome.result == "applied":
        return steps.watch(state, now, WatchReason.APPLIED, decision, starts=True)
    return steps.await_start(state, now, decision)


def studiebevis_contact(
    state: State, decision: CompleteTask, outcome: StudiebevisContactOutcome, now: datetime
) -> Move:
    """Who was not reached at the end of the school year gets the first letter in mid-September."""
    if outcome.result == "reached":
        return steps.mapping(state, now, ReachedBy.CALL, decision)
    if state.last_covered_day - now.date() < SHORT_OF_TIME:
        return steps.first_letter(state, now, decision)
    due = tracks.letter_due(state, now)
    return transition(state, now, Step.AWAITING_START, decision=decision, due=due, starts=True)
