"""Events on Kafka: CloudEvents 1.0 in binary mode, key = youth id.

The data holds ids and codes only, never anything that names a person. An event's type ends in its
version; a change that an older consumer could not read is a new type. `contracts.generate` writes
the JSON Schemas and the AsyncAPI document that a test compares with this module.
"""

from datetime import date
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.deletion import DocumentationDeleted, YouthDeleted
from contracts.documentation import REGISTRY_DOCUMENTATION
from contracts.documentation_events import (
    ConsentGiven,
    ConsentWithdrawn,
    HoldEnded,
    HoldPlaced,
    MeasureAccepted,
    MeasureDeclined,
    MeasureEnded,
    MeasureOffered,
    MeasureStarted,
    MeasureWithdrawn,
)
from contracts.escalation import TaskEscalated
from contracts.event import DistrictCode as DistrictCode
from contracts.event import Event as Event
from contracts.event import MunicipalityCode as MunicipalityCode
from contracts.event import ResultCode as ResultCode
from contracts.message_events import NOTIFICATIONS_MESSAGE as NOTIFICATIONS_MESSAGE
from contracts.message_events import MessageDelivered as MessageDelivered
from contracts.message_events import MessageEvent as MessageEvent
from contracts.message_events import MessageFailed as MessageFailed
from contracts.message_events import MessageQueued as MessageQueued
from contracts.message_events import MessageSent as MessageSent
from contracts.message_events import MessageSentAfterEnd as MessageSentAfterEnd
from contracts.message_events import MessageSkipped as MessageSkipped
from contracts.messages import AnswerChannel
from contracts.occupation import OccupationRecorded
from contracts.reasons import (
    EndReason,
    ReachedBy,
    RegistrationReason,
    Sex,
    SpecialTrack,
    Step,
    WatchReason,
)
from contracts.school_reports import SchoolReportReceived
from contracts.start_deadline import OUTREACH_JOURNEY as OUTREACH_JOURNEY
from contracts.start_deadline import StartDeadlineBreached
from contracts.tasks import OUTREACH_TASK as OUTREACH_TASK
from contracts.tasks import TaskGroup, TaskKind
from contracts.telephone import TelephoneChanged

REGISTRY_YOUTH = "registry.youth.v1"
NOTIFICATIONS_ANSWER = "notifications.answer.v1"


# --- registry -------------------------------------------------------------------------------------


class YouthRegistered(Event):
    """A youth came under the duty: a new episode (Skollagen 29 kap. 9 §)."""

    type = "se.uppsok.registry.youth-registered.v1"
    topic = REGISTRY_YOUTH

    municipality: MunicipalityCode
    district: DistrictCode | None = Field(description="The stadsdelsområde; null when protected or unknown")
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

    district: DistrictCode | None
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
    """A task waits for staff."""

    type = "se.uppsok.outreach.task-opened.v1"
    topic = OUTREACH_TASK

    task_id: UUID
    kind: TaskKind
    group: TaskGroup
    district: DistrictCode | None
    attempt: int
    due_on: date


class TaskCompleted(Event):
    """Staff completed a task."""

    type = "se.uppsok.outreach.task-completed.v1"
    topic = OUTREACH_TASK

    task_id: UUID
    kind: TaskKind
    district: DistrictCode | None
    attempt: int
    result: ResultCode = Field(description="The result code of the outcome of this task kind")
    completed_at: AwareDatetime


class TaskCancelled(Event):
    """A task is not needed any more: the youth was reached, or left the duty."""

    type = "se.uppsok.outreach.task-cancelled.v1"
    topic = OUTREACH_TASK

    task_id: UUID
    kind: TaskKind
    district: DistrictCode | None
    attempt: int


class StepEntered(Event):
    """The youth's outreach went to another step."""

    type = "se.uppsok.outreach.step-entered.v1"
    topic = OUTREACH_JOURNEY

    step: Step
    district: DistrictCode | None
    entered_at: AwareDatetime
    due_on: date | None


class OutreachStarted(Event):
    """The search began. ``late`` when it was not within the policy's days (plan 4.2.2: one month)."""

    type = "se.uppsok.outreach.outreach-started.v1"
    topic = OUTREACH_JOURNEY

    district: DistrictCode | None
    started_at: AwareDatetime
    registered_on: date
    late: bool


class YouthReached(Event):
    """The youth was reached, which ends the search."""

    type = "se.uppsok.outreach.youth-reached.v1"
    topic = OUTREACH_JOURNEY

    district: DistrictCode | None
    reached_by: ReachedBy
    reached_at: AwareDatetime


class WatchStarted(Event):
    """The youth is under watch (bevakning) until the re-contact date."""

    type = "se.uppsok.outreach.watch-started.v1"
    topic = OUTREACH_JOURNEY

    district: DistrictCode | None
    reason: WatchReason
    recontact_on: date


class OutreachEnded(Event):
    """The outreach ended, since the duty did."""

    type = "se.uppsok.outreach.outreach-ended.v1"
    topic = OUTREACH_JOURNEY

    district: DistrictCode | None
    reason: EndReason
    ended_at: AwareDatetime


# --- notifications --------------------------------------------------------------------------------


class YouthAnswered(Event):
    """A youth answered. What was written stays in notifications."""

    type = "se.uppsok.notifications.youth-answered.v1"
    topic = NOTIFICATIONS_ANSWER

    channel: AnswerChannel
    message_id: UUID | None
    answered_at: AwareDatetime


EVENTS: tuple[type[Event], ...] = (
    YouthRegistered,
    YouthChanged,
    CoverageEnded,
    TelephoneChanged,
    YouthDeleted,
    DocumentationDeleted,
    OccupationRecorded,
    MeasureOffered,
    MeasureAccepted,
    MeasureDeclined,
    MeasureStarted,
    MeasureEnded,
    MeasureWithdrawn,
    ConsentGiven,
    ConsentWithdrawn,
    HoldPlaced,
    HoldEnded,
    SchoolReportReceived,
    TaskOpened,
    TaskCompleted,
    TaskCancelled,
    TaskEscalated,
    StepEntered,
    OutreachStarted,
    StartDeadlineBreached,
    YouthReached,
    WatchStarted,
    OutreachEnded,
    MessageQueued,
    MessageSent,
    MessageDelivered,
    MessageFailed,
    MessageSkipped,
    MessageSentAfterEnd,
    YouthAnswered,
)
EVENT_BY_TYPE: dict[str, type[Event]] = {event.type: event for event in EVENTS}
TOPICS: tuple[str, ...] = (
    REGISTRY_YOUTH,
    REGISTRY_DOCUMENTATION,
    OUTREACH_TASK,
    OUTREACH_JOURNEY,
    NOTIFICATIONS_MESSAGE,
    NOTIFICATIONS_ANSWER,
)
