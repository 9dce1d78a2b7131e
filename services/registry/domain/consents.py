"""Consents (samtycken): secrecy holds between boards, and what opens it is a consent (OSL 10 kap. 1 §). Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from chassis.clock import STOCKHOLM
from contracts.documentation import ConsentPurpose, GivenBy, Party
from services.registry.domain.age import birthday

SPEAKS_FOR_THEMSELVES_AT = 16  # Skollagen 29 kap. 12 §
OF_AGE_AT = 18  # from then on there is no guardian


@dataclass(frozen=True, slots=True)
class Consent:
    """``until`` is the last day, None: until withdrawn. A withdrawal holds from its instant on."""

    party: Party
    purpose: ConsentPurpose
    given_on: date
    until: date | None = None
    withdrawn_at: datetime | None = None

    def holds_at(self, at: datetime) -> bool:
        """Return whether the consent holds at a civil instant (aware)."""
        day = at.astimezone(STOCKHOLM).date()
        if day < self.given_on or (self.until is not None and day > self.until):
            return False
        return self.withdrawn_at is None or at < self.withdrawn_at


def valid(consents: Iterable[Consent], party: Party, purpose: ConsentPurpose, at: datetime) -> bool:
    """Return whether one of ``consents`` allows ``party`` for ``purpose`` at a civil instant (aware)."""
    return any(one.party is party and one.purpose is purpose and one.holds_at(at) for one in consents)


class Refusal(StrEnum):
    YOUTH_SPEAKS = "youth-speaks-for-themselves"  # from 16 a guardian alone is not enough
    GUARDIAN_NEEDED = "guardian-needed"  # below 16 the youth alone is not enough
    NO_GUARDIAN = "no-guardian"  # from 18 there is none
    IN_THE_FUTURE = "in-the-future"


class Refused(ValueError):
    """The consent may not be recorded; ``why`` is a code."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(why)
        self.why = why


def check_given(given_by: GivenBy, given_on: date, birth_date: date, today: date) -> None:
    """Raise Refused unless those who gave a consent could do so on that day.

    The youth from 16, a guardian below; a guardian beside the youth until 18.
    """
    if given_on > today:
        raise Refused(Refusal.IN_THE_FUTURE)
    if given_on >= birthday(birth_date, OF_AGE_AT) and given_by is not GivenBy.YOUTH:
        raise Refused(Refusal.NO_GUARDIAN)
    speaks = given_on >= birthday(birth_date, SPEAKS_FOR_THEMSELVES_AT)
    if speaks and given_by is GivenBy.GUARDIAN:
        raise Refused(Refusal.YOUTH_SPEAKS)
    if not speaks and given_by is GivenBy.YOUTH:
        raise Refused(Refusal.GUARDIAN_NEEDED)
