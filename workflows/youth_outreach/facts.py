"""What facts do: register changes and answers, which arrive as signals in any order and more than once.

Each fact has a defined effect in every state. A fact that was handled before, or that belongs to another
episode, changes nothing; only a registration can begin a new one.
"""

from dataclasses import replace
from datetime import datetime
from typing import TypeAlias

from contracts.messages import AnswerChannel
from contracts.outreach_activities import Reached
from contracts.outreach_facts import HoldLifted, HoldSet, MessageRecalled
from contracts.outreach_workflow import (
    Answered,
    Changed,
    EndOfCoverage,
    NewPolicy,
    OutreachStart,
    StartSearch,
    Telephone,
)
from contracts.reasons import EndReason, ReachedBy, Step
from workflows.youth_outreach import calling, holding, new_policy, steps, tracks
from workflows.youth_outreach.lifting import protection_lifted
from workflows.youth_outreach.moves import Decision, Move
from workflows.youth_outreach.state import State

Fact: TypeAlias = (
    OutreachStart
    | Changed
    | EndOfCoverage
    | Answered
    | Telephone
    | StartSearch
    | NewPolicy
    | HoldSet
    | HoldLifted
    | MessageRecalled
)

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
        case Telephone():
            return calling.telephone(state, has_phone=fact.has_phone, now=now)
        case HoldSet():
            return holding.placed(state, fact, now)
        case HoldLifted():
            return holding.lifted(state, fact, now)
        case MessageRecalled():
            return holding.message_recalled(state, fact.kind)
        case StartSearch():
            # The intake looks at the database, which may lag: who has moved on since is left alone.
            waits = state.step is Step.AWAITING_START and not tracks.precede(state, now)
            return steps.first_letter(state, now) if waits else Move(state=state)
        case NewPolicy():
            return new_policy.taken(state, fact.policy, now)


def in_touch(state: State, now: datetime, by: ReachedBy, at: datetime, decision: Decision | None = None) -> Move:
    """Return what it leads to that the youth got in touch, by an answer or as staff recorded it.

    It ends any search, and a watch: who was reached before may want something now. While the mapping
    conversation or support is under way, staff and youth are in touch already. A protected youth stays with
    the special handlers; during a hold the answer is kept for its end. A decision is always recorded, so that
    its repeat gets the same answer.
    """
    if state.step is Step.ON_HOLD:
        return holding.in_touch(state, now, Reached(by=by, at=at), decision)
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
    was_protected, moved = state.protected, change.district != state.district
    state = replace(
        state,
        district=change.district,
        tracks=change.tracks,
        protected=change.protected,
        last_covered_day=change.last_covered_day,
    )
    if state.step is Step.ON_HOLD:
        return holding.changed(state, now, moved=moved)
    if change.protected and not was_protected:
        return steps.by_hand(state, now)
    if was_protected and not change.protected:
        return protection_lifted(state, now)
    return Move(state=state)
