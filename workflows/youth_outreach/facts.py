"""What facts do: register changes and answers, which arrive as signals in any order and more than once.

Each fact has a defined effect in every state. A fact that was handled before, or that belongs to another
episode, changes nothing; only a registration can begin a new one.
"""

from dataclasses import replace
from datetime import datetime
from typing import TypeAlias

from contracts.messages import AnswerChannel, MessageKind
from contracts.outreach_activities import Reached
from contracts.outreach_workflow import Answered, Changed, EndOfCoverage, NewPolicy, OutreachStart
from contracts.reasons import EndReason, ReachedBy, Step
from workflows.youth_outreach import new_policy, steps
from workflows.youth_outreach.moves import Decision, Move
from workflows.youth_outreach.state import State

Fact: TypeAlias = OutreachStart | Changed | EndOfCoverage | Answered | NewPolicy

ANSWERED_BY = {
    AnswerChannel.SMS: ReachedBy.SMS_ANSWER,
    AnswerChannel.ANSWER_PAGE: ReachedBy.ANSWER_PAGE,
}


def heard(state: State, fact: Fact, now: datetime) -> Move:
    """Return what a fact leads to. Never raises: a fact cannot be refused."""
    if fact.event_id in state.handled:
        return Move(state=state)
    if isinstance(fact, OutreachStart):
        return _registered(state, fact, now)
    state = state.having_handled(fact.event_id)
    if fact.episode_id != state.episode_id or state.step is Step.ENDED:
        return Move(state=state)
    match fact:
        case EndOfCoverage():
            return steps.end(state, now, fact.reason)
        case Changed():
            return _changed(state, fact, now)
        case Answered():
            return in_touch(state, now, ANSWERED_BY[fact.channel], fact.answered_at)
        case NewPolicy():
            return new_policy.taken(state, fact.policy, now)


def in_touch(state: State, now: datetime, by: ReachedBy, at: datetime, decision: Decision | None = None) -> Move:
    """Return what it leads to that the youth got in touch, by an answer or as staff recorded it.

    It ends any search, and a watch: who was reached before may want something now. While the mapping
    conversation or support is under way, staff and youth are in touch already. A protected youth stays with
    the special handlers. A decision is always recorded, so that its repeat gets the same answer.
    """
    if state.step not in (Step.MAPPING, Step.SUPPORT, Step.MANUAL):
        return steps.mapping(state, now, by, decision, at)
    if state.step is Step.MANUAL and not state.reached:
        return steps.stay(state, now, decision, Reached(by=by, at=at))
    return steps.stay(state, now, decision) if decision else Move(state=state)


def _registered(state: State, start: OutreachStart, now: datetime) -> Move:
    """A registration on an open workflow: its own repeated, an old one, or a new episode.

    The register ends an episode before it begins the next, in order. Should the end be lost all the same, the
    old episode is closed here, because only the new one's end would stop the letters.
    """
    stale = start.episode_id in state.former_episodes or start.registered_on < state.registered_on
    if start.episode_id == state.episode_id or stale:
        return Move(state=state.having_handled(start.event_id))
    succeeded = state.followed_by(start)
    if state.step is Step.ENDED:
        return Move(state=succeeded)
    ended = steps.end(state, now, EndReason.REGISTERED_IN_ERROR)
    return Move(state=succeeded, progress=ended.progress)


def _changed(state: State, change: Changed, now: datetime) -> Move:
    was_protected = state.protected
    state = replace(
        state,
        district=change.district,
        tracks=change.tracks,
        protected=change.protected,
        last_covered_day=change.last_covered_day,
    )
    if change.protected and not was_protected:
        return steps.by_hand(state, now)
    if was_protected and not change.protected:
        return _protection_lifted(state, now)
    return Move(state=state)


def _protection_lifted(state: State, now: datetime) -> Move:
    """The special handlers hand over: who was reached is talked with, who was sought is called, and who never
    got a letter gets one.
    """
    if state.reached:
        return steps.mapping(state, now)
    if state.made(MessageKind.FIRST_LETTER):
        return steps.calls(state, now)
    return steps.await_start(state, now)
