"""Every transition that the rules allow: all that can happen is tried wherever a youth can come to stand."""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

from chassis.clock import STOCKHOLM, ClockSpec
from contracts.messages import MessageKind
from contracts.outreach_workflow import OutreachStart
from contracts.policy import InsteadOfVisit, OutreachPolicy
from contracts.reasons import RegistrationReason, SpecialTrack, Step, WatchReason
from contracts.tasks import TaskKind, TaskState
from workflows.diagram.happenings import A_WEEK, happenings
from workflows.youth_outreach import steps
from workflows.youth_outreach.moves import Move
from workflows.youth_outreach.state import State

STOCKHOLMS = Path(__file__).parents[2] / "services/outreach/policies/stockholm.json"
IN_JUNE, IN_JULY, IN_AUGUST = (datetime(2026, month, 20, 4, 10, tzinfo=STOCKHOLM) for month in (6, 7, 8))
FAR_AHEAD, SOON = date(2090, 1, 31), timedelta(days=80)
REGISTERED = "registered"
CALLS_FOLLOW = frozenset({Step.FIRST_CONTACT, Step.CALLING, Step.TRIED_TO_REACH, Step.MAPPING, Step.MANUAL})
VISITS_FOLLOW = frozenset({Step.MAPPING, Step.CALLING, Step.TRIED_TO_REACH, Step.DOOR_CARD, Step.HOME_VISIT})
BEFORE = (TaskKind.START_STOCKHOLM, TaskKind.STUDIEBEVIS_CONTACT)


@dataclass(frozen=True, slots=True, order=True)
class Transition:
    """To another step, or to another task of the same one. ``begins`` empty: the youth was not known."""

    begins: Step | Literal[""]
    what: str
    ends: Step


def transitions() -> set[Transition]:
    """Return every transition that the rules allow, by the municipality's policy and by what others can have."""
    found: set[Transition] = set()
    seen: set[Hashable] = set()
    for state, at in starts():
        found.add(Transition("", REGISTERED, state.step))
        waiting = [(state, at)]
        while waiting:
            state, now = waiting.pop()
            if (kind := _kind(state)) in seen:
                continue
            seen.add(kind)
            for happening in happenings(state, now):
                move = happening.leads()
                found.update(transition_of(state, happening.what, move))
                if move.state.begun:  # whoever is registered anew begins as at the start
                    waiting.append((replace(move.state, handled=(), decided={}), happening.at))
    return found


def transition_of(state: State, what: str, move: Move) -> Iterator[Transition]:
    """Yield the transition, if a move is one. What is recorded beside, with all staying as it is, is none."""
    progress = move.progress
    beside = what.startswith(f"{TaskKind.REPORT_ADDRESS}:")
    done = progress is not None and any(one.state is TaskState.COMPLETED for one in progress.closed) and not beside
    opened = progress is not None and progress.opened
    if move.state.step is not state.step or opened or done or move.messages:
        yield Transition(state.step, what, move.state.step)


def starts() -> Iterator[tuple[State, datetime]]:
    """Yield youths who have just been registered, each at a civil instant."""
    policy = OutreachPolicy.model_validate_json(STOCKHOLMS.read_text(encoding="utf-8"))
    # What only multiplies the ways to the same steps is left out.
    policy = policy.model_copy(update={"holidays": (), "call_backs": 0, "contact_searches": 1})
    twice = {"version": "more", "home_visits": 2, "further_letters": (A_WEEK,)}
    never = {"version": "less", "contact_searches": 0, "unsafe_visit": InsteadOfVisit.WATCH}
    for changes in (twice, never):
        rules = policy.model_copy(update=changes)
        yield _begun(rules, IN_AUGUST), IN_AUGUST
        yield _begun(rules, IN_AUGUST, protected=True), IN_AUGUST
        yield _begun(rules, IN_AUGUST, tracks=(SpecialTrack.NEWLY_ARRIVED,)), IN_AUGUST
        for at in (IN_JUNE, IN_JULY):
            yield _begun(rules, at, tracks=(SpecialTrack.STUDIEBEVIS,)), at
        yield _begun(rules, IN_AUGUST, last_covered_day=IN_AUGUST.date() + SOON), IN_AUGUST


def _begun(policy: OutreachPolicy, at: datetime, **fields: Any) -> State:
    start = OutreachStart.model_validate(
        {
            "event_id": UUID(int=1),
            "youth_id": UUID(int=2),
            "episode_id": UUID(int=3),
            "municipality": policy.municipality,
            "district": "farsta",
            "reason": RegistrationReason.UNKNOWN,
            "protected": False,
            "registered_on": at.date(),
            "last_covered_day": FAR_AHEAD,
            "policy": policy,
            "clock": ClockSpec(),
            **fields,
        }
    )
    return steps.begin(State.of(start), at).state


def _kind(state: State) -> Hashable:
    """Return what of a state has a say in which steps come next, from where it stands until that is told anew.

    Ids, instants and counts that begin anew with the calls have none. A test walks on at random: it finds no more.
    """
    hold = state.hold if state.step is Step.ON_HOLD else None
    at = hold.step if hold else state.step
    kinds = [task.kind for task in state.tasks]
    all_calls_made = len(state.attempts) >= state.policy.call_attempts
    return (
        (state.step, state.due is None, state.protected, state.last_covered_day, state.policy.home_visits),
        tuple(kind for kind in kinds if kind is not TaskKind.REPORT_ADDRESS or at is Step.HOME_VISIT),
        hold and (hold.step, hold.task and hold.task.kind, hold.in_touch, hold.cause),
        at in CALLS_FOLLOW and (state.has_phone, not hold and state.round > 1),
        at in VISITS_FOLLOW and (state.home_unsafe, not hold and state.visits),
        at is Step.CALLING and (state.searches, not hold and (len(state.attempts), state.language_needed)),
        at is Step.TRIED_TO_REACH and (state.searches, state.letters, all_calls_made),
        at is Step.MANUAL and (state.reached, state.made(MessageKind.FIRST_LETTER) > 0),
        at is Step.WATCH and state.watch_reason is WatchReason.APPLIED,
        at is Step.AWAITING_START and (state.tracks, state.started, *(state.made(kind) > 0 for kind in BEFORE)),
    )
