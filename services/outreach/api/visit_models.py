"""What the API answers about visits. Names and addresses are not here: notifications prints the list for staff."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from services.outreach.api.models import CivilTime, View

SLOT: JsonDict = {
    "starts_at": "2026-10-12T13:00:00+02:00",
    "ends_at": "2026-10-12T14:00:00+02:00",
    "staff": ["s-1007", "s-1042"],
    "free": ["s-1007", "s-1042", "s-1055"],
}
VISIT: JsonDict = {
    "visit_id": "6d1f3c1e-2f53-4a5e-9c0a-0d9f6f1f5a11",
    "youth_id": "0b8a3f0e-7c55-4f0b-8f6a-5f2c3d1e9b42",
    "district": "farsta",
    "attempt": 1,
    "staff": ["s-1007", "s-1042"],
    "starts_at": "2026-10-12T13:00:00+02:00",
    "ends_at": "2026-10-12T14:00:00+02:00",
    "state": "booked",
    "checked_in_at": None,
    "check_out_by": None,
    "checked_out_at": None,
    "alarm_id": None,
    "missed_alarm_id": None,
}


class Slot(BaseModel):
    model_config = ConfigDict(json_schema_extra={"example": SLOT})

    starts_at: CivilTime
    ends_at: CivilTime
    staff: tuple[str, str] = Field(description="The two who are proposed (staff ids)")
    free: tuple[str, ...] = Field(description="All who could go at that time")


class Slots(BaseModel):
    model_config = ConfigDict(json_schema_extra={"example": {"items": [SLOT], "next": None}})

    items: list[Slot]
    next: CivilTime | None = Field(description="Give it as `after` for the slots that follow; null: no more")


class Visit(View):
    model_config = ConfigDict(json_schema_extra={"example": VISIT})

    visit_id: UUID = Field(validation_alias="task_id", description="The id of its task as well")
    youth_id: UUID
    district: str | None
    attempt: int
    staff: tuple[str, str]
    starts_at: CivilTime
    ends_at: CivilTime
    state: str = Field(description="booked, done, called_off, or cancelled (the youth was reached before)")
    checked_in_at: CivilTime | None
    check_out_by: CivilTime | None = Field(description="Not checked out by then: alarm")
    checked_out_at: CivilTime | None
    alarm_id: UUID | None = Field(description="The task of the alarm that the pair did not check out")
    missed_alarm_id: UUID | None = Field(description="The task of the alarm that nobody had checked in")


class DayList(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={"example": {"date": "2026-10-12", "staff": ["s-1007", "s-1042"], "items": [VISIT]}}
    )

    date: date
    staff: tuple[str, ...]
    items: list[Visit] = Field(description="In the order of the times on the door cards")
