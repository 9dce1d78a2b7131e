"""How simulated youths and staff behave: pure functions of the seed, the youth and the occasion.

Nothing depends on timing or on the order in which youths come: a draw is a hash of (seed, the youth's
stable key, what is drawn, how many times it was drawn for this youth before). So the same seed gives
nearly the same funnel, whatever the machine's speed. The shares are plausible, not measured.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum, auto
from hashlib import sha256
from typing import TypeVar

from contracts.messages import MessageKind
from contracts.reasons import ReachedBy
from contracts.tasks import (
    CallOutcome,
    CallResult,
    FollowUpOutcome,
    FollowUpResult,
    HomeVisitOutcome,
    HomeVisitResult,
    MappingOutcome,
    MappingResult,
    Occupation,
    OfficeMeetingOutcome,
    ProtectedOutcome,
    StartStockholmOutcome,
    StudiebevisContactOutcome,
)

T = TypeVar("T")

# Of those newly arrived whom Start Stockholm knows of; of those with a studiebevis who are called in June.
APPLIED_TO_SCHOOL, REACHED_IN_JUNE = 0.4, 0.6

# Nearly one in five does not answer, nor the telephone: of 1 948 sought in 2016, 1 616 were reached.
ELUSIVE = 0.18
# How another youth answers a letter (with the SMS beside it), if at all.
ANSWERS: Mapping[MessageKind, Mapping[ReachedBy, float]] = {
    MessageKind.FIRST_LETTER: {
        ReachedBy.SMS_ANSWER: 0.18,
        ReachedBy.ANSWER_PAGE: 0.14,
        ReachedBy.INBOUND_CALL: 0.05,
        ReachedBy.DROP_IN: 0.02,
        ReachedBy.GUARDIAN: 0.03,
    },
    MessageKind.TRIED_LETTER: {
        ReachedBy.SMS_ANSWER: 0.12,
        ReachedBy.ANSWER_PAGE: 0.10,
        ReachedBy.INBOUND_CALL: 0.07,
        ReachedBy.GUARDIAN: 0.03,
    },
    MessageKind.DOOR_CARD: {ReachedBy.ANSWER_PAGE: 0.05, ReachedBy.INBOUND_CALL: 0.10, ReachedBy.GUARDIAN: 0.05},
    MessageKind.RECONTACT_LETTER: {ReachedBy.ANSWER_PAGE: 0.20, ReachedBy.INBOUND_CALL: 0.08},
}
CALLS: Mapping[CallResult, float] = {
    CallResult.REACHED: 0.30,
    CallResult.DECLINED: 0.05,
    CallResult.NO_ANSWER: 0.34,
    CallResult.VOICEMAIL: 0.15,
    CallResult.CALL_BACK: 0.05,
    CallResult.THIRD_PARTY: 0.04,
    CallResult.LANGUAGE_NEEDED: 0.03,
    CallResult.WRONG_NUMBER: 0.04,
}
CALLS_OF_ELUSIVE: Mapping[CallResult, float] = {CallResult.NO_ANSWER: 0.6, CallResult.VOICEMAIL: 0.4}
HOME_VISITS: Mapping[HomeVisitResult, float] = {
    HomeVisitResult.REACHED: 0.38,
    HomeVisitResult.GUARDIAN_REACHED: 0.15,
    HomeVisitResult.NOBODY_HOME: 0.26,
    HomeVisitResult.UNSAFE: 0.06,
    HomeVisitResult.DOES_NOT_LIVE_THERE: 0.10,
    HomeVisitResult.CALLED_OFF: 0.05,
}
HOME_VISITS_OF_ELUSIVE: Mapping[HomeVisitResult, float] = {
    HomeVisitResult.REACHED: 0.15,
    HomeVisitResult.GUARDIAN_REACHED: 0.10,
    HomeVisitResult.NOBODY_HOME: 0.44,
    HomeVisitResult.UNSAFE: 0.06,
    HomeVisitResult.DOES_NOT_LIVE_THERE: 0.20,
    HomeVisitResult.CALLED_OFF: 0.05,
}
MAPPINGS: Mapping[MappingResult, float] = {
    MappingResult.WANTS_SUPPORT: 0.42,
    MappingResult.OCCUPIED: 0.38,
    MappingResult.DECLINES: 0.15,
    MappingResult.NO_CONVERSATION: 0.05,
}
OCCUPATIONS: Mapping[Occupation, float] = {Occupation.WORK: 6, Occupation.STUDIES: 3, Occupation.OTHER: 1}
FOLLOW_UP_ENDS = 0.4
NUMBER_FOUND = 0.6  # another one of the register's, after a wrong number
# Of those without a number: staff find one and enter it; who is under 18 has guardians.
NUMBER_ENTERED, GUARDIANS_FOUND = 0.2, 0.5
CONCERN = 0.04  # at a conversation or a visit
CONSENTS_TO_HANDOVER = 0.8  # asked at the conversation: may a new municipality know
# Social services ask that outreach waits: of those who are sought, at each of the days on which they do.
HOLD_ASKED, HOLD_DAYS, HOLD_ENDED_EARLY = 0.08, (15, 40), 0.5
ABSENT_BEFORE_DROPOUT, ABSENT_AND_STAYS = 0.4, 0.02
COMES_TO_OFFICE = 0.3
PROTECTED_REACHED = 0.5
ANSWERS_WITHIN_DAYS = (1, 8)
MAPPING_AFTER_DAYS = (1, 4)
VISIT_AFTER_DAYS = (2, 8)


def fraction(*parts: object) -> float:
    """Return a number in [0, 1), evenly spread, the same for the same parts."""
    digest = sha256(":".join(str(part) for part in parts).encode()).digest()
    return int.from_bytes(digest[:6]) / 2**48


def pick(at: float, shares: Mapping[T, float]) -> T | None:
    """Return the item whose share ``at`` (in [0, 1)) falls into; None beyond the last."""
    for item, share in shares.items():
        if at < share:
            return item
        at -= share
    return None


class Found(Enum):
    """What a search for contact details comes to."""

    NOTHING = auto()
    ANOTHER = auto()  # the register had it already
    ENTERED = auto()  # a number that the register did not have
    GUARDIANS = auto()


@dataclass(frozen=True, slots=True)
class Answer:
    """A youth answers: by which way, and how long after the letter (civil)."""

    way: ReachedBy
    after: timedelta


class Behaviour:
    """Draws for one seed. Counts how many times something was drawn for a youth."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._drawn: Counter[tuple[int, str]] = Counter()

    def elusive(self, key: int) -> bool:
        """Return whether a youth neither answers nor picks up the telephone, whatever is sent."""
        return fraction(self._seed, key, "elusive") < ELUSIVE

    def _draw(self, key: int, what: str) -> float:
        self._drawn[key, what] += 1
        return fraction(self._seed, key, what, self._drawn[key, what])

    def _days(self, key: int, what: str, days: tuple[int, int]) -> timedelta:
        first, last = days
        return timedelta(days=first + self._draw(key, what) * (last - first))

    def answer(self, key: int, kind: MessageKind, *, has_phone: bool) -> Answer | None:
        """Return how a youth answers a letter; None: not at all. Who has no phone cannot by SMS."""
        if kind not in ANSWERS:
            return None
        way = pick(self._draw(key, kind), ANSWERS[kind])
        if way is None or self.elusive(key) or (way is ReachedBy.SMS_ANSWER and not has_phone):
            return None
        return Answer(way, self._days(key, f"{kind} after", ANSWERS_WITHIN_DAYS))

    def call(self, key: int, *, has_phone: bool, back_at: datetime) -> CallOutcome:
        """Return what a call comes to; without a telephone number there is nobody to ring.

        ``back_at`` is when whoever puts it off wants to be called.
        """
        if not has_phone:
            return CallOutcome(result=CallResult.WRONG_NUMBER)
        shares = CALLS_OF_ELUSIVE if self.elusive(key) else CALLS
        result = pick(self._draw(key, "call"), shares) or CallResult.NO_ANSWER
        return CallOutcome(result=result, call_back_at=back_at if result is CallResult.CALL_BACK else None)

    def find_details(self, key: int, *, has_phone: bool, minor: bool) -> Found:
        """Return what staff find: another number of the register's, for who has one; or else one to enter."""
        at = self._draw(key, "number")
        if has_phone:
            return Found.ANOTHER if at < NUMBER_FOUND else Found.NOTHING
        shares = {Found.ENTERED: NUMBER_ENTERED, Found.GUARDIANS: GUARDIANS_FOUND if minor else 0.0}
        return pick(at, shares) or Found.NOTHING

    def office_meeting(self, key: int) -> OfficeMeetingOutcome:
        comes = self._draw(key, "office") < COMES_TO_OFFICE
        return OfficeMeetingOutcome(result="reached" if comes else "did_not_come")

    def start_stockholm(self, key: int) -> StartStockholmOutcome:
        applied = self._draw(key, "start stockholm") < APPLIED_TO_SCHOOL
        return StartStockholmOutcome(result="applied" if applied else "not_applied")

    def studiebevis_contact(self, key: int) -> StudiebevisContactOutcome:
        reached = self._draw(key, "studiebevis") < REACHED_IN_JUNE
        return StudiebevisContactOutcome(result="reached" if reached else "not_reached")

    def visit_after(self, key: int) -> timedelta:
        """Return how long after the policy's lead time a home visit is booked."""
        return self._days(key, "visit after", VISIT_AFTER_DAYS)

    def home_visit(self, key: int) -> HomeVisitOutcome:
        shares = HOME_VISITS_OF_ELUSIVE if self.elusive(key) else HOME_VISITS
        return HomeVisitOutcome(result=pick(self._draw(key, "visit"), shares) or HomeVisitResult.NOBODY_HOME)

    def mapping_after(self, key: int, attempt: int) -> timedelta:
        """Return how long after the task was opened the conversation takes place; asking does not count."""
        first, last = MAPPING_AFTER_DAYS
        return timedelta(days=first + fraction(self._seed, key, "talk", attempt) * (last - first))

    def mapping(self, key: int) -> MappingOutcome:
        result = pick(self._draw(key, "mapping"), MAPPINGS) or MappingResult.DECLINES
        occupation = Occupation.NONE if result is MappingResult.WANTS_SUPPORT else Occupation.UNKNOWN
        if result is MappingResult.OCCUPIED:
            occupation = self._occupation(key)
        return MappingOutcome(result=result, occupation=occupation)

    def follow_up(self, key: int) -> FollowUpOutcome:
        if self._draw(key, "follow-up") >= FOLLOW_UP_ENDS:
            return FollowUpOutcome(result=FollowUpResult.CONTINUES)
        return FollowUpOutcome(result=FollowUpResult.ENDED, occupation=self._occupation(key))

    def protected(self, key: int) -> ProtectedOutcome:
        reached = self._draw(key, "protected") < PROTECTED_REACHED
        return ProtectedOutcome(result="reached" if reached else "not_reached")

    def raises_concern(self, key: int) -> bool:
        """Return whether a conversation or visit makes staff suspect that the youth fares badly."""
        return self._draw(key, "concern") < CONCERN

    def consents_to_handover(self, key: int) -> bool:
        return self._draw(key, "consent") < CONSENTS_TO_HANDOVER

    def hold(self, key: int, asked_on: date) -> tuple[int, bool] | None:
        """Return for how many days social services ask outreach to wait, and whether it is ended in the middle."""
        if fraction(self._seed, key, "hold", asked_on) >= HOLD_ASKED:
            return None
        first, last = HOLD_DAYS
        days = first + int(fraction(self._seed, key, "hold days", asked_on) * (last - first))
        return days, fraction(self._seed, key, "hold ends", asked_on) < HOLD_ENDED_EARLY

    def is_absent(self, key: int, *, leaves: bool) -> bool:
        """Return whether a pupil's school tells of considerable absence, before a dropout or without one."""
        return fraction(self._seed, key, "absent") < (ABSENT_BEFORE_DROPOUT if leaves else ABSENT_AND_STAYS)

    def _occupation(self, key: int) -> Occupation:
        whole = sum(OCCUPATIONS.values())
        return pick(self._draw(key, "occupation") * whole, OCCUPATIONS) or Occupation.OTHER
