"""What the rules look at: rows of the services' databases, as far as a rule needs them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A task of outreach. Times are civil."""

    task_id: UUID
    youth_id: UUID
    episode_id: UUID
    kind: str
    state: str
    attempt: int
    staff: tuple[str, ...]
    marks: tuple[str, ...]
    opened_at: datetime
    closed_at: datetime | None
    due_on: date
    result: str | None  # the code of its outcome
    completed_by: str | None
    assigned_to: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """An appointment of outreach, by the task of the visit."""

    task_id: UUID
    staff: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """Where an episode of a youth stands in outreach. Times are civil."""

    youth_id: UUID
    episode_id: UUID
    step: str
    protected: bool
    due: datetime | None
    registered_on: date | None
    start_by: date | None
    started_at: datetime | None
    started_late: bool
    start_breached_at: datetime | None
    intake_from: date | None  # before it the daily intake leaves the youth alone
    policy_version: str | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """That an episode came to a step, or stayed there; and what else happened with it. Civil time."""

    youth_id: UUID
    episode_id: UUID
    step: str
    at: datetime
    reached_by: str | None = None
    watch_reason: str | None = None
    end_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A letter or SMS of notifications. ``begun_at``: real time at which it began to leave the house."""

    message_id: UUID
    youth_id: UUID
    episode_id: UUID
    kind: str
    channel: str
    state: str
    wave_id: UUID | None
    queued_at: datetime
    sent_at: datetime | None
    begun_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An event in a service's outbox. ``time`` is civil, ``created_at`` and ``published_at`` are real."""

    service: str
    key: UUID
    type: str
    time: datetime
    data: Mapping[str, Any]
    created_at: datetime
    published_at: datetime | None

    @property
    def name(self) -> str:
        """Return the part of the type between owner and version, e.g. ``message-sent``."""
        return self.type.split(".")[-2]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """An event that a consumer of a service gave up, whether or not it was replayed since."""

    service: str
    consumer: str
    event_id: UUID
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """A stretch of time under the duty that goes on, as the registry has it."""

    youth_id: UUID
    episode_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLoad:
    """What a register sync took of a source."""

    as_of: date
    source: str
    held: str | None
    rejected: int
