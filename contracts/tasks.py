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
    FIND_CONTACT_DETAILS = "find_contact_details"  # no telephone number, or a wrong one: look for another
    OFFICE_MEETING = "office_meeting"  # a visit at home was not safe: staff ask the youth to the office
    START_STOCKHOLM = "start_stockholm"  # newly arrived: ask whether they have applied for language introduction
    STUDIEBEVIS_CONTACT = "studiebevis_contact"  # three years done, no exam: contact at the end of the school year
    HANDOVER = "handover"  # to the new municipality, or to those who work with older youths; the service's own
    PREVENTION = "prevention"  # enrolled, and away a lot: contact before the dropout; the service's own
    CONCERN = "concern"  # report of concern (orosanmälan, SoL 2025:400 19 kap. 1 §); the outreach service's own
    VISIT_ALARM = (
        "visit_alarm"  # a pair did not check in to a visit, or out of it, in time; the outreach service's own
    )


class TaskMark(StrEnum):
    """What staff must know to do a task. Codes: which language, or why, is not for a task to say."""

    MOVED_OUT = "moved_out"  # handover: to the new municipality
    TURNS_20 = "turns_20"  # handover: to those who work with older youths
    AGREED_TIME = "agreed_time"  # who answered asked to be called back at `not_before`
    LANGUAGE_NEEDED = "language_needed"  # an interpreter is needed
    CALL_GUARDIANS = "call_guardians"  # the youth is under 18: guardians are called as well


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
    ALARM = "alarm"  # two of the staff are at a visit, and have not checked out in time


OPEN_STATES = frozenset({TaskState.OPEN, TaskState.CLAIMED})


class CallResult(StrEnum):
    REACHED = "reached"
    NO_ANSWER = "no_answer"
    VOICEMAIL = "voicemail"
    WRONG_NUMBER = "wrong_number"  # does not count as an attempt
    DECLINED = "declined"  # reached, does not want to talk
    CALL_BACK = "call_back"  # answered, and asked to be called at another time: neither attempt nor reached
    THIRD_PARTY = "third_party"  # somebody else answered: an attempt, and nobody was reached
    LANGUAGE_NEEDED = "language_needed"  # answered, and an interpreter is needed: no attempt the first time


class CallOutcome(Contract):
    kind: Literal[TaskKind.CALL] = TaskKind.CALL
    result: CallResult
    call_back_at: AwareDatetime | None = Field(
        default=None, description="With `call_back`, and only then: the time that was agreed, RFC 3339 with offset"
    )

    @model_validator(mode="after")
    def time_with_call_back(self) -> "CallOutcome":
        if (self.call_back_at is not None) != (self.result is CallResult.CALL_BACK):
            raise ValueError("call_back_at is given with the result call_back, and only then")
        return self


class FindContactDetailsOutcome(Contract):
    """Whether a number was found. The number itself is kept in the registry (contact points)."""

    kind: Literal[TaskKind.FIND_CONTACT_DETAILS] = TaskKind.FIND_CONTACT_DETAILS
    result: Literal["found", "not_found"]


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
    CALLED_OFF = "called_off"  # not carried out (illness): planned again
    UNSAFE = "unsafe"  # not safe for staff: never again at home


class HomeVisitOutcome(Contract):
    kind: Literal[TaskKind.HOME_VISIT] = TaskKind.HOME_VISIT
    result: HomeVisitResult


class OfficeMeetingOutcome(Contract):
    kind: Literal[TaskKind.OFFICE_MEETING] = TaskKind.OFFICE_MEETING
    result: Literal["reached", "did_not_come"]


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
    """Whether Skatteverket was told of a wrong address (folkbokföringslagen 1991:481, 32 c §)."""

    kind: Literal[TaskKind.REPORT_ADDRESS] = TaskKind.REPORT_ADDRESS
    result: Literal["reported", "not_needed"]
    reported_on: date | None = Field(default=None, description="The day of the report; none: when it was recorded")

    @model_validator(mode="after")
    def day_of_a_report(self) -> "ReportAddressOutcome":
        if self.reported_on is not None and self.result != "reported":
            raise ValueError("reported_on is the day of a report: leave it out with not_needed")
        return self


class ProtectedOutcome(Contract):
    kind: Literal[TaskKind.PROTECTED] = TaskKind.PROTECTED
    result: Literal["reached", "not_reached"]


class StartStockholmOutcome(Contract):
    """What Start Stockholm says of a newly arrived youth."""

    kind: Literal[TaskKind.START_STOCKHOLM] = TaskKind.START_STOCKHOLM
    result: Literal["applied", "not_applied", "unknown"]


class StudiebevisContactOutcome(Contract):
    kind: Literal[TaskKind.STUDIEBEVIS_CONTACT] = TaskKind.STUDIEBEVIS_CONTACT
    result: Literal["reached", "not_reached"]


class HandoverOutcome(Contract):
    """What became of a handover. What was handed over is kept nowhere here."""

    kind: Literal[TaskKind.HANDOVER] = TaskKind.HANDOVER
    result: Literal["handed_over", "not_wanted", "not_needed"]


class PreventionOutcome(Contract):
    kind: Literal[TaskKind.PREVENTION] = TaskKind.PREVENTION
    result: Literal["contacted", "not_reached", "not_needed"]


class ConcernOutcome(Contract):
    """What became of a concern. What it was about is told to the social services, and kept nowhere here."""

    kind: Literal[TaskKind.CONCERN] = TaskKind.CONCERN
    result: Literal["reported", "not_needed"]


class VisitAlarmOutcome(Contract):
    """What became of an alarm: both are well, or help was called (112, the police, the employer's own)."""

    kind: Literal[TaskKind.VISIT_ALARM] = TaskKind.VISIT_ALARM
    result: Literal["all_well", "help_called"]


Outcome = Annotated[
    CallOutcome
    | FindContactDetailsOutcome
    | PlanHomeVisitOutcome
    | HomeVisitOutcome
    | OfficeMeetingOutcome
    | MappingOutcome
    | FollowUpOutcome
    | ReportAddressOutcome
    | ProtectedOutcome
    | StartStockholmOutcome
    | StudiebevisContactOutcome
    | HandoverOutcome
    | PreventionOutcome
    | ConcernOutcome
    | VisitAlarmOutcome,
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
    marks: tuple[TaskMark, ...] = Field(default=(), description="What staff must know to do it")
