"""Events of what is kept about a covered youth: measures, consents, holds. Ids, codes and dates only.

What a plan says, who follows up, and who gave a consent stay in the registry.
"""

from datetime import date
from uuid import UUID

from pydantic import Field

from contracts.documentation import (
    REGISTRY_DOCUMENTATION,
    ConsentPurpose,
    MeasureEndReason,
    MeasureOwner,
    MeasureType,
    Party,
    WithdrawalReason,
)
from contracts.event import Event, ResultCode
from contracts.occupation import OccupationCode


class MeasureEvent(Event):
    """What became of a measure that a youth was offered. ``on`` is the day of it, which may lie back."""

    topic = REGISTRY_DOCUMENTATION

    measure_id: UUID
    owner: MeasureOwner
    measure_type: MeasureType
    sub_type: ResultCode | None = Field(description="Code of the school year's catalogue; never null for 'other'")
    on: date


class MeasureOffered(MeasureEvent):
    """A youth was offered a measure, or from its waiting list the place that had become free."""

    type = "se.uppsok.registry.measure-offered.v1"

    from_waiting_list: bool


class MeasureAccepted(MeasureEvent):
    """The youth accepted. ``waiting``: on the waiting list, since no place was free."""

    type = "se.uppsok.registry.measure-accepted.v1"

    waiting: bool


class MeasureDeclined(MeasureEvent):
    """The youth declined the measure, or the place offered from the waiting list."""

    type = "se.uppsok.registry.measure-declined.v1"


class MeasureStarted(MeasureEvent):
    """The measure started."""

    type = "se.uppsok.registry.measure-started.v1"

    occupation_before: OccupationCode


class MeasureEnded(MeasureEvent):
    """A measure that had started ended."""

    type = "se.uppsok.registry.measure-ended.v1"

    reason: MeasureEndReason
    occupation_before: OccupationCode
    occupation_after: OccupationCode


class MeasureWithdrawn(MeasureEvent):
    """A measure that had not started is not in question any more, though the youth did not decline it."""

    type = "se.uppsok.registry.measure-withdrawn.v1"

    reason: WithdrawalReason


class ConsentEvent(Event):
    """A consent to share what we know with a party, for one purpose."""

    topic = REGISTRY_DOCUMENTATION

    consent_id: UUID
    party: Party
    purpose: ConsentPurpose


class ConsentGiven(ConsentEvent):
    """A consent was given."""

    type = "se.uppsok.registry.consent-given.v1"


class ConsentWithdrawn(ConsentEvent):
    """A consent was withdrawn, which holds at once."""

    type = "se.uppsok.registry.consent-withdrawn.v1"


class HoldPlaced(Event):
    """Outreach is to wait (avvakta). Comes again, with the same hold and a later day, when extended."""

    type = "se.uppsok.registry.hold-placed.v1"
    topic = REGISTRY_DOCUMENTATION

    hold_id: UUID
    until: date = Field(description="The last day of the hold. No further event tells that it has passed")


class HoldEnded(Event):
    """A hold ended before its last day, at once: outreach goes on."""

    type = "se.uppsok.registry.hold-ended.v1"
    topic = REGISTRY_DOCUMENTATION

    hold_id: UUID
    until: date = Field(description="The last day that it would have had")
