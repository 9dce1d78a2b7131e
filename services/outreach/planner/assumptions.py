"""What a forecast takes for granted: how youths answer, what staff's attempts come to, how many come and go.

Shares are of one occasion (a letter, a call, a visit). To the rest happens what is not said: no answer, nobody
home.
The defaults are plausible, not measured; `measured` puts the municipality's own history in their place.
"""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import Field, model_validator

from contracts.base import Contract
from contracts.messages import MessageKind
from contracts.tasks import CallResult, HomeVisitResult, MappingResult, Occupation, TaskKind

Share = float
ANSWERED = (
    MessageKind.FIRST_LETTER,
    MessageKind.TRIED_LETTER,
    MessageKind.DOOR_CARD,
    MessageKind.RECONTACT_LETTER,
)
# What a simulated attempt can come to, beside that nobody answers, or is home.
CALLS = tuple(result for result in CallResult if result is not CallResult.NO_ANSWER)
VISITS = tuple(result for result in HomeVisitResult if result is not HomeVisitResult.NOBODY_HOME)
# Minutes of one member of staff, with what it takes to prepare and write down.
MINUTES: Mapping[TaskKind, int] = {
    TaskKind.CALL: 15,
    TaskKind.PLAN_HOME_VISIT: 15,
    TaskKind.HOME_VISIT: 180,  # two go, with the way there
    TaskKind.MAPPING: 90,
    TaskKind.FOLLOW_UP: 45,
    TaskKind.REPORT_ADDRESS: 20,
    TaskKind.PROTECTED: 60,
    TaskKind.FIND_CONTACT_DETAILS: 20,
    TaskKind.OFFICE_MEETING: 45,
    TaskKind.START_STOCKHOLM: 10,
    TaskKind.STUDIEBEVIS_CONTACT: 30,
    TaskKind.HANDOVER: 30,
    TaskKind.PREVENTION: 45,
    TaskKind.CONCERN: 45,
    TaskKind.VISIT_ALARM: 30,  # not forecast: it is of no plan
}
OTHER_MINUTES = 30
OTHER_DAYS = 2.0


class Assumptions(Contract):
    """Shares are in [0, 1]; those of one occasion do not exceed 1 together. Days are civil days."""

    answers: dict[MessageKind, Share] = Field(
        default={
            MessageKind.FIRST_LETTER: 0.33,
            MessageKind.TRIED_LETTER: 0.22,
            MessageKind.DOOR_CARD: 0.13,
            MessageKind.RECONTACT_LETTER: 0.2,
        },
        description="Who gets in touch after a letter (with the SMS beside it), by its kind",
    )
    elusive: Share = Field(
        default=0.0,
        ge=0,
        le=1,
        description="Who answers neither letter nor telephone, whatever is sent: the shares of letters and calls "
        "are then of the others. 0: not told apart, as in shares that were measured over all",
    )
    answer_days: float = Field(default=4.5, gt=0, description="From letter to answer, on average")
    calls: tuple[dict[CallResult, Share], ...] = Field(
        default=(
            {
                CallResult.REACHED: 0.26,
                CallResult.DECLINED: 0.04,
                CallResult.VOICEMAIL: 0.23,
                CallResult.WRONG_NUMBER: 0.03,
            },
        ),
        min_length=1,
        description="By number of the attempt; later ones are as the last. The rest: no answer",
    )
    without_phone: Share = Field(
        default=0.25, ge=0, le=1, description="Of those who will come: without a telephone number in the register"
    )
    numbers_found: Share = Field(
        default=0.4, ge=0, le=1, description="A search for contact details finds a number to call"
    )
    visits: tuple[dict[HomeVisitResult, Share], ...] = Field(
        default=(
            {
                HomeVisitResult.REACHED: 0.27,
                HomeVisitResult.GUARDIAN_REACHED: 0.12,
                HomeVisitResult.DOES_NOT_LIVE_THERE: 0.15,
                HomeVisitResult.CALLED_OFF: 0.05,
            },
        ),
        min_length=1,
        description="By number of the visit. The rest: nobody home",
    )
    visits_of_elusive: dict[HomeVisitResult, Share] | None = Field(
        default=None, description="What a visit to one of them comes to; null: as to others"
    )
    mapping: dict[MappingResult, Share] = Field(
        default={
            MappingResult.WANTS_SUPPORT: 0.42,
            MappingResult.OCCUPIED: 0.38,
            MappingResult.NO_CONVERSATION: 0.05,
        },
        description="What a mapping conversation comes to. The rest: declines",
    )
    occupations: dict[Occupation, Share] = Field(
        default={Occupation.WORK: 0.6, Occupation.STUDIES: 0.3}, description="Of the occupied. The rest: other"
    )
    follow_up_ends: Share = Field(default=0.4, ge=0, le=1, description="Support ends at a follow-up")
    task_days: dict[TaskKind, float] = Field(
        default={TaskKind.CALL: 0.5, TaskKind.PLAN_HOME_VISIT: 2, TaskKind.MAPPING: 2.5, TaskKind.HOME_VISIT: 0},
        description="From when a task may be done until it is, on average, when staff have room",
    )
    visit_days: float = Field(default=5, ge=0, description="From the first possible day to the booked one")
    ends_per_year: float = Field(
        default=0.35, ge=0, description="Duties that end before twenty (school, exam, moved), per youth and year"
    )
    intake_per_week: dict[str, float] = Field(
        default={}, description="New youths per week by district code; 'none' for those without"
    )
    intake_by_month: dict[int, float] = Field(
        default={},
        description="Season: how many times that many come in a month (1 to 12); a month left out has as many",
    )

    @model_validator(mode="after")
    def whole(self) -> Self:
        for name in ("answers", "mapping", "occupations"):
            _check(name, getattr(self, name), together=name != "answers")
        for name in ("calls", "visits"):
            for shares in getattr(self, name):
                _check(name, shares, together=True)
        if self.visits_of_elusive is not None:
            _check("visits_of_elusive", self.visits_of_elusive, together=True)
        if any(not 1 <= month <= 12 or times < 0 for month, times in self.intake_by_month.items()):
            raise ValueError("intake_by_month: months are 1 to 12, and nobody comes less than no times")
        return self

    def of_call(self, attempt: int) -> dict[CallResult, Share]:
        return self.calls[min(attempt, len(self.calls)) - 1]

    def of_visit(self, attempt: int, *, elusive: bool = False) -> dict[HomeVisitResult, Share]:
        if elusive and self.visits_of_elusive is not None:
            return self.visits_of_elusive
        return self.visits[min(attempt, len(self.visits)) - 1]

    def days(self, kind: TaskKind) -> float:
        return self.task_days.get(kind, OTHER_DAYS)


def _check(name: str, shares: Mapping[Any, Share], *, together: bool) -> None:
    if any(not 0 <= share <= 1 for share in shares.values()):
        raise ValueError(f"{name}: a share is from 0 to 1")
    if together and sum(shares.values()) > 1.000001:
        raise ValueError(f"{name}: shares of one occasion exceed 1 together")


class Staffing(Contract):
    """How much work can be done. ``minutes_per_day`` of one coordinator for this work, on a working day."""

    coordinators: dict[str, float] | None = Field(
        default=None, description="Present by district code; None: there is always room"
    )
    minutes_per_day: int = Field(default=300, gt=0, le=24 * 60)

    def minutes(self, district: str) -> float:
        """Return the minutes of a district on a working day."""
        if self.coordinators is None:
            return float("inf")
        return self.coordinators.get(district, 0) * self.minutes_per_day
