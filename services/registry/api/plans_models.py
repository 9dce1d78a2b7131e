"""What the routes of plans take and give."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from contracts.documentation import AnswersFor, EffortResult, Party, PlanResult
from services.registry.api.documenting import In, ShortText
from services.registry.domain.plans import Effort, FollowUp, Plan

EXAMPLE: JsonDict = {
    "goal": "Börja på folkhögskola i augusti",
    "made_on": "2026-10-05",
    "efforts": [
        {
            "id": "2f0f6f0c-6f0a-4b1a-9a39-3f0a6d6d6b01",
            "answers_for": "youth",
            "content": "Läser om kurserna och väljer två",
            "planned_start": "2026-10-05",
            "planned_end": "2026-10-23",
        },
        {
            "id": "2f0f6f0c-6f0a-4b1a-9a39-3f0a6d6d6b02",
            "answers_for": "other_party",
            "party": "ubf",
            "content": "Vägledning inför ansökan",
            "planned_start": "2026-10-26",
        },
    ],
    "follow_ups": [{"id": "2f0f6f0c-6f0a-4b1a-9a39-3f0a6d6d6b03", "due_on": "2026-11-02"}],
}


class EffortModel(In):
    """What somebody answers for. ``ended_on`` and ``result`` come together, when it is done or broken off."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID = Field(description="Yours, the same each time")
    answers_for: AnswersFor
    party: Party | None = Field(default=None, description="Which other party; for that only")
    content: ShortText
    planned_start: date
    planned_end: date | None = None
    ended_on: date | None = None
    result: EffortResult | None = None

    @model_validator(mode="after")
    def fits_together(self) -> "EffortModel":
        if (self.answers_for is AnswersFor.OTHER_PARTY) != (self.party is not None):
            raise ValueError("party is named when another party answers, and only then")
        if self.planned_end is not None and self.planned_end < self.planned_start:
            raise ValueError("planned_end is before planned_start")
        if (self.ended_on is None) != (self.result is None):
            raise ValueError("ended_on and result come together")
        return self


class FollowUpModel(In):
    model_config = ConfigDict(from_attributes=True)

    id: UUID = Field(description="Yours, the same each time")
    due_on: date
    done_on: date | None = Field(default=None, description="null: not done")


class PlanIn(In):
    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    goal: ShortText
    made_on: date
    efforts: Annotated[tuple[EffortModel, ...], Field(max_length=50)] = ()
    follow_ups: Annotated[tuple[FollowUpModel, ...], Field(max_length=100)] = ()
    confirmed: bool = Field(
        default=False,
        description="The texts have been read again after a warning, and nothing is left to take out",
    )

    @model_validator(mode="after")
    def ids_are_used_once(self) -> "PlanIn":
        parts: Sequence[Sequence[EffortModel | FollowUpModel]] = (self.efforts, self.follow_ups)
        if any(len({one.id for one in some}) < len(some) for some in parts):
            raise ValueError("an id is used twice")
        return self

    def plan(self) -> Plan:
        follow_ups = [FollowUp(one.id, one.due_on, one.done_on) for one in self.follow_ups]
        return Plan(
            goal=self.goal,
            made_on=self.made_on,
            efforts=tuple(Effort(**one.model_dump()) for one in self.efforts),
            follow_ups=tuple(sorted(follow_ups, key=lambda one: (one.due_on, one.id))),
        )


class PlanEnding(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"on": "2027-01-08", "result": "goal_reached"}]})

    on: date
    result: PlanResult


class PlanView(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "5b3a1f60-54f4-4d07-8fd5-0a51b3a6a1de", **EXAMPLE, "ended_on": None, "result": None,
                    "etag": '"1"',
                }
            ]
        }
    )  # fmt: skip

    id: UUID
    goal: str
    made_on: date
    efforts: list[EffortModel]
    follow_ups: list[FollowUpModel]
    ended_on: date | None
    result: PlanResult | None
    etag: str


class Plans(BaseModel):
    items: list[PlanView]
    next: None = None
