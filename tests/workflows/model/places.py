"""Where a course begins: youths who have come to a step of the plan by its pure rules, without a server.

A workflow begun with such a state is as a run after continue-as-new. So the server's time goes to what is drawn,
and every step is come to equally often.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import cache
from typing import Any
from uuid import UUID, uuid5

from contracts.messages import AnswerChannel
from contracts.outreach_activities import Progress
from contracts.outreach_facts import HoldSet
from contracts.outreach_workflow import Answered, Changed, OutreachStart
from contracts.reasons import SpecialTrack, Step
from contracts.tasks import (
    CallOutcome,
    CallResult,
    HomeVisitOutcome,
    HomeVisitResult,
    MappingOutcome,
    MappingResult,
)
from tests.unit.workflows.simulation import Simulation
from tests.workflows.samples import REGISTERED, policy, start
from workflows.youth_outreach.facts import Fact
from workflows.youth_outreach.state import State

# More of all than Stockholm's, so that more can happen.
POLICY = policy(home_visits=2, further_letters=(timedelta(days=7),))
HOLD = UUID(int=1)
_YOUTHS = UUID("6f1f6a6e-38a5-4e0b-9d0c-0a4a6f6a7f10")


class Place(Enum):
    REGISTERED = "registered"
    NEWLY_ARRIVED = "newly arrived"
    STUDIEBEVIS = "studiebevis"
    FIRST_CONTACT = "first letter sent"
    FIRST_CALL = "first call"
    SECOND_CALL = "second call"
    THIRD_CALL = "third call"
    NO_NUMBER = "no number to call"
    TRIED = "tried to reach"
    PLANNING = "visit to be planned"
    DOOR_CARD = "door card sent"
    AT_THE_DOOR = "home visit"
    WRONG_ADDRESS = "does not live there"
    UNSAFE = "not safe at home"
    MAPPING = "has answered"
    SUPPORT = "gets support"
    DECLINED = "has answered and declined"
    SOUGHT_AGAIN = "has answered and is called again"
    WATCH = "not reached and under watch"
    SECOND_ROUND = "third call of the second round"
    HELD = "held while called"
    HELD_AT_THE_DOOR = "held with a visit booked"
    PROTECTED = "protected"
    SOON_TWENTY = "soon twenty"


@dataclass(frozen=True, slots=True)
class Arrived:
    """A youth at a place. ``begin``: with what the workflow is begun; ``recorded``: what led there."""

    start: OutreachStart
    begin: OutreachStart | State
    now: datetime
    recorded: Sequence[Progress]
    told: Sequence[Fact]


@cache
def arrived(place: Place, number: int) -> Arrived:
    """Return a youth who has come to a place; the same one for the same number."""
    youth_id = uuid5(_YOUTHS, f"{number}")
    changes = {
        "youth_id": youth_id,
        "episode_id": uuid5(youth_id, "episode"),
        "event_id": uuid5(youth_id, "start"),
    }
    registered = start(**changes, policy=POLICY, **_CHANGES.get(place, {}))
    if place not in _WAYS:  # by a registration
        return Arrived(registered, registered, REGISTERED, [], [])
    youth = _Youth(registered, REGISTERED)
    _WAYS[place](youth)
    return Arrived(registered, youth.state, youth.now, youth.progress, youth.told)


class _Youth(Simulation):
    """Remembers what was told, for it may be told again."""

    def __init__(self, start: OutreachStart, now: datetime) -> None:
        super().__init__(start, now)
        self.told: list[Fact] = []

    def hears(self, fact: Fact) -> None:
        self.told.append(fact)
        super().hears(fact)

    def event(self, name: str) -> dict[str, UUID]:
        return {"event_id": uuid5(self.state.youth_id, name), "episode_id": self.state.episode_id}


def _to(step: Step, *calls: CallResult) -> Callable[[_Youth], None]:
    """Never answers until a step, and is there when something can be done; then calls come to this."""

    def way(youth: _Youth) -> None:
        youth.never_answers_until(step)
        if step not in (Step.DOOR_CARD, Step.FIRST_CONTACT, Step.TRIED_TO_REACH, Step.WATCH):
            youth.time_is_up()
        for result in calls:
            youth.completes(CallOutcome(result=result))
            if youth.state.step is Step.CALLING:
                youth.time_is_up()

    return way


def _planning(youth: _Youth) -> None:
    _to(Step.TRIED_TO_REACH)(youth)
    while not youth.state.tasks:
        youth.time_is_up()


def _visited(result: HomeVisitResult) -> Callable[[_Youth], None]:
    def way(youth: _Youth) -> None:
        _to(Step.HOME_VISIT)(youth)
        youth.completes(HomeVisitOutcome(result=result))

    return way


def _answered(youth: _Youth) -> None:
    youth.never_answers_until(Step.FIRST_CONTACT)
    answer = Answered(**youth.event("answered"), channel=AnswerChannel.SMS, answered_at=youth.now)
    youth.hears(answer)


def _talked(result: MappingResult) -> Callable[[_Youth], None]:
    def way(youth: _Youth) -> None:
        _answered(youth)
        youth.completes(MappingOutcome(result=result))

    return way


def _second_round(youth: _Youth) -> None:
    youth.never_answers_until(Step.WATCH)
    _to(Step.CALLING, CallResult.VOICEMAIL, CallResult.NO_ANSWER)(youth)


def _held(step: Step) -> Callable[[_Youth], None]:
    def way(youth: _Youth) -> None:
        _to(step)(youth)
        until = youth.now.date() + timedelta(days=20)
        youth.hears(HoldSet(**youth.event("held"), hold_id=HOLD, until=until))

    return way


def _protected(youth: _Youth) -> None:
    _to(Step.CALLING)(youth)
    last = youth.state.last_covered_day
    youth.hears(Changed(**youth.event("protected"), district=None, protected=True, last_covered_day=last))


_CHANGES: dict[Place, dict[str, Any]] = {
    Place.NEWLY_ARRIVED: {"tracks": (SpecialTrack.NEWLY_ARRIVED,)},
    Place.STUDIEBEVIS: {"tracks": (SpecialTrack.STUDIEBEVIS,)},
    Place.SOON_TWENTY: {"last_covered_day": REGISTERED.date() + timedelta(days=50)},
}
_WAYS: dict[Place, Callable[[_Youth], None]] = {
    Place.FIRST_CONTACT: _to(Step.FIRST_CONTACT),
    Place.FIRST_CALL: _to(Step.CALLING),
    Place.SECOND_CALL: _to(Step.CALLING, CallResult.VOICEMAIL),
    Place.THIRD_CALL: _to(Step.CALLING, CallResult.NO_ANSWER, CallResult.VOICEMAIL),
    Place.NO_NUMBER: _to(Step.CALLING, CallResult.NO_ANSWER, CallResult.WRONG_NUMBER),
    Place.TRIED: _to(Step.TRIED_TO_REACH),
    Place.PLANNING: _planning,
    Place.DOOR_CARD: _to(Step.DOOR_CARD),
    Place.AT_THE_DOOR: _to(Step.HOME_VISIT),
    Place.WRONG_ADDRESS: _visited(HomeVisitResult.DOES_NOT_LIVE_THERE),
    Place.UNSAFE: _visited(HomeVisitResult.UNSAFE),
    Place.MAPPING: _answered,
    Place.SUPPORT: _talked(MappingResult.WANTS_SUPPORT),
    Place.DECLINED: _talked(MappingResult.DECLINES),
    Place.SOUGHT_AGAIN: _talked(MappingResult.NO_CONVERSATION),
    Place.WATCH: _to(Step.WATCH),
    Place.SECOND_ROUND: _second_round,
    Place.HELD: _held(Step.CALLING),
    Place.HELD_AT_THE_DOOR: _held(Step.DOOR_CARD),
    Place.PROTECTED: _protected,
    Place.SOON_TWENTY: _to(Step.CALLING),
}
