"""What the API answers with. Opaque ids and codes only: names are the registry's to tell."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from chassis.clock import STOCKHOLM
from contracts.reasons import EndReason, ReachedBy, Step, WatchReason
from contracts.tasks import Outcome, TaskGroup, TaskKind, TaskMark, TaskState

CivilTime = Annotated[datetime, AfterValidator(lambda at: at.astimezone(STOCKHOLM))]


class View(BaseModel):
    """Made from a database row."""

    model_config = ConfigDict(from_attributes=True, populate_by_name=True)


class Task(View):
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
    outcome: Outcome | None
    completed_by: str | None
    closed_at: CivilTime | None


class HistoryEntry(View):
    at: CivilTime
    event: str = Field(description="opened, claimed, released, completed or cancelled")
    actor: str = Field(description="Staff id, or 'workflow'")


class TaskWithHistory(Task):
    history: tuple[HistoryEntry, ...]


class Tasks(BaseModel):
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
