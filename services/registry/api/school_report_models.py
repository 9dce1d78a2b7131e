"""What the API of school reports takes and gives. Person numbers in the examples are made up."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from contracts.school_reports import SchoolReportKind
from services.registry.domain.report_dedupe import Outcome
from services.registry.domain.school_reports import Channel, Reporter, Withdrawal

MOST_ROWS = 500
DROPOUT = {
    "person_number": "200703012393",
    "school_unit": "12345678",
    "kind": "dropout",
    "event_date": "2026-10-02",
    "reported_by": "study_counsellor",
}
ABSENCE = {
    "person_number": "20070301-2393",
    "school_unit": "12345678",
    "kind": "invalid_absence",
    "absence_from": "2026-09-01",
    "event_date": "2026-09-30",
    "absence_percent": 35,
    "reported_by": "principal",
}
CORRECTION = {**DROPOUT, "event_date": "2026-09-25", "corrects": "0d5bb8b4-3f0e-4f43-9f9f-0a52b9f6a3c1"}
FROM_THE_MAILBOX = {**DROPOUT, "received_on": "2026-10-09"}


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class SchoolReportIn(_In):
    """One report. There is no field for words: nothing about the pupil but what the law asks for."""

    person_number: str = Field(max_length=13, description="12 digits, a hyphen allowed; no interim number")
    school_unit: str = Field(pattern=r"^[0-9]{8}$", description="Skolverket's code of the school unit")
    kind: SchoolReportKind
    event_date: date = Field(
        description="First day of who started; last day of who left; last day of the period of absence"
    )
    reported_by: Reporter = Field(description="Function at the school, never a name")
    absence_from: date | None = Field(default=None, description="Absence only: first day of the period")
    absence_percent: int | None = Field(
        default=None, description="Absence only: share of the offered time missed without a valid reason, 1-100"
    )
    received_on: date | None = Field(
        default=None, description="Staff only: when the mail came; today when left out"
    )
    corrects: UUID | None = Field(
        default=None, description="The report that this one puts right: same pupil, school and kind"
    )


class SchoolReportTaken(BaseModel):
    """``matched`` is told to city-wide staff only: whether the register has the person."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "report_id": "0d5bb8b4-3f0e-4f43-9f9f-0a52b9f6a3c1",
                    "outcome": "recorded",
                    "times_told": 1,
                    "matched": None,
                }
            ]
        }
    )

    report_id: UUID
    outcome: Outcome
    times_told: int = Field(description="How often the same has been told, this time included")
    matched: bool | None = None


class Batch(_In):
    """Each row is a report as in `POST /school-reports`. A row that is not right is refused alone."""

    reports: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=MOST_ROWS)]


class RowFault(BaseModel):
    field: str
    reason: str = Field(description="A code; never the value")
    report_id: UUID | None = Field(default=None, description="The report that the row contradicts")


class BatchRow(BaseModel):
    row: int = Field(description="From 1, in the order sent")
    taken: SchoolReportTaken | None = None
    faults: list[RowFault] = []


class BatchTaken(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "recorded": 1,
                    "repeated": 0,
                    "corrected": 0,
                    "refused": 1,
                    "rows": [
                        {
                            "row": 1,
                            "taken": {
                                "report_id": "0d5bb8b4-3f0e-4f43-9f9f-0a52b9f6a3c1",
                                "outcome": "recorded",
                                "times_told": 1,
                                "matched": None,
                            },
                            "faults": [],
                        },
                        {
                            "row": 2,
                            "taken": None,
                            "faults": [{"field": "person_number", "reason": "check_digit", "report_id": None}],
                        },
                    ],
                }
            ]
        }
    )

    recorded: int
    repeated: int
    corrected: int
    refused: int
    rows: list[BatchRow]


class WithdrawalIn(_In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"why": "wrong_person"}]})

    why: Withdrawal


class SchoolReportView(BaseModel):
    """A report that we have. Of a protected identity all but the ids is null."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "report_id": "0d5bb8b4-3f0e-4f43-9f9f-0a52b9f6a3c1",
                    "youth_id": "5f9c7d2e-8a44-4f0a-b7a6-1f0f4b0f9a10",
                    "protected": False,
                    "person_number": None,
                    "school_unit": "12345678",
                    "kind": "dropout",
                    "event_date": "2026-10-02",
                    "received_on": "2026-10-09",
                    "first_told_on": "2026-10-09",
                    "days_late": 7,
                    "absence_from": None,
                    "absence_percent": None,
                    "reported_by": "study_counsellor",
                    "channel": "mailbox",
                    "times_told": 2,
                    "recorded_at": "2026-10-12T09:14:00+02:00",
                    "corrected_by": None,
                    "withdrawn_on": None,
                }
            ]
        }
    )

    report_id: UUID
    youth_id: UUID | None = Field(description="null: nobody of ours has the number, the report waits")
    protected: bool
    person_number: str | None = Field(
        default=None, description="Of a report that waits, for the register superuser only"
    )
    school_unit: str | None = None
    kind: SchoolReportKind | None = None
    event_date: date | None = None
    received_on: date | None = None
    first_told_on: date | None = Field(default=None, description="Of this report and those that it puts right")
    days_late: int | None = Field(default=None, description="From the event to first_told_on; 0 when told ahead")
    absence_from: date | None = None
    absence_percent: int | None = None
    reported_by: Reporter | None = None
    channel: Channel | None = None
    times_told: int | None = None
    recorded_at: datetime | None = None
    corrected_by: UUID | None = None
    withdrawn_on: date | None = None


class SchoolReports(BaseModel):
    items: list[SchoolReportView]
    next: str | None = None


class SchoolLateness(BaseModel):
    """Civil days from the event to the day on which the school first told of it; told ahead counts as 0."""

    school_unit: str
    reports: int
    median_days: int = Field(description="Half of the reports, or more, came within so many days")
    p90_days: int = Field(description="Nine in ten, or more, came within so many days")
    max_days: int
    late: int = Field(description="Reports that came later than late_after_days")


class Lateness(BaseModel):
    model_config = ConfigDict(
        populate_by_name=True,
        json_schema_extra={
            "examples": [
                {
                    "from": "2026-07-01",
                    "to": "2026-12-31",
                    "late_after_days": 14,
                    "items": [
                        {
                            "school_unit": "12345678",
                            "reports": 23,
                            "median_days": 9,
                            "p90_days": 31,
                            "max_days": 74,
                            "late": 6,
                        }
                    ],
                    "next": None,
                }
            ]
        },
    )

    first: date = Field(alias="from")
    last: date = Field(alias="to")
    late_after_days: int
    items: list[SchoolLateness]
    next: str | None = None
