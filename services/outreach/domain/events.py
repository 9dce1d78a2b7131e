"""The events that a recorded transition tells. Their ids are business ids: told twice, the same event."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from chassis.clock import STOCKHOLM
from chassis.outbox import OutgoingEvent
from contracts.events import (
    Event,
    OutreachEnded,
    OutreachStarted,
    StepEntered,
    TaskCancelled,
    TaskCompleted,
    TaskOpened,
    WatchStarted,
    YouthReached,
)
from contracts.ids import business_id
from contracts.outreach_activities import Progress
from contracts.tasks import TaskGroup, TaskKind, TaskState


@dataclass(frozen=True, slots=True)
class Moved:
    """The journey after a transition. ``entered``: the step is another than before, or the first."""

    district: str | None
    registered_on: date | None
    entered: bool
    ended: bool


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task as it was stored by a transition."""

    task_id: UUID
    kind: TaskKind
    group: TaskGroup
    district: str | None
    attempt: int
    due_on: date
    state: TaskState
    result: str | None
    closed_at: datetime | None
    assigned_to: str | None = None


def events_of(
    progress: Progress, moved: Moved, closed: Sequence[TaskRow], opened: Sequence[TaskRow]
) -> list[OutgoingEvent]:
    """Return what happened, in the order in which it is told: tasks closed, the journey, tasks opened."""
    early = [task for task in opened if task.closed_at is not None]  # closed before they were opened
    return [
        *(_closed(progress, task) for task in closed),
        *_journey(progress, moved),
        *(_opened(progress, task) for task in opened),
        *(_closed(progress, task) for task in early),
    ]


def outgoing(data: Event, at: datetime, *business_key: object) -> OutgoingEvent:
    """Return an event on its way out with its business id: told twice, the same event. ``at`` is civil time."""
    return OutgoingEvent(
        topic=data.topic,
        key=data.youth_id,
        type=data.type,
        data=data,
        time=at,
        event_id=business_id("outreach", data.type, *business_key),
    )


def _opened(progress: Progress, task: TaskRow) -> OutgoingEvent:
    data = TaskOpened(
        youth_id=progress.youth_id,
        episode_id=progress.episode_id,
        task_id=task.task_id,
        kind=task.kind,
        group=task.group,
        district=task.district,
        attempt=task.attempt,
        due_on=task.due_on,
    )
    return outgoing(data, progress.at, task.task_id)


def _closed(progress: Progress, task: TaskRow) -> OutgoingEvent:
    at = task.closed_at or progress.at
    data: Event
    if task.state is TaskState.COMPLETED:
        data = TaskCompleted(
            youth_id=progress.youth_id,
            episode_id=progress.episode_id,
            task_id=task.task_id,
            kind=task.kind,
            district=task.district,
            attempt=task.attempt,
            # A planned visit has no result code of its own: that it is planned is the result.
            result=task.result or "planned",
            completed_at=at,
        )
    else:
        data = TaskCancelled(
            youth_id=progress.youth_id,
            episode_id=progress.episode_id,
            task_id=task.task_id,
            kind=task.kind,
            district=task.district,
            attempt=task.attempt,
        )
    return outgoing(data, at, task.task_id)


def _journey(progress: Progress, moved: Moved) -> Iterable[OutgoingEvent]:
    youth, episode, district = progress.youth_id, progress.episode_id, moved.district
    facts: list[Event] = []
    if progress.started:
        facts.append(
            OutreachStarted(
                youth_id=youth,
                episode_id=episode,
                district=district,
                started_at=progress.at,
                # Unknown only when the database is older than the workflow (a restored backup).
                registered_on=moved.registered_on or progress.at.astimezone(STOCKHOLM).date(),
                late=progress.start_late,
            )
        )
    if moved.entered:
        facts.append(
            StepEntered(
                youth_id=youth,
                episode_id=episode,
                district=district,
                step=progress.step,
                entered_at=progress.at,
                due_on=progress.due.astimezone(STOCKHOLM).date() if progress.due else None,
            )
        )
    if progress.reached is not None:
        facts.append(
            YouthReached(
                youth_id=youth,
                episode_id=episode,
                district=district,
                reached_by=progress.reached.by,
                reached_at=progress.reached.at,
            )
        )
    if progress.watch is not None:
        facts.append(
            WatchStarted(
                youth_id=youth,
                episode_id=episode,
                district=district,
                reason=progress.watch.reason,
                recontact_on=progress.watch.recontact_on,
            )
        )
    if progress.ended is not None:
        facts.append(
            OutreachEnded(
                youth_id=youth, episode_id=episode, district=district, reason=progress.ended, ended_at=progress.at
            )
        )
    return [outgoing(fact, progress.at, progress.progress_id) for fact in facts]
