"""What the API answers with. Opaque ids and codes only: names are the registry's to tell."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.config import JsonDict
from pydantic.types import JsonValue

from chassis.clock import STOCKHOLM
from contracts.reasons import EndReason, ReachedBy, Step, WatchReason
from contracts.tasks import Escalation, Outcome, StaffId, TaskGroup, TaskKind, TaskMark, TaskState

CivilTime = Annotated[datetime, AfterValidator(lambda at: at.astimezone(STOCKHOLM))]


TASK: JsonDict = {
    "task_id": "6d1f3c1e-2f53-4a5e-9c0a-0d9f6f1f5a11",
    "youth_id": "0b8a3f0e-7c55-4f0b-8f6a-5f2c3d1e9b42",
    "episode_id": "f2f5a0f4-90f7-4f5b-9d0c-3f6f5d1b7c20",
    "kind": "call",
    "group": "coordinators",
    "district": "farsta",
    "attempt": 2,
    "not_before": "2026-10-02T12:00:00+02:00",
    "due_on": "2026-10-06",
    "staff": [],
    "state": "claimed",
    "opened_at": "2026-09-30T10:15:00+02:00",
    "claimed_by": "s-1042",
    "claimed_at": "2026-10-02T12:20:00+02:00",
    "claimed_until": "2026-10-02T16:20:00+02:00",
    "assigned_to": "s-1042",
    "assigned_at": "2026-09-30T10:15:00+02:00",
    "escalated_at": None,
    "escalation": None,
    "outcome": None,
    "completed_by": None,
    "closed_at": None,
}
HISTORY: list[JsonValue] = [
    {"at": "2026-09-30T10:15:00+02:00", "event": "opened", "actor": "workflow", "assigned_to": None},
    {"at": "2026-09-30T10:15:00+02:00", "event": "assigned", "actor": "workflow", "assigned_to": "s-1042"},
    {"at": "2026-10-02T12:20:00+02:00", "event": "claimed", "actor": "s-1042", "assigned_to": None},
]


class View(BaseModel):
    """Made from a database row."""

    model_config = ConfigDict(from_attributes=True, populate_by_name=True)


class Task(View):
    model_config = ConfigDict(json_schema_extra={"example": TASK})

    task_id: UUID
    youth_id: UUID
    episode_id: UUID
    kind: TaskKind
    group: TaskGroup = Field(validation_alias="task_group")
    district: str | None
    attempt: int
    not_before: CivilTime | None = Field(description="Not to be done before")
    due_on: date
    staff: tuple[str, ...] = Field(description="Staff already named (home visit)")
    marks: tuple[TaskMark, ...] = Field(description="What staff must know to do it")
    state: TaskState
    opened_at: CivilTime
    claimed_by: str | None
    claimed_at: CivilTime | None
    claimed_until: CivilTime | None = Field(description="When the claim ends by itself, unless it is renewed")
    assigned_to: str | None = Field(description="Whose task it is (staff id); null: nobody's")
    assigned_at: CivilTime | None
    escalated_at: CivilTime | None = Field(description="When it became the coordinator's concern")
    escalation: Escalation | None
    outcome: Outcome | None
    completed_by: str | None
    closed_at: CivilTime | None


class Receiver(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"to": "s-1007"}})

    to: StaffId = Field(description="A member of the staff register who is there")


class HistoryEntry(View):
    at: CivilTime
    event: str = Field(
        description="opened, assigned, unassigned, claimed, released, lease_ended, escalated, completed, cancelled"
    )
    actor: str = Field(description="Staff id, or the part of the system: workflow, registry, outreach")
    assigned_to: str | None = Field(description="Of `assigned`: to whom (staff id)")


class TaskWithHistory(Task):
    model_config = ConfigDict(json_schema_extra={"example": {**TASK, "history": HISTORY}})

    history: tuple[HistoryEntry, ...]


class Tasks(BaseModel):
    model_config = ConfigDict(json_schema_extra={"example": {"items": [TASK], "next": None}})

    items: list[Task]
    next: str | None = Field(description="Cursor of the next page; null on the last")


class Journey(View):
    """Where one youth's outreach stands in one episode (one stretch of time under the duty)."""

    youth_id: UUID
    episode_id: UUID
    district: str | None
    protected: bool
    step: Step
    due: CivilTime | None = Field(description="When the next thing happens or is due")
    policy_version: str | None
    registered_on: date | None
    last_covered_day: date | None
    started_at: CivilTime | None
    started_late: bool
    reached_at: CivilTime | None
    reached_by: ReachedBy | None
    watch_reason: WatchReason | None
    recontact_on: date | None
    ended_at: CivilTime | None
    end_reason: EndReason | None


class Journeys(BaseModel):
    items: list[Journey]
    next: str | None = Field(description="Cursor of the next page; null on the last")


class Transition(View):
    episode_id: UUID
    step: Step
    at: CivilTime
    due: CivilTime | None
    reached_by: ReachedBy | None
    watch_reason: WatchReason | None
    end_reason: EndReason | None


class YouthJourney(Journey):
    """The newest episode, with the transitions of all episodes, oldest first."""

    transitions: tuple[Transition, ...]


class DeadLetter(View):
    consumer: str
    event_id: UUID
    topic: str
    partition: int
    offset: int
    key: UUID = Field(description="The youth's opaque id")
    type: str
    time: CivilTime
    cause: str = Field(description="The kind of error; 'parked' when it waits behind an earlier one")


class DeadLetters(BaseModel):
    items: list[DeadLetter]
    next: str | None


class Replay(BaseModel):
    done: int = Field(description="Events handled now")
    left: int = Field(description="Events that still wait")
