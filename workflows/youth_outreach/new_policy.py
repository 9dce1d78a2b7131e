"""A new version of the policy: who still waits for the start starts with it; all others keep theirs.

The start never comes later than it would have: the wait that a youth has behind it counts. With whom staff do
something else first (`tracks`), that was begun by the old policy and is ended by it.
"""

from dataclasses import replace
from datetime import datetime

from contracts.policy import OutreachPolicy
from contracts.reasons import Step
from workflows.youth_outreach import steps, tracks
from workflows.youth_outreach.moves import Move
from workflows.youth_outreach.state import State


def taken(state: State, policy: OutreachPolicy, now: datetime) -> Move:
    """Return the state that follows the new policy, with its start; the same state for whoever keeps theirs."""
    waits = state.step is Step.AWAITING_START and not state.started and not tracks.precede(state, now)
    if not waits or policy.version == state.policy.version:
        return Move(state=state)
    before, state = state.due, replace(state, policy=policy)
    if not state.begun:
        return Move(state=state)  # its first transition, soon, goes by the new policy
    move = steps.await_start(state, now)
    due = min((one for one in (before, move.state.due) if one is not None), default=None)
    assert move.progress is not None  # a transition is recorded
    progress = move.progress.model_copy(update={"due": due, "policy_version": policy.version})
    return replace(move, state=replace(move.state, due=due), progress=progress)
