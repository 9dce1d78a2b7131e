"""The way of a measure from its offer to its end, and who gets its places. Pure.

    offered -> accepted | waiting | declined       waiting: no place was free when the youth accepted
    waiting -> place_offered                       by itself, in order of acceptance, when a place is free
    place_offered -> accepted | declined
    accepted, place_offered -> started -> ended
    whatever has not started -> withdrawn

No way leads back, so that a measure takes each step at most once and one date per step is its history
(only ``place_taken_on`` tells the second acceptance from the first).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import TypeAlias, TypeVar

from contracts.documentation import MeasureEndReason, WithdrawalReason
from contracts.occupation import OccupationCode
from services.registry.domain.school_year import SchoolYear

Held = TypeVar("Held")


class State(StrEnum):
    OFFERED = "offered"
    ACCEPTED = "accepted"  # a place is kept
    WAITING = "waiting"  # accepted, and no place was free
    PLACE_OFFERED = "place_offered"  # a place is kept until the youth has answered
    STARTED = "started"
    ENDED = "ended"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


KEEPS_PLACE = frozenset({State.ACCEPTED, State.PLACE_OFFERED, State.STARTED})
OVER = frozenset({State.ENDED, State.DECLINED, State.WITHDRAWN})
NOT_STARTED = frozenset({State.OFFERED, State.ACCEPTED, State.WAITING, State.PLACE_OFFERED})


@dataclass(frozen=True, slots=True)
class Accept:
    on: date


@dataclass(frozen=True, slots=True)
class Decline:
    on: date


@dataclass(frozen=True, slots=True)
class TakePlace:
    """The youth takes the place that was offered from the waiting list."""

    on: date


@dataclass(frozen=True, slots=True)
class Start:
    on: date


@dataclass(frozen=True, slots=True)
class End:
    on: date
    reason: MeasureEndReason
    occupation_after: OccupationCode


@dataclass(frozen=True, slots=True)
class Withdraw:
    on: date
    reason: WithdrawalReason


@dataclass(frozen=True, slots=True)
class OfferPlace:
    """A place has become free: the only step that nobody asks for."""

    on: date


Step: TypeAlias = Accept | Decline | TakePlace | Start | End | Withdraw | OfferPlace

ALLOWED_FROM: Mapping[type[Step], frozenset[State]] = {
    Accept: frozenset({State.OFFERED}),
    Decline: frozenset({State.OFFERED, State.PLACE_OFFERED}),
    OfferPlace: frozenset({State.WAITING}),
    TakePlace: frozenset({State.PLACE_OFFERED}),
    Start: frozenset({State.ACCEPTED, State.PLACE_OFFERED}),
    End: frozenset({State.STARTED}),
    Withdraw: NOT_STARTED,
}


@dataclass(frozen=True, slots=True)
class Measure:
    """Where a measure of a youth stands, and when it took each step."""

    offered_on: date
    state: State = State.OFFERED
    accepted_on: date | None = None
    place_offered_on: date | None = None
    place_taken_on: date | None = None
    started_on: date | None = None
    ended_on: date | None = None
    declined_on: date | None = None
    withdrawn_on: date | None = None
    end_reason: MeasureEndReason | None = None
    withdrawal_reason: WithdrawalReason | None = None
    occupation_after: OccupationCode | None = None

    @property
    def keeps_place(self) -> bool:
        return self.state in KEEPS_PLACE

    @property
    def last_step_on(self) -> date:
        steps = (
            self.offered_on, self.accepted_on, self.place_offered_on, self.place_taken_on, self.started_on,
            self.ended_on, self.declined_on, self.withdrawn_on,
        )  # fmt: skip
        return max(day for day in steps if day is not None)


class Refusal(StrEnum):
    NOT_FROM_THIS_STATE = "not-from-this-state"
    MADE_ALREADY = "made-already"  # with another content
    IN_THE_FUTURE = "in-the-future"
    BEFORE_THE_LAST_STEP = "before-the-last-step"
    OUTSIDE_THE_SCHOOL_YEAR = "outside-the-school-year"


class Refused(ValueError):
    """The step may not be taken; ``why`` is a code."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(why)
        self.why = why


def check_offer(offered_on: date, year: SchoolYear, today: date) -> None:
    """Raise Refused unless a measure of a year's catalogue can have been offered on a day.

    A place is often offered before the year begins, but not earlier than in the school year before.
    """
    if offered_on > today:
        raise Refused(Refusal.IN_THE_FUTURE)
    if not SchoolYear(year.first - 1).first_day <= offered_on <= year.last_day:
        raise Refused(Refusal.OUTSIDE_THE_SCHOOL_YEAR)


def take(measure: Measure, step: Step, *, place_free: bool, year: SchoolYear, today: date) -> Measure:
    """Return the measure after a step; the same one when that very step has been taken already.

    ``place_free`` is whether one of the catalogue's places is free, as seen under its lock. Raises Refused.
    """
    made = _made(measure, step)
    if made == step:
        return measure
    if made is not None:
        raise Refused(Refusal.MADE_ALREADY)
    if measure.state not in ALLOWED_FROM[type(step)]:
        raise Refused(Refusal.NOT_FROM_THIS_STATE)
    if step.on > today:
        raise Refused(Refusal.IN_THE_FUTURE)
    if step.on < measure.last_step_on:
        raise Refused(Refusal.BEFORE_THE_LAST_STEP)
    if isinstance(step, Start) and step.on not in year:
        raise Refused(Refusal.OUTSIDE_THE_SCHOOL_YEAR)
    return _taken(measure, step, place_free)


def _taken(measure: Measure, step: Step, place_free: bool) -> Measure:
    match step:
        case Accept(on):
            return replace(measure, state=State.ACCEPTED if place_free else State.WAITING, accepted_on=on)
        case Decline(on):
            return replace(measure, state=State.DECLINED, declined_on=on)
        case OfferPlace(on):
            return replace(measure, state=State.PLACE_OFFERED, place_offered_on=on)
        case TakePlace(on):
            return replace(measure, state=State.ACCEPTED, place_taken_on=on)
        case Start(on):
            return replace(measure, state=State.STARTED, started_on=on)
        case End(on, reason, after):
            return replace(measure, state=State.ENDED, ended_on=on, end_reason=reason, occupation_after=after)
        case Withdraw(on, reason):
            return replace(measure, state=State.WITHDRAWN, withdrawn_on=on, withdrawal_reason=reason)


def _made(measure: Measure, step: Step) -> Step | None:
    """Return the step of this kind that the measure has taken, if it has."""
    match step:
        case Accept():
            return Accept(measure.accepted_on) if measure.accepted_on else None
        case Decline():
            return Decline(measure.declined_on) if measure.declined_on else None
        case OfferPlace():
            return OfferPlace(measure.place_offered_on) if measure.place_offered_on else None
        case TakePlace():
            return TakePlace(measure.place_taken_on) if measure.place_taken_on else None
        case Start():
            return Start(measure.started_on) if measure.started_on else None
        case End():
            if measure.ended_on and measure.end_reason and measure.occupation_after:
                return End(measure.ended_on, measure.end_reason, measure.occupation_after)
        case Withdraw():
            if measure.withdrawn_on and measure.withdrawal_reason:
                return Withdraw(measure.withdrawn_on, measure.withdrawal_reason)
    return None


def free_places(places: int | None, kept: int) -> int | None:
    """Return how many places are free; None when there is no limit."""
    return None if places is None else max(places - kept, 0)


def next_in_line(
    waiting: Sequence[Held], *, places: int | None, kept: int, year: SchoolYear, today: date
) -> Sequence[Held]:
    """Return those of ``waiting`` (in order of acceptance) to whom a place is offered now.

    When the school year is over nobody can start any more, and no place is offered.
    """
    if today > year.last_day:
        return ()
    free = free_places(places, kept)
    return waiting if free is None else waiting[:free]
