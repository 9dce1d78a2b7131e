"""What happens by itself: when the next thing is due, and what is done when its time has come."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TypeAlias

from contracts.reasons import EndReason, Step
from workflows.youth_outreach import calling, dates, holding, steps
from workflows.youth_outreach.moves import Move
from workflows.youth_outreach.state import State

# What a step does when its own time is up and nothing was heard.
TimeUp: TypeAlias = Callable[[State, datetime], Move]
# For whoever goes by the rules without the workflow: as `YouthOutreach.run` has it, where it reads as the plan.
THEN: Mapping[Step, TimeUp] = {
    Step.AWAITING_START: steps.first_letter,
    Step.FIRST_CONTACT: calling.calls,
    Step.TRIED_TO_REACH: calling.after_tried,
    Step.DOOR_CARD: steps.home_visit,
    Step.WATCH: steps.recontact,
    Step.ON_HOLD: holding.resume,
}


def next_wake(state: State) -> datetime | None:
    """Return the civil instant at which `time_up` has something to do; None when the duty has ended."""
    if state.step is Step.ENDED:
        return None
    moments = [dates.end_of_duty(state.last_covered_day)]
    if state.due is not None:
        moments.append(state.due)
    if _owes_letter(state):
        moments.append(_letter_due(state))
    return min(moments, key=lambda moment: moment.astimezone(UTC))


def is_urgent(state: State, now: datetime) -> bool:
    """Return whether something goes before any message: recording the begin, or the end at twenty."""
    return state.step is not Step.ENDED and (
        not state.begun or dates.is_past(dates.end_of_duty(state.last_covered_day), now)
    )


def time_up(state: State, now: datetime, then: TimeUp | None) -> Move | None:
    """Return the move that the time calls for, if any. ``then`` is what the step does when its time is up.

    The duty's end goes first: nothing is sent after it.
    """
    if state.step is Step.ENDED:
        return None
    if dates.is_past(dates.end_of_duty(state.last_covered_day), now):
        return steps.end(state, now, EndReason.TURNED_20)
    if not state.begun:
        return steps.begin(state, now)
    if _owes_letter(state) and dates.is_past(_letter_due(state), now):
        return steps.turns_20_letter(state)
    if then is not None and state.due is not None and dates.is_past(state.due, now):
        return then(state, now)
    return None


def _owes_letter(state: State) -> bool:
    return not state.turns_20_letter_sent and not state.protected and state.step is not Step.ON_HOLD


def _letter_due(state: State) -> datetime:
    return dates.turns_20_letter_due(state.policy, state.youth_id, state.last_covered_day)
