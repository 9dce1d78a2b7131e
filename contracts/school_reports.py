"""What schools tell the home municipality (Skollagen 15 kap. 15 §, 18 kap. 15 §), as other services hear of it."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from contracts.documentation import REGISTRY_DOCUMENTATION
from contracts.event import DistrictCode, Event


class SchoolReportKind(StrEnum):
    STARTED = "started"
    DROPOUT = "dropout"  # avbrott: left before the education was over
    MOVED_SCHOOL = "moved_school"  # left for another school
    INVALID_ABSENCE = "invalid_absence"  # betydande ogiltig frånvaro


class SchoolReportReceived(Event):
    """A school told of considerable invalid absence of a youth who is enrolled: cause to prevent a dropout."""

    type = "se.uppsok.registry.school-report-received.v1"
    topic = REGISTRY_DOCUMENTATION

    # Who is enrolled is as a rule not covered: there is no episode then.
    episode_id: UUID | None = Field(  # type: ignore[assignment]
        default=None, description="Null unless the duty holds for the youth already"
    )
    report_id: UUID
    corrects: UUID | None = Field(default=None, description="The report that this one puts right, told before")
    kind: SchoolReportKind
    event_date: date = Field(description="Last day of the period that the school tells of")
    received_on: date
    protected: bool = Field(description="Nothing automatic may follow: the special handler sees to it")
    district: DistrictCode | None = Field(description="The stadsdelsområde; null when protected or unknown")
