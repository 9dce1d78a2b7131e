"""What the API takes and gives about occupation."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from contracts.occupation import KnowledgeSource, OccupationCode
from contracts.tasks import Occupation as Category

_EXAMPLE: dict[str, JsonValue] = {
    "code": "folk_high_school",
    "starts_on": "2026-08-24",
    "ends_on": None,
    "knowledge_source": "youth",
    "known_on": "2026-09-21",
}


class OccupationIn(BaseModel):
    """What somebody says that a youth does, did or will do. Another source may say otherwise, in its own entry."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    code: OccupationCode
    starts_on: date | None = Field(default=None, description="null: not known, but no later than known_on")
    ends_on: date | None = Field(default=None, description="The last day; null: goes on, as far as is known")
    knowledge_source: KnowledgeSource = Field(description="Who told (SCB: KallKann)")
    known_on: date = Field(description="When they told it (SCB: DatumKann)")
    withdrawn_on: date | None = Field(default=None, description="Recorded in error: it counts for nothing")

    @model_validator(mode="after")
    def in_order(self) -> "OccupationIn":
        if self.ends_on is not None and self.ends_on < (self.starts_on or self.ends_on):
            raise ValueError("ends_on is before starts_on")
        return self


class Occupation(BaseModel):
    id: UUID
    code: OccupationCode
    category: Category = Field(description="As the national statistics publish it")
    starts_on: date | None
    ends_on: date | None
    knowledge_source: KnowledgeSource
    known_on: date
    withdrawn_on: date | None
    etag: str = Field(description="For If-Match")


class Occupations(BaseModel):
    """``current`` is the id of the entry that counts on the day asked for; null: nothing is known of it."""

    on: date
    current: UUID | None
    items: list[Occupation]
    next: None = None
