"""What the API takes and gives about manual entries."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic.config import JsonDict

from contracts.occupation import KnowledgeSource
from services.registry.api.documenting import In, ShortText
from services.registry.db.manual_entries import FACT
from services.registry.domain.facts import EnrolmentKind, ExamKind
from services.registry.domain.manual import LONGEST_AHEAD, ManualFact, ManualReason, ManualWithdrawal

SchoolUnit = Annotated[str, StringConstraints(pattern=r"^[0-9]{8}$")]
# Codes, of the national plan or the school's own: no place for a sentence.
Programme = Annotated[str, StringConstraints(pattern=r"^[A-ZÅÄÖa-zåäö0-9]{1,12}$")]
Municipality = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")]

EXAMPLE: JsonDict = {
    "fact": {
        "fact": "enrolled",
        "school_unit": None,
        "kind": "equivalent",
        "programme": None,
        "starts_on": "2026-08-24",
        "ends_on": "2027-06-11",
    },
    "reason": "school_not_in_registers",
    "told_by": "school",
    "known_on": "2026-10-05",
    "note": "Skolan ligger i Danmark",
}


class Enrolled(In):
    """Goes to a school. With a last day: of a school that no register knows nobody else would tell the end."""

    fact: Literal[ManualFact.ENROLLED]
    school_unit: SchoolUnit | None = Field(default=None, description="Skolverket's code, as far as known")
    kind: Literal[
        EnrolmentKind.NATIONAL,
        EnrolmentKind.INTRODUCTION,
        EnrolmentKind.ANPASSAD,
        EnrolmentKind.EQUIVALENT,
        EnrolmentKind.COMPULSORY,
    ] = Field(description="Other studies do not touch the duty: they are an occupation")
    programme: Programme | None = None
    starts_on: date
    ends_on: date = Field(description="The last day, as far as is known: ask again then")


class NotEnrolled(In):
    """What registers have of a school is wrong, or over."""

    fact: Literal[ManualFact.NOT_ENROLLED]
    school_unit: SchoolUnit
    ends_on: date | None = Field(default=None, description="The last day at the school; null: never attended")


class ExamShown(In):
    fact: Literal[ManualFact.EXAM]
    kind: ExamKind
    on_day: date = Field(description="The day of the exam")


class MovedAway(In):
    """Does not live here any more. Decides nothing (29 kap. 6 § skollagen); the superuser looks into it."""

    fact: Literal[ManualFact.MOVED_AWAY]
    on_day: date = Field(description="The day of the move")
    municipality: Municipality | None = Field(default=None, description="null: abroad, or not known")


Fact = Annotated[Enrolled | NotEnrolled | ExamShown | MovedAway, Field(discriminator="fact")]


class ManualEntryIn(In):
    """Something that staff know and no source tells. The note is checked for what does not belong in it."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    fact: Fact
    reason: ManualReason
    told_by: KnowledgeSource
    known_on: date = Field(description="The day on which you got to know")
    note: ShortText | None = None
    confirmed: bool = Field(default=False, description="The note has been looked at again after a warning")

    @model_validator(mode="after")
    def in_order(self) -> "ManualEntryIn":
        match self.fact:
            case Enrolled(starts_on=starts_on, ends_on=ends_on):
                if ends_on < starts_on:
                    raise ValueError("ends_on is before starts_on")
                if ends_on - self.known_on > LONGEST_AHEAD:
                    raise ValueError("ends_on is more than a school year after known_on")
            case NotEnrolled(ends_on=day) | ExamShown(on_day=day) | MovedAway(on_day=day):
                if day is not None and day > self.known_on:
                    raise ValueError("what has not happened by known_on is not known")
        return self

    def values(self) -> dict[str, Any]:
        """Return the columns of the entry."""
        told = self.fact.model_dump()
        own = {"reason": self.reason, "told_by": self.told_by, "known_on": self.known_on, "note": self.note}
        return {name: told.get(name) for name in FACT} | own


class ManualWithdrawalIn(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "register_tells"}]})

    reason: ManualWithdrawal = Field(description="Not for what merely is over: that gets another `ends_on`")


class Decided(BaseModel):
    """How it is with the youth by all that is known now."""

    covered: bool = Field(description="The duty holds today")
    begins_in_next_run: bool = Field(description="It does, and the next run registers the youth")


class ManualEntry(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **EXAMPLE,
                    "id": "0b0f5ee4-6a52-4ab4-a0a2-2d3c3f0d3a55",
                    "recorded_at": "2026-10-05T10:20:00+02:00",
                    "withdrawn_at": None,
                    "withdrawn_reason": None,
                    "etag": '"1"',
                    "decided": {"covered": False, "begins_in_next_run": False},
                }
            ]
        }
    )

    id: UUID
    fact: Fact
    reason: ManualReason
    told_by: KnowledgeSource
    known_on: date
    note: str | None
    recorded_at: datetime
    withdrawn_at: datetime | None
    withdrawn_reason: ManualWithdrawal | None
    etag: str = Field(description="For If-Match")
    decided: Decided | None = Field(default=None, description="Of one entry; null in lists")


class ManualEntries(BaseModel):
    items: list[ManualEntry]
    next: None = None
