"""Kinds of human task and the typed outcomes that complete them.

A task is completed with exactly one outcome of its own kind; the outcome is what the staff member
decided, and reaches the youth's workflow as a Temporal Update.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints, TypeAdapter, model_validator

from contracts.base import Contract

OUTREACH_TASK = "outreach.task.v1"  # the topic of what becomes of tasks
StaffId = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class TaskKind(StrEnum):
    CALL = "call"  # ring upp (plan 4.2.2)
    PLAN_HOME_VISIT = "plan_home_visit"  # book date, time and two staff; the door card follows
    HOME_VISIT = "home_visit"  # hembesök, always two staff
    MAPPING = "mapping"  # kartläggningssamtal
    FOLLOW_UP = "follow_up"  # follow a youth in support
    REPORT_ADDRESS = "report_address"  # does not live there: report to Skatteverket
    PROTECTED = "protected"  # protected identity: handled by hand by the special handler


class TaskGroup(StrEnum):
    """Which group of staff may see and complete a task."""

    COORDINATORS = "coordinators"
    SPECIAL_HANDLERS = "special_handlers"


class TaskState(StrEnum):
    OPEN = "open"
    CLAIMED = "claimed"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class Escalation(StrEnum):
    """Why a task is the coordinator's concern."""

    OVERDUE = "overdue"  # by the policy's working days
    NOBODY_PRESENT = "nobody_present"  # nobody's, and nobody of its district is there


OPEN_STATES = frozenset({TaskState.OPEN, TaskState.CLAIMED})


class CallResult(StrEnum):
    REACHED = "reached"
    NO_ANSWER = "no_answer"
    VOICEMAIL = "voicemail"
    WRONG_NUMBER = "wrong_number"  # does not count as an attempt
    DECLINED = "declined"  # reached, does not want to talk


class CallOutcome(Contract):
    kind: Literal[TaskKind.CALL] = TaskKind.CALL
    result: CallResult


class PlanHomeVisitOutcome(Contract):
    """A home visit is booked: when, and by which two different members of staff (opaque staff ids)."""

    kind: Literal[TaskKind.PLAN_HOME_VISIT] = TaskKind.PLAN_HOME_VISIT
    visit_at: AwareDatetime = Field(description="Start of the visit, civil time, RFC 3339 with offset")
    staff: tuple[StaffId, StaffId] = Field(description="The two members of staff, by staff id")

    @model_validator(mode="after")
    def two_different_staff(self) -> "PlanHomeVisitOutcome":
        if self.staff[0] == self.staff[1]:
            raise ValueError("a home visit needs two different members of staff (plan 4.2.2)")
        return self


class HomeVisitResult(StrEnum):
    REACHED = "reached"
    GUARDIAN_REACHED = "guardian_reached"
    NOBODY_HOME = "nobody_home"
    DOES_NOT_LIVE_THERE = "does_not_live_there"
    CALLED_OFF = "called_off"  # not carried out (illness, unsafe): planned again


class HomeVisitOutcome(Contract):
    kind: Literal[TaskKind.HOME_VISIT] = TaskKind.HOME_VISIT
    result: HomeVisitResult


class Occupation(StrEnum):
    """Known occupation (sysselsättning), the categories of the national statistics."""

    WORK = "work"
    STUDIES = "studies"
    OTHER = "other"
    NONE = "none"
    UNKNOWN = "unknown"


class MappingResult(StrEnum):
    WANTS_SUPPORT = "wants_support"
    OCCUPIED = "occupied"
    DECLINES = "declines"
    NO_CONVERSATION = "no_conversation"  # could not be held: search goes on with calls


class MappingOutcome(Contract):
    kind: Literal[TaskKind.MAPPING] = TaskKind.MAPPING
    result: MappingResult
    occupation: Occupation = Occupation.UNKNOWN


class FollowUpResult(StrEnum):
    CONTINUES = "continues"
    ENDED = "ended"  # support ended otherwise than in studies: watch


class FollowUpOutcome(Contract):
    kind: Literal[TaskKind.FOLLOW_UP] = TaskKind.FOLLOW_UP
    result: FollowUpResult
    occupation: Occupation = Occupation.UNKNOWN


class ReportAddressOutcome(Contract):
    kind: Literal[TaskKind.REPORT_ADDRESS] = TaskKind.REPORT_ADDRESS
    result: Literal["reported", "not_needed"]


class ProtectedOutcome(Contract):
    kind: Literal[TaskKind.PROTECTED] = TaskKind.PROTECTED
    result: Literal["reached", "not_reached"]


Outcome = Annotated[
    CallOutcome
    | PlanHomeVisitOutcome
    | HomeVisitOutcome
    | MappingOutcome
    | FollowUpOutcome
    | ReportAddressOutcome
    | ProtectedOutcome,
    Field(discriminator="kind"),
]
OUTCOME: TypeAdapter[Outcome] = TypeAdapter(Outcome)


class TaskSpec(Contract):
    """A task that the workflow asks the outreach service to open. Times are civil time."""

    task_id: UUID
    kind: TaskKind
    group: TaskGroup = TaskGroup.COORDINATORS
    attempt: int = Field(default=1, ge=1, description="Which call attempt or visit this is")
    not_before: datetime | None = Field(default=None, description="Not to be done before (call slot, visit time)")
    due_on: date
    staff: tuple[str, ...] = Field(default=(), description="Staff ids already named (home visit)")
