"""The signature of the workflow `YouthOutreach`: what starts it, its signals and its updates.

Facts arrive as signals, each with the id of the event that brought it; decisions of staff arrive as
updates, each with a decision key, so that both can be repeated safely.
"""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from chassis.clock import ClockSpec
from contracts.base import Contract
from contracts.messages import AnswerChannel
from contracts.outreach_activities import Progress
from contracts.policy import OutreachPolicy
from contracts.reasons import EndReason, ReachedBy, RegistrationReason, SpecialTrack, Step
from contracts.tasks import Outcome, TaskSpec

YOUTH_OUTREACH = "YouthOutreach"
WORKFLOWS_QUEUE = "workflows"

# Names of signals and updates
SIGNAL_REGISTERED = "registered"
SIGNAL_CHANGED = "changed"
SIGNAL_COVERAGE_ENDED = "coverage_ended"
SIGNAL_ANSWERED = "answered"
SIGNAL_NEW_POLICY = "new_policy"
SIGNAL_TELEPHONE = "telephone"
SIGNAL_START_SEARCH = "start_search"
UPDATE_COMPLETE_TASK = "complete_task"
UPDATE_RECORD_CONTACT = "record_contact"

# Search attributes (registered when the stack starts); opaque codes only.
SA_STEP = "UppsokStep"  # Keyword: contracts.reasons.Step
SA_DISTRICT = "UppsokDistrict"  # Keyword: district code, or "none"
SA_DUE = "UppsokDue"  # Datetime: when the next thing happens or is due (civil)
SA_UNIT = "UppsokUnit"  # Keyword: municipality code

# Types of the ApplicationError with which an update is refused (HTTP 409)
REFUSED_NOT_CURRENT = "task-not-current"  # the task is not open for this youth (any more)
REFUSED_ENDED = "duty-ended"
REFUSED_BY_POLICY = "against-policy"  # e.g. a visit too soon for the post, on a holiday
REFUSALS = frozenset({REFUSED_NOT_CURRENT, REFUSED_ENDED, REFUSED_BY_POLICY})


class OutreachStart(Contract):
    """Starts a youth's workflow, and is the signal `registered` of the same call (signal-with-start)."""

    event_id: UUID
    youth_id: UUID
    episode_id: UUID
    municipality: str
    district: str | None
    reason: RegistrationReason
    tracks: tuple[SpecialTrack, ...] = ()
    protected: bool
    registered_on: date
    last_covered_day: date
    policy: OutreachPolicy
    clock: ClockSpec


class Changed(Contract):
    event_id: UUID
    episode_id: UUID
    district: str | None
    tracks: tuple[SpecialTrack, ...] = ()
    protected: bool
    last_covered_day: date


class EndOfCoverage(Contract):
    event_id: UUID
    episode_id: UUID
    reason: EndReason
    ended_on: date


class Answered(Contract):
    event_id: UUID
    episode_id: UUID
    channel: AnswerChannel
    answered_at: datetime


class NewPolicy(Contract):
    """A new version of the policy is in force: who still waits for the start starts with it."""

    event_id: UUID
    episode_id: UUID
    policy: OutreachPolicy


class Telephone(Contract):
    """Whether the register has a usable telephone number of the youth's own. Presumed until it says otherwise."""

    event_id: UUID
    episode_id: UUID
    has_phone: bool


class StartSearch(Contract):
    """The daily intake has room for the youth: the search begins now, if it has not (plan 4.2.2)."""

    event_id: UUID
    episode_id: UUID


class CompleteTask(Contract):
    """A staff member's decision on a task."""

    decision_key: str = Field(description="The caller's idempotency key; repeated = same answer")
    task_id: UUID
    by: str = Field(description="Staff id")
    outcome: Outcome


class RecordContact(Contract):
    """The youth got in touch, or was reached, outside a task: ends the search."""

    decision_key: str
    by: str
    way: Literal[ReachedBy.INBOUND_CALL, ReachedBy.DROP_IN, ReachedBy.GUARDIAN]


class Decided(Contract):
    """What became of a decision: where the youth now stands and what happens next."""

    step: Step | None = Field(description="Null of who the duty does not hold for (a contact before a dropout)")
    next_task: TaskSpec | None = None
    due: datetime | None = Field(default=None, description="When the next thing happens or is due, civil time")

    @classmethod
    def after(cls, progress: Progress) -> "Decided":
        """Return the answer to the decision that caused a transition: a pure function of the transition."""
        return cls(step=progress.step, next_task=next(iter(progress.opened), None), due=progress.due)
