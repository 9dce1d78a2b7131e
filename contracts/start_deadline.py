"""The month within which the search for a youth must begin (plan 4.2.2), and that it was not kept."""

from datetime import date

from pydantic import Field

from contracts.event import DistrictCode, Event

OUTREACH_JOURNEY = "outreach.journey.v1"  # the topic of where each youth stands


class StartDeadlineBreached(Event):
    """The search had not begun by its last day (plan 4.2.2: within one month). Told once an episode."""

    type = "se.uppsok.outreach.start-deadline-breached.v1"
    topic = OUTREACH_JOURNEY

    district: DistrictCode | None
    registered_on: date
    due_on: date = Field(description="The last day on which a start would have been in time")
