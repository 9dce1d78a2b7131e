"""What the client reads of the services' answers. Its own models, so that a test sees what is on the wire."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from contracts.messages import Channel, MessageKind, MessageState
from contracts.reasons import EndReason, ReachedBy, Step
from contracts.tasks import TaskGroup, TaskKind, TaskMark, TaskState

ARRIVED = frozenset({MessageState.SENT, MessageState.DELIVERED})


class View(BaseModel):
    """What we read of an answer; services may send more."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Task(View):
    task_id: UUID
    youth_id: UUID
    kind: TaskKind
    group: TaskGroup
    district: str | None
    attempt: int
    not_before: datetime | None
    due_on: date
    staff: tuple[str, ...]
    marks: tuple[TaskMark, ...] = ()
    state: TaskState
    opened_at: datetime
    assigned_to: str | None = None


class Slot(View):
    """A time for a home visit, and the two who are proposed."""

    starts_at: datetime
    staff: tuple[str, str]


class Journey(View):
    youth_id: UUID
    episode_id: UUID
    district: str | None
    protected: bool
    step: Step
    due: datetime | None
    started_late: bool
    reached_by: ReachedBy | None
    ended_at: datetime | None
    end_reason: EndReason | None


class Youth(View):
    youth_id: UUID
    protected: bool
    covered: bool
    person_number: str | None = None
    birth_date: date | None = None
    phone: str | None = None


class Source(View):
    source: str
    read: int
    rejected: int
    accepted: int
    held: str | None


class SyncRun(View):
    run_id: UUID
    as_of: date
    state: str
    finished_at: datetime | None
    sources: tuple[Source, ...] = ()
    registered: int = 0
    changed: int = 0
    ended: int = 0
    covered: int = 0


class Message(View):
    message_id: UUID
    youth_id: UUID
    kind: MessageKind
    channel: Channel
    state: MessageState
