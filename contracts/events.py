"""Events on Kafka: CloudEvents 1.0 in binary mode, key = youth id.

The data holds ids and codes only, never anything that names a person. An event's type ends in its
version; a change that an older consumer could not read is a new type. `contracts.generate` writes
the JSON Schemas and the AsyncAPI document that a test compares with this module.
"""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from contracts.base import EventData
from contracts.messages import AnswerChannel, Channel, MessageKind, SkipReason
from contracts.reasons import (
    EndReason,
    ReachedBy,
    RegistrationReason,
    Sex,
    SpecialTrack,
    Step,
    WatchReason,
)
from contracts.tasks import TaskGroup, TaskKind

REGISTRY_YOUTH = "registry.youth.v1"
OUTREACH_TASK = "outreach.task.v1"
OUTREACH_JOURNEY = "outreach.journey.v1"
NOTIFICATIONS_MESSAGE = "notifications.message.v1"
NOTIFICATIONS_ANSWER = "notifications.answer.v1"


class Event(EventData):
    """Data of one event type. Subclasses set ``type`` and ``topic``."""

    type: ClassVar[str]
    topic: ClassVar[str]

    youth_id: UUID
    episode_id: UUID


# --- registry -------------------------------------------------------------------------------------


class YouthRegistered(Event):
    """A youth came under the duty: a new episode (Skollagen 29 kap. 9 §)."""

    type = "se.uppsok.registry.youth-registered.v1"
    topic = REGISTRY_YOUTH

    municipality: str
    district: str | None = Field(description="Code of the stadsdelsområde; null when protected or unknown")
    sex: Sex
    birth_year: int
    reason: RegistrationReason
    tracks: tuple[SpecialTrack, ...] = ()
    protected: bool
    registered_on: date
    last_covered_day: date = Field(description="The day before the 20th birthday")


class YouthChanged(Event):
    """Codes of a covered youth changed. Carries all of them, not the difference."""

    type = "se.uppsok.registry.youth-changed.v1"
    topic = REGISTRY_YOUTH

    district: str | None
    tracks: tuple[SpecialTrack, ...] = ()
    protected: bool
    last_covered_day: date


class CoverageEnded(Event):
    """The duty for a youth ended. Nothing may be sent any more."""

    type = "se.uppsok.registry.coverage-ended.v1"
    topic = REGISTRY_YOUTH

    reason: EndReason
    ended_on: date


# --- outreach -------------------------------------------------------------------------------------


class TaskOpened(Event):
    type = "se.uppsok.outreach.task-opened.v1"
    topic = OUTREACH_TASK

    task_id: UUID
    kind: TaskKind
    group: TaskGroup
    district: str | None
    attempt: int
    due_on: date


class TaskCompleted(Event):
    type = "se.uppsok.outreach.task-completed.v1"
    topic = OUTREACH_TASK

    task_id: UUID
    kind: TaskKind
    district: str | None
    attempt: int
    result: str = Field(description="The result code of the outcome of this task kind")
    completed_at: datetime


class TaskCancelled(Event):
    type = "se.uppsok.outreach.task-cancelled.v1"
    topic = OUTREACH_TASK

    task_id: UUID
    kind: TaskKind
    district: str | None
    attempt: int


class StepEntered(Event):
    """The youth's outreach went to another step."""

    type = "se.uppsok.outreach.step-entered.v1"
    topic = OUTREACH_JOURNEY

    step: Step
    district: str | None
    entered_at: datetime
    due_on: date | None


class OutreachStarted(Event):
    """The search began. ``late`` when it was not within the policy's days (plan 4.2.2: one month)."""

    type = "se.uppsok.outreach.outreach-started.v1"
    topic = OUTREACH_JOURNEY

    district: str | None
    started_at: datetime
    registered_on: date
    late: bool


class YouthReached(Event):
    type = "se.uppsok.outreach.youth-reached.v1"
    topic = OUTREACH_JOURNEY

    district: str | None
    reached_by: ReachedBy
    reached_at: datetime


class WatchStarted(Event):
    type = "se.uppsok.outreach.watch-started.v1"
    topic = OUTREACH_JOURNEY

    district: str | None
    reason: WatchReason
    recontact_on: date


class OutreachEnded(Event):
    type = "se.uppsok.outreach.outreach-ended.v1"
    topic = OUTREACH_JOURNEY

    district: str | None
    reason: EndReason
    ended_at: datetime


# --- notifications --------------------------------------------------------------------------------


class MessageEvent(Event):
    topic = NOTIFICATIONS_MESSAGE

    message_id: UUID
    kind: MessageKind
    channel: Channel
    at: datetime


class MessageQueued(MessageEvent):
    type = "se.uppsok.notifications.message-queued.v1"


class MessageSent(MessageEvent):
    """Handed to the SMS provider, or to print."""

    type = "se.uppsok.notifications.message-sent.v1"


class MessageDelivered(MessageEvent):
    type = "se.uppsok.notifications.message-delivered.v1"


class MessageFailed(MessageEvent):
    type = "se.uppsok.notifications.message-failed.v1"

    code: str = Field(description="Our code of the failure, from the provider's table")


class MessageSkipped(MessageEvent):
    """Never sent, or recalled before it was."""

    type = "se.uppsok.notifications.message-skipped.v1"

    reason: SkipReason


class YouthAnswered(Event):
    """A youth answered. What was written stays in notifications."""

    type = "se.uppsok.notifications.youth-answered.v1"
    topic = NOTIFICATIONS_ANSWER

    channel: AnswerChannel
    message_id: UUID | None
    answered_at: datetime


EVENTS: tuple[type[Event], ...] = (
    YouthRegistered,
    YouthChanged,
    CoverageEnded,
    TaskOpened,
    TaskCompleted,
    TaskCancelled,
    StepEntered,
    OutreachStarted,
    YouthReached,
    WatchStarted,
    OutreachEnded,
    MessageQueued,
    MessageSent,
    MessageDelivered,
    MessageFailed,
    MessageSkipped,
    YouthAnswered,
)
EVENT_BY_TYPE: dict[str, type[Event]] = {event.type: event for event in EVENTS}
TOPICS: tuple[str, ...] = (
    REGISTRY_YOUTH,
    OUTREACH_TASK,
    OUTREACH_JOURNEY,
    NOTIFICATIONS_MESSAGE,
    NOTIFICATIONS_ANSWER,
)
