"""Holds (avvakta): outreach waits at a party's request, and never without a consent that holds. Pure."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from chassis.clock import STOCKHOLM
from contracts.documentation import ConsentPurpose, HoldEndReason
from services.registry.domain.consents import Consent


class State(StrEnum):
    ACTIVE = "active"
    EXPIRED = "expired"  # its last day has passed
    ENDED = "ended"  # before its last day


@dataclass(frozen=True, slots=True)
class Hold:
    """``until`` is the last day on which outreach waits."""

    placed_on: date
    until: date
    ended_at: datetime | None = None
    end_reason: HoldEndReason | None = None

    def state_at(self, at: datetime) -> State:
        """Return the state at a civil instant (aware). Nobody has to do anything for a hold to expire."""
        if self.ended_at is not None and self.ended_at <= at:
            return State.ENDED
        return State.ACTIVE if at.astimezone(STOCKHOLM).date() <= self.until else State.EXPIRED


class Refusal(StrEnum):
    NO_VALID_CONSENT = "no-valid-consent"
    OUTLIVES_CONSENT = "hold-outlives-consent"
    OUTLIVES_DUTY = "hold-outlives-duty"
    IN_THE_PAST = "in-the-past"
    NOT_ACTIVE = "hold-not-active"
    NOT_LATER = "not-later"


class Refused(ValueError):
    """The hold may not be placed or extended; ``why`` is a code."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(why)
        self.why = why


def check_until(until: date, consent: Consent, last_covered_day: date, at: datetime) -> None:
    """Raise Refused unless a hold may last until a day: the consent is for holds, holds now and until then."""
    if until < at.astimezone(STOCKHOLM).date():
        raise Refused(Refusal.IN_THE_PAST)
    # A withdrawal is never ahead, whatever the clocks of two machines say.
    withdrawn = consent.withdrawn_at is not None
    if consent.purpose is not ConsentPurpose.HOLD or withdrawn or not consent.holds_at(at):
        raise Refused(Refusal.NO_VALID_CONSENT)
    if consent.until is not None and until > consent.until:
        raise Refused(Refusal.OUTLIVES_CONSENT)
    if until > last_covered_day:
        raise Refused(Refusal.OUTLIVES_DUTY)


def check_extension(hold: Hold, until: date, at: datetime) -> None:
    """Raise Refused unless an active hold gets a later last day. To shorten it, it is ended."""
    if hold.state_at(at) is not State.ACTIVE:
        raise Refused(Refusal.NOT_ACTIVE)
    if until <= hold.until:
        raise Refused(Refusal.NOT_LATER)
