"""The outreach policy: plan 4.2.2 as data, one versioned document per municipality.

A running youth keeps the version that it started with (the whole document is in the workflow's
state). Durations are civil, written as ISO 8601 (``P14D``); clock times are Stockholm's.

What a validator refuses, it refuses as a PydanticCustomError with a code of its own: coordinators are told in
Swedish what the code means (services/outreach/domain/policy_faults.py; a test asks for a sentence to each).
"""

from datetime import date, time, timedelta
from typing import Any

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from contracts.base import Contract
from contracts.reasons import WatchReason
from contracts.tasks import TaskKind

SCHEMA_ID = "https://uppsok.example/schemas/outreach-policy.json"


class HourSlot(Contract):
    """A part of the day, from ``start`` up to but not including ``end``; ``end`` 00:00 means midnight."""

    name: str
    start: time
    end: time

    @field_validator("start", "end")
    @classmethod
    def no_zone(cls, at: time) -> time:
        if at.tzinfo is not None:
            raise PydanticCustomError("clock_time_with_zone", "a clock time is Stockholm's and has no zone")
        return at

    @model_validator(mode="after")
    def not_empty(self) -> "HourSlot":
        if self.end != time(0) and self.end <= self.start:
            raise PydanticCustomError("slot_empty", "the slot must end after it starts")
        return self


class OutreachPolicy(Contract):
    version: str = Field(description="Recorded in every youth's state, e.g. stockholm-2022.1")
    municipality: str = Field(pattern=r"^\d{4}$", description="Municipality code, e.g. 0180")

    start_within_days: int = Field(default=30, ge=0, le=30, description="Plan 4.2.2: start within one month")
    start_spread_days: int = Field(
        default=20, ge=0, le=30, description="Starts are spread over this many days, by the youth's id"
    )
    answer_window: timedelta = Field(description="How long a youth has to answer the first letter and SMS")
    call_attempts: int = Field(default=3, ge=3, description="Plan 4.2.2: at least three")
    call_slots: tuple[HourSlot, ...] = Field(min_length=1, description="Parts of the day for calls")
    call_gap: timedelta = Field(description="From one attempt to the next; P1D = not on the same day")
    calls_in_distinct_slots: bool = Field(default=True, description="Plan 4.2.2: on different occasions")
    wrong_numbers: int = Field(
        default=3, ge=1, description="Calls to a wrong number (no attempts) before the calls are given up"
    )
    tried_window: timedelta = Field(description="How long to wait after 'we have tried to reach you'")
    visit_lead_time: timedelta = Field(description="From door card to visit: the post must arrive")
    visit_latest: timedelta = Field(description="A visit is booked no later than this after the lead time")
    visit_hours: HourSlot
    home_visits: int = Field(default=1, ge=1, description="Visits before the youth goes under watch")
    sending_hours: HourSlot = Field(description="Outside these hours no SMS is sent")
    working_days_only: bool = Field(default=True, description="Calls and visits on working days only")
    holidays: tuple[date, ...] = Field(default=(), description="Public and de facto holidays, as data")
    watch_intervals: dict[WatchReason, timedelta] = Field(description="Re-contact after, by reason")
    turns_20_letter_before: timedelta = Field(
        default=timedelta(days=14), description="The letter on where to turn is sent this long before the last day"
    )
    follow_up_interval: timedelta = Field(description="Between follow-ups of a youth in support")
    task_due_working_days: dict[TaskKind, int] = Field(description="Working days a task may take")
    escalation_working_days: int | None = Field(
        default=None, ge=0, description="So many working days overdue, a task goes to the coordinator; null: never"
    )

    @model_validator(mode="after")
    def complete(self) -> "OutreachPolicy":
        if self.start_spread_days > self.start_within_days:
            raise PydanticCustomError("spread_beyond_start", "start_spread_days must not exceed start_within_days")
        if missing := set(WatchReason) - set(self.watch_intervals):
            raise PydanticCustomError(
                "watch_intervals_lack", "watch_intervals lacks {missing}", {"missing": ", ".join(sorted(missing))}
            )
        if missing_kinds := set(TaskKind) - set(self.task_due_working_days):
            raise PydanticCustomError(
                "task_due_lacks",
                "task_due_working_days lacks {missing}",
                {"missing": ", ".join(sorted(missing_kinds))},
            )
        if self.calls_in_distinct_slots and len(self.call_slots) < 2:
            raise PydanticCustomError("one_slot_only", "calls_in_distinct_slots needs at least two call_slots")
        return self


def policy_schema() -> dict[str, Any]:
    """Return the JSON Schema of a policy document, as contracts/schemas/outreach-policy.json has it."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID}
    return {**schema, **OutreachPolicy.model_json_schema()}
