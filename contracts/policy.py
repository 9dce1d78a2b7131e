"""The outreach policy: plan 4.2.2 as data, one versioned document per municipality.

A running youth keeps the version that it started with (the whole document is in the workflow's
state). Durations are civil, written as ISO 8601 (``P14D``); clock times are Stockholm's.

What a validator refuses, it refuses as a PydanticCustomError with a code of its own: coordinators are told in
Swedish what the code means (services/outreach/domain/policy_faults.py; a test asks for a sentence to each).
"""

from datetime import date, time, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, WithJsonSchema, field_validator, model_validator
from pydantic_core import PydanticCustomError

from contracts.base import Contract
from contracts.reasons import WatchReason
from contracts.studiebevis import StudiebevisPolicy
from contracts.tasks import TaskKind

SCHEMA_ID = "https://uppsok.example/schemas/outreach-policy.json"
# Kinds of task that came after the first policies. A document that does not name them means these.
LATER_KINDS_DUE = {
    TaskKind.FIND_CONTACT_DETAILS: 5,
    TaskKind.OFFICE_MEETING: 10,
    TaskKind.CONCERN: 0,
    TaskKind.START_STOCKHOLM: 5,
    TaskKind.STUDIEBEVIS_CONTACT: 10,
    TaskKind.HANDOVER: 10,
    TaskKind.PREVENTION: 5,
    TaskKind.VISIT_ALARM: 0,
}
LATER_REASONS = {WatchReason.APPLIED: timedelta(days=45)}


class InsteadOfVisit(StrEnum):
    """What follows when a visit at home is not safe for staff."""

    WATCH = "watch"
    OFFICE_MEETING = "office_meeting"


# JSON Schema's format "time" has an offset (RFC 3339, full-time); ours are Stockholm's and have none.
ClockTime = Annotated[
    time,
    WithJsonSchema({"type": "string", "pattern": r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?$"}),
]


class HourSlot(Contract):
    """A part of the day, from ``start`` up to but not including ``end``; ``end`` 00:00 means midnight."""

    name: str
    start: ClockTime
    end: ClockTime

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


class WavePolicy(Contract):
    """How a large mailing is spread (docs/waves.md): printer, SMS provider and phones see no herd."""

    term_from: str = Field(
        default="09-15",
        pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d)$",
        description="Month and day before which the term mailing does not begin (plan 4.2.2: 15 September)",
    )
    letters_per_minute: int = Field(default=30, ge=1, le=1_000, description="Letters to print, civil minutes")
    sms_per_minute: int = Field(default=20, ge=1, le=1_000, description="SMS to the provider, civil minutes")
    youths_per_day: int = Field(
        default=1_500, ge=1, description="Those who got it call back: what phones can take"
    )
    hours: HourSlot = Field(
        default=HourSlot(name="wave", start=time(9), end=time(16)), description="When somebody answers the phone"
    )
    not_within_days: int = Field(
        default=21, ge=0, le=365, description="Who was written to so recently is left out of the wave"
    )


class OutreachPolicy(Contract):
    version: str = Field(description="Recorded in every youth's state, e.g. stockholm-2026.1")
    municipality: str = Field(pattern=r"^\d{4}$", description="Municipality code, e.g. 0180")

    start_within_days: int = Field(default=30, ge=0, le=30, description="Plan 4.2.2: start within one month")
    start_spread_days: int = Field(
        default=20, ge=0, le=30, description="Starts are spread over this many days, by the youth's id"
    )
    intake: Literal["spread", "capacity"] = Field(
        default="spread",
        description="How searches start: by the youth's id (spread), or oldest first as staff can take them",
    )
    intake_per_coordinator: int = Field(
        default=2, ge=1, le=100, description="With intake by capacity: searches a coordinator can start a day"
    )
    coordinators_per_district: int = Field(
        default=2, ge=1, le=100, description="Taken for districts where the staff register names nobody"
    )
    answer_window: timedelta = Field(description="How long a youth has to answer the first letter and SMS")
    call_attempts: int = Field(default=3, ge=3, description="Plan 4.2.2: at least three")
    call_slots: tuple[HourSlot, ...] = Field(min_length=1, description="Parts of the day for calls")
    call_gap: timedelta = Field(description="From one attempt to the next; P1D = not on the same day")
    calls_in_distinct_slots: bool = Field(default=True, description="Plan 4.2.2: on different occasions")
    wrong_numbers: int = Field(
        default=3, ge=1, description="Calls to a wrong number (no attempts) before the calls are given up"
    )
    call_backs: int = Field(
        default=3, ge=0, description="Calls at a time that the youth asked for, in a series; more are attempts"
    )
    call_back_within: timedelta = Field(
        default=timedelta(days=14), description="A time to call back is agreed no later than this ahead"
    )
    interpreter_lead_days: int = Field(
        default=2, ge=0, description="Working days until an interpreter can be there, when a language is needed"
    )
    contact_searches: int = Field(
        default=0,
        ge=0,
        description="How often other contact details are looked for in a series of calls: without a telephone, "
        "and after wrong_numbers. 0: never, the calls are made or given up",
    )
    call_guardians_under_18: bool = Field(
        default=False, description="Guardians of a youth under 18 are called as well"
    )
    further_letters: tuple[timedelta, ...] = Field(
        default=(), description="Letters after the first 'we have tried to reach you', each so long after the last"
    )
    tried_window: timedelta = Field(description="How long to wait after 'we have tried to reach you'")
    visit_lead_time: timedelta = Field(description="From door card to visit: the post must arrive")
    visit_latest: timedelta = Field(description="A visit is booked no later than this after the lead time")
    visit_hours: HourSlot
    visit_length: timedelta = Field(
        default=timedelta(hours=1), description="How long one visit keeps two of the staff, with the way to it"
    )
    visit_check_out_within: timedelta = Field(
        default=timedelta(minutes=45), description="Checked in and not out again after this: alarm"
    )
    visit_check_in_within: timedelta | None = Field(
        default=None, description="Nobody has checked in so long after the visit's time: alarm; null: never"
    )
    visit_called_off_word: bool = Field(
        default=False, description="The youth is told when a visit on a door card is called off"
    )
    home_visits: int = Field(default=1, ge=1, description="Visits before the youth goes under watch")
    unsafe_visit: InsteadOfVisit = Field(
        default=InsteadOfVisit.WATCH, description="What follows a visit that was not safe: never another at home"
    )
    sending_hours: HourSlot = Field(description="Outside these hours no SMS is sent")
    working_days_only: bool = Field(default=True, description="Calls and visits on working days only")
    holidays: tuple[date, ...] = Field(default=(), description="Public and de facto holidays, as data")
    watch_intervals: dict[WatchReason, timedelta] = Field(description="Re-contact after, by reason")
    ask_start_stockholm: bool = Field(
        default=False, description="Of who is newly arrived, Start Stockholm is asked first (plan 4.1.4)"
    )
    studiebevis: StudiebevisPolicy | None = Field(
        default=None, description="How youths with a studiebevis are met; null: as all others"
    )
    handover_before: timedelta | None = Field(
        default=None,
        description="Who turns twenty so soon, with work under way, is offered a handover; null: no",
    )
    handover_on_move: bool = Field(
        default=False, description="Who moves, and has agreed to it, is handed over to the new municipality"
    )
    preventive_track: bool = Field(
        default=False,
        description="A school's report on who is enrolled leads to a contact before the dropout",
    )
    turns_20_letter_before: timedelta = Field(
        default=timedelta(days=14), description="The letter on where to turn is sent this long before the last day"
    )
    waves: WavePolicy = Field(default=WavePolicy(), description="How large mailings are spread")
    follow_up_interval: timedelta = Field(description="Between follow-ups of a youth in support")
    task_due_working_days: dict[TaskKind, int] = Field(description="Working days a task may take")
    timers_tell_tasks: bool = Field(
        default=False,
        description="In the Temporal UI a timer tells the task that is waited for; two events for each task",
    )
    escalation_working_days: int | None = Field(
        default=None, ge=0, description="So many working days overdue, a task goes to the coordinator; null: never"
    )

    @field_validator("task_due_working_days")
    @classmethod
    def later_kinds(cls, given: dict[TaskKind, int]) -> dict[TaskKind, int]:
        return {**LATER_KINDS_DUE, **given}

    @field_validator("watch_intervals")
    @classmethod
    def later_reasons(cls, given: dict[WatchReason, timedelta]) -> dict[WatchReason, timedelta]:
        return {**LATER_REASONS, **given}

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
