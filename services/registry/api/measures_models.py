"""What the routes of measures take and give."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from contracts.documentation import MeasureEndReason, MeasureOwner, MeasureType, WithdrawalReason
from contracts.occupation import OccupationCode
from services.registry.api.documenting import In, StaffId
from services.registry.domain.measures import State

CATALOGUE_ID = "5f4a2f0e-3c1d-4f3e-9d51-0b8f7a0a1c11"


class MeasureOffer(In):
    """A measure that a youth was offered. The last two can be corrected later, with If-Match."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "catalogue_id": CATALOGUE_ID, "offered_on": "2026-10-05", "follows_up": "anna",
                    "occupation_before": "none",
                }
            ]
        }
    )  # fmt: skip

    catalogue_id: UUID
    offered_on: date
    follows_up: StaffId = Field(description="Staff id of who answers for the follow-up")
    occupation_before: OccupationCode = OccupationCode.UNKNOWN


class MeasureStep(In):
    """The day on which it happened: not ahead, and not before the measure's last step."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"on": "2026-10-12"}]})

    on: date


class MeasureEnding(MeasureStep):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"on": "2027-01-08", "reason": "to_other_studies", "occupation_after": "folk_high_school"}
            ]
        }
    )

    reason: MeasureEndReason
    occupation_after: OccupationCode


class MeasureWithdrawal(MeasureStep):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"on": "2026-10-20", "reason": "youth_changed_mind"}]}
    )

    reason: WithdrawalReason


class MeasureView(BaseModel):
    """A measure of a youth. Each step it has taken has its day."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "0b9d2c34-0c0a-4d0e-8a53-6d3c8f1f2a77", "catalogue_id": CATALOGUE_ID,
                    "school_year": "2026/27", "owner": "ubn", "type": "school_place", "sub_type": "slussplats",
                    "name": "Slussplats", "state": "waiting", "line_position": 3, "offered_on": "2026-10-05",
                    "accepted_on": "2026-10-12", "occupation_before": "none", "follows_up": "anna", "etag": '"2"',
                }
            ]
        }
    )  # fmt: skip

    id: UUID
    catalogue_id: UUID
    school_year: str
    owner: MeasureOwner
    type: MeasureType
    sub_type: str | None
    name: str
    state: State
    line_position: int | None = Field(default=None, description="On the waiting list: 1 is next")
    offered_on: date
    accepted_on: date | None = None
    place_offered_on: date | None = Field(default=None, description="From the waiting list")
    place_taken_on: date | None = None
    started_on: date | None = None
    ended_on: date | None = None
    declined_on: date | None = None
    withdrawn_on: date | None = None
    end_reason: MeasureEndReason | None = None
    withdrawal_reason: WithdrawalReason | None = None
    occupation_before: OccupationCode
    occupation_after: OccupationCode | None = None
    follows_up: str
    etag: str = Field(description="For If-Match")


class Measures(BaseModel):
    items: list[MeasureView]
    next: None = None
