"""The workflow `DailyIntake` and the activities that outreach offers to it: who is begun with today.

Plan 4.2.2: the search starts within one month of registration, sooner when capacity allows.
"""

from datetime import date
from uuid import UUID

from pydantic import Field

from contracts.base import Contract

DAILY_INTAKE = "DailyIntake"
DAILY_INTAKE_SCHEDULE = "daily-intake-weekdays-0815"
PLAN_INTAKE = "plan_intake"
START_SEARCHES = "start_searches"


class IntakeRequest(Contract):
    requested_by: str = Field(default="schedule", description="Staff id, or the schedule")


class Pick(Contract):
    youth_id: UUID
    episode_id: UUID


class DistrictIntake(Contract):
    """One district's day. Counts of youths."""

    district: str | None = Field(description="Code; null: not known")
    waiting: int = Field(description="Registered, search not begun")
    capacity: int = Field(description="Searches that may begin today: coordinators times the policy's number each")
    begun: int = Field(description="Searches that have begun today already")
    picked: int = Field(description="Searches to begin now, the urgent ones among them")
    urgent: int = Field(
        description="Whose month ends before the intake after the next: never held back by capacity"
    )


class IntakePlan(Contract):
    """``picks`` in the order in which they start: who would break the deadline first, then the oldest."""

    day: date
    districts: tuple[DistrictIntake, ...] = ()
    picks: tuple[Pick, ...] = ()
    breached: int = Field(default=0, description="Found today to have waited past their last day")
    why_none: str | None = Field(default=None, description="Why there is no intake, when there is none")


class StartSearches(Contract):
    day: date
    picks: tuple[Pick, ...]


class SearchesStarted(Contract):
    started: int = 0
    without_workflow: int = Field(default=0, description="Youths whose workflow is not there: for operations")


class IntakeReport(Contract):
    """What the day's intake did."""

    day: date
    waiting: int = 0
    urgent: int = 0
    started: int = 0
    without_workflow: int = 0
    breached: int = 0
