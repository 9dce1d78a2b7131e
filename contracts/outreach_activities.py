"""Activities that the outreach service offers to workflows, on its own task queue."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from contracts.base import Contract
from contracts.reasons import EndReason, ReachedBy, Step, WatchReason
from contracts.tasks import Outcome, TaskSpec, TaskState

OUTREACH_QUEUE = "outreach"
RECORD_PROGRESS = "record_progress"


class TaskClosure(Contract):
    """A task that is over. Applied from open states only, so that a repeat changes nothing."""

    task_id: UUID
    state: Literal[TaskState.COMPLETED, TaskState.CANCELLED]
    outcome: Outcome | None = None
    by: str | None = None
    at: datetime


class Reached(Contract):
    by: ReachedBy
    at: datetime


class Watch(Contract):
    reason: WatchReason
    recontact_on: date


class Progress(Contract):
    """One transition of a youth, written in one transaction: journey, tasks, audit and events.

    ``progress_id`` is a business id: recorded twice, it has one effect.

    When the transition is what a staff member's decision did (`complete_task`, `record_contact`), the
    workflow sets ``decision_key`` to that decision's key. The answer to the decision (`Decided.after`)
    is then kept in the same transaction, so that a repeat with the same key gets the same answer for
    ever, also when the workflow has ended. Such an update must answer ``Decided.after(progress)``.
    """

    progress_id: UUID
    youth_id: UUID
    episode_id: UUID
    district: str | None
    step: Step
    at: datetime = Field(description="Civil time of the transition")
    due: datetime | None = Field(default=None, description="When the next thing happens or is due, civil time")
    closed: tuple[TaskClosure, ...] = ()
    opened: tuple[TaskSpec, ...] = ()
    started: bool = Field(default=False, description="The search begins with this transition")
    start_late: bool = False
    reached: Reached | None = None
    watch: Watch | None = None
    ended: EndReason | None = None
    policy_version: str | None = Field(default=None, description="The youth follows this version from now on")
    decision_key: str | None = Field(default=None, description="The decision that caused this transition")
