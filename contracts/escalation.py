"""The event that a task has become the coordinator's concern."""

from datetime import date
from uuid import UUID

from pydantic import AwareDatetime

from contracts.event import DistrictCode, Event
from contracts.tasks import OUTREACH_TASK, Escalation, TaskKind


class TaskEscalated(Event):
    """A task is the coordinator's concern now: too long overdue, nobody is there to do it, or an alarm."""

    type = "se.uppsok.outreach.task-escalated.v1"
    topic = OUTREACH_TASK

    task_id: UUID
    kind: TaskKind
    district: DistrictCode | None
    due_on: date
    reason: Escalation
    escalated_at: AwareDatetime
