"""The daily intake in simulated time, by the intake's own rule: whose search begins this morning."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID, uuid5

from contracts.outreach_workflow import StartSearch
from contracts.policy import OutreachPolicy
from contracts.reasons import Step
from services.outreach.domain.intake import Waiting, plan, why_no_intake
from services.outreach.planner.assumptions import Staffing
from workflows.youth_outreach import tracks
from workflows.youth_outreach.dates import start_by
from workflows.youth_outreach.state import State


class Intake:
    """Of one simulation: who has begun today already counts against the day."""

    def __init__(self, staffing: Staffing) -> None:
        self._staffing = staffing
        self._day: date | None = None
        self._begun: Counter[str | None] = Counter()

    def begins(self, state: State, day: date) -> None:
        """Note that a search has begun."""
        if day != self._day:
            self._day, self._begun = day, Counter()
        self._begun[state.district] += 1

    def picks(self, policy: OutreachPolicy, states: Iterable[State], now: datetime) -> list[UUID]:
        """Return the episodes whose search begins, in their order."""
        day = now.date()
        if why_no_intake(policy, day):
            return []
        waiting = [
            Waiting(
                youth_id=one.youth_id,
                episode_id=one.episode_id,
                district=one.district,
                registered_on=one.registered_on,
                start_by=start_by(one.policy, one.registered_on),
            )
            for one in states
            if one.step is Step.AWAITING_START and one.begun and not tracks.precede(one, now)
        ]
        begun = self._begun if day == self._day else Counter[str | None]()
        coordinators = self._staffing.coordinators or {}
        return [pick.episode_id for pick in plan(policy, day, waiting, begun, coordinators).picks]


def room_for(state: State) -> StartSearch:
    """Return the fact that there is room for a youth."""
    return StartSearch(event_id=uuid5(state.episode_id, "room"), episode_id=state.episode_id)
