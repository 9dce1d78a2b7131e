"""A new version of the policy: who still waits for the start starts with it; all others keep theirs.

The start never comes later than it would have: the wait that a youth has behind it counts.
"""

from dataclasses import replace
from datetime import datetime

from contracts.policy import OutreachPolicy
from contracts.reasons import Step
from workflows.youth_outreach import dates
from workflows.youth_outreach.moves import Move, transition
from workflows.youth_outreach.state import State


def taken(state: State, policy: OutreachPolicy, now: datetime) -> Move:
    """Return the state that follows the new policy, with its start; the same state when the search has begun."""
    if state.step is not Step.AWAITING_START or state.started or policy.version == state.policy.version:
        return Move(state=state)
    state = replace(state, policy=policy)
    if not state.begun:
        return Move(state=state)  # its first transition, soon, goes by the new policy
    due = state.due
    if due is not None:
        due = min(due, dates.start_due(policy, state.youth_id, state.registered_on, state.last_covered_day, now))
    move = transition(state, now, Step.AWAITING_START, due=due, keeps_tasks=True)
    assert move.progress is not None  # a transition is recorded
    return replace(move, progress=move.progress.model_copy(update={"policy_version": policy.version}))
