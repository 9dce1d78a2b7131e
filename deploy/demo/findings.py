"""What a task comes to: what staff find when they call, visit, talk or ask."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from chassis.clock import STOCKHOLM, CivilClock
from contracts.policy import OutreachPolicy
from contracts.tasks import (
    CallOutcome,
    ConcernOutcome,
    FindContactDetailsOutcome,
    HandoverOutcome,
    Outcome,
    PreventionOutcome,
    ReportAddressOutcome,
    TaskKind,
    TaskMark,
    VisitAlarmOutcome,
)
from contracts.workdays import working_day_from
from deploy.demo.behaviour import Behaviour, Found
from deploy.demo.views import Task
from deploy.sample.people import Person


@dataclass(frozen=True, slots=True)
class Numbers:
    """Whose telephone numbers staff have found in the course of the year, by the sample's keys."""

    found: set[int]

    def reaches(self, person: Person) -> bool:
        """Return whether there is a number to call somebody on."""
        return bool(person.phone) or person.key in self.found


class Findings:
    """Draws the outcome of each task once, whatever becomes of the request that tells it."""

    def __init__(self, clock: CivilClock, behaviour: Behaviour, policy: OutreachPolicy) -> None:
        self._clock, self._behaviour, self._policy = clock, behaviour, policy
        self._outcomes: dict[UUID, Outcome] = {}
        self._searches: dict[UUID, Found] = {}
        self._visits: dict[UUID, timedelta] = {}
        self.numbers = Numbers(set())

    def is_time(self, task: Task, person: Person) -> bool:
        """Return whether a task can be done now; a conversation takes some days to come about."""
        now = self._clock.now()
        if task.kind is TaskKind.MAPPING:
            return now >= task.opened_at + self._behaviour.mapping_after(person.key, task.attempt)
        return task.not_before is None or now >= task.not_before

    def outcome(self, task: Task, person: Person) -> Outcome:
        """Return what staff find. A time to call back is given anew: time has passed since it was drawn."""
        if task.task_id not in self._outcomes:
            self._outcomes[task.task_id] = self._find(task, person)
        outcome = self._outcomes[task.task_id]
        if isinstance(outcome, CallOutcome) and outcome.call_back_at is not None:
            return outcome.model_copy(update={"call_back_at": self._back_at()})
        return outcome

    def search(self, task: Task, person: Person) -> Found:
        """Return what a search for contact details comes to."""
        if task.task_id not in self._searches:
            has_phone = self.numbers.reaches(person)
            minor = TaskMark.CALL_GUARDIANS in task.marks
            self._searches[task.task_id] = self._behaviour.find_details(
                person.key, has_phone=has_phone, minor=minor
            )
        return self._searches[task.task_id]

    def visit_from(self, task: Task, person: Person) -> datetime:
        """Return from when on a home visit is planned now: some days after the door card can have arrived."""
        if task.task_id not in self._visits:
            self._visits[task.task_id] = self._behaviour.visit_after(person.key)
        return self._clock.now() + self._policy.visit_lead_time + self._visits[task.task_id]

    def _find(self, task: Task, person: Person) -> Outcome:
        behaviour = self._behaviour
        match task.kind:
            case TaskKind.CALL:
                return behaviour.call(person.key, has_phone=self.numbers.reaches(person), back_at=self._back_at())
            case TaskKind.FIND_CONTACT_DETAILS:
                found = self.search(task, person) in (Found.ANOTHER, Found.GUARDIANS)
                return FindContactDetailsOutcome(result="found" if found else "not_found")
            case TaskKind.OFFICE_MEETING:
                return behaviour.office_meeting(person.key)
            case TaskKind.HOME_VISIT:
                return behaviour.home_visit(person.key)
            case TaskKind.MAPPING:
                return behaviour.mapping(person.key)
            case TaskKind.FOLLOW_UP:
                return behaviour.follow_up(person.key)
            case TaskKind.START_STOCKHOLM:
                return behaviour.start_stockholm(person.key)
            case TaskKind.STUDIEBEVIS_CONTACT:
                return behaviour.studiebevis_contact(person.key)
            case TaskKind.HANDOVER:
                return HandoverOutcome(result="handed_over")
            case TaskKind.PREVENTION:
                return PreventionOutcome(result="contacted")
            case TaskKind.REPORT_ADDRESS:
                return ReportAddressOutcome(result="reported")
            case TaskKind.CONCERN:
                return ConcernOutcome(result="reported")
            case TaskKind.VISIT_ALARM:
                return VisitAlarmOutcome(result="all_well")
            case _:
                return behaviour.protected(person.key)

    def _back_at(self) -> datetime:
        return afternoon(self._policy, self._clock.now())


def afternoon(policy: OutreachPolicy, earliest: datetime) -> datetime:
    """Return an afternoon on the first working day after ``earliest``: when somebody can be called back."""
    day = working_day_from(policy, earliest.astimezone(STOCKHOLM).date() + timedelta(days=1))
    return datetime.combine(day, time(15), STOCKHOLM)
