"""Simulated staff: each works through their own task list, and completes what its time has come for.

Eleven local coordinators, one a district; a coordinator of the city for youths whose district is not known;
a special handler for protected identities. They know only what the outreach API shows them.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import datetime, time, timedelta
from uuid import UUID, uuid4

from chassis.clock import STOCKHOLM, CivilClock
from contracts.districts import districts_on
from contracts.policy import OutreachPolicy
from contracts.reasons import ReachedBy
from contracts.roles import Role
from contracts.tasks import (
    CallOutcome,
    HandoverOutcome,
    Outcome,
    PlanHomeVisitOutcome,
    PreventionOutcome,
    ReportAddressOutcome,
    TaskGroup,
    TaskKind,
)
from contracts.workdays import working_day_from
from deploy.demo.behaviour import Behaviour
from deploy.demo.client import Caller, Refused, Stack
from deploy.demo.directory import Directory
from deploy.demo.views import Task
from deploy.sample.people import Person

# A staff member looks at the list about every civil day and a half; less often while there is nothing to do.
LOOK_SECONDS, IDLE_LOOK_SECONDS = 1.5, 2.5
# What is due later than this is not worked on yet; no kind of task may take longer (policy).
AHEAD = timedelta(days=21)


class Team:
    """All staff of the demonstration."""

    def __init__(
        self, stack: Stack, clock: CivilClock, directory: Directory, seed: int, policy: OutreachPolicy
    ) -> None:
        self._clock, self._directory, self._policy = clock, directory, policy
        self._behaviour = Behaviour(seed)
        self._outcomes: dict[UUID, Outcome] = {}
        self.completed: Counter[TaskKind] = Counter()
        self.refused: Counter[str] = Counter()
        self._by_district = {
            district.code: stack.caller(Role.LOCAL_COORDINATOR, (district.code,), f"lokal-{district.code}")
            for district in districts_on(clock.today())
        }
        self._city = stack.caller(Role.KAA_COORDINATOR, subject="kaa-samordnare")
        self._special = stack.caller(Role.SPECIAL_HANDLER, subject="sarskild-handlaggare")

    async def work(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            for district, caller in self._by_district.items():
                group.create_task(self._work(caller, lambda task: True, district=district))
            group.create_task(self._work(self._city, _without_district, group=TaskGroup.COORDINATORS.value))
            group.create_task(self._work(self._special, lambda task: True, group=TaskGroup.SPECIAL_HANDLERS.value))

    async def take_contact(self, youth_id: UUID, way: ReachedBy, key: str) -> None:
        """The youth called, came by or was found through a guardian: the city's coordinator records it."""
        await self._city.contact(youth_id, way, key)

    def note(self, refusal: Refused) -> None:
        """The duty has ended, the youth has answered or has become protected since the list was read: so it is
        in life. Anything else is a fault, and raised again."""
        if refusal.status not in (404, 409):
            raise refusal
        self.refused[refusal.code] += 1

    async def _work(self, caller: Caller, mine: Callable[[Task], bool], **filters: str) -> None:
        while True:
            worked = False
            for task in await caller.tasks(due_before=self._clock.today() + AHEAD, **filters):
                if mine(task):
                    worked = await self._do(caller, task) or worked
            await asyncio.sleep(LOOK_SECONDS if worked else IDLE_LOOK_SECONDS)

    async def _do(self, caller: Caller, task: Task) -> bool:
        """Do a task whose time has come; return whether it had."""
        person = await self._directory.person(task.youth_id)
        if not self._is_time(task, person):
            return False
        try:
            outcome = await self._outcome(caller, task, person)
            if outcome is None:
                return False
            await caller.claim(task.task_id)
            await caller.complete(task.task_id, outcome, str(uuid4()))
        except Refused as refusal:
            self.note(refusal)
        else:
            self.completed[task.kind] += 1
            self._outcomes.pop(task.task_id, None)
        return True

    def _is_time(self, task: Task, person: Person) -> bool:
        now = self._clock.now()
        if task.kind is TaskKind.MAPPING:
            return now >= task.opened_at + self._behaviour.mapping_after(person.key, task.attempt)
        return task.not_before is None or now >= task.not_before

    async def _outcome(self, caller: Caller, task: Task, person: Person) -> Outcome | None:
        """Return what the staff member finds; drawn once a task, whatever becomes of the request."""
        if task.kind is TaskKind.PLAN_HOME_VISIT:
            return await self._plan(caller, task, person)
        if task.task_id not in self._outcomes:
            self._outcomes[task.task_id] = self._find(task, person)
        outcome = self._outcomes[task.task_id]
        if isinstance(outcome, CallOutcome) and outcome.call_back_at is not None:
            return outcome.model_copy(
                update={"call_back_at": self._back_at()}
            )  # time has passed since it was drawn
        return outcome

    def _find(self, task: Task, person: Person) -> Outcome:
        behaviour = self._behaviour
        match task.kind:
            case TaskKind.CALL:
                return behaviour.call(person.key, has_phone=bool(person.phone), back_at=self._back_at())
            case TaskKind.FIND_CONTACT_DETAILS:
                return behaviour.find_details(person.key, has_phone=bool(person.phone))
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
            case _:
                return behaviour.protected(person.key)

    def _back_at(self) -> datetime:
        return afternoon(self._policy, self._clock.now())

    async def _plan(self, caller: Caller, task: Task, person: Person) -> PlanHomeVisitOutcome | None:
        """Book a visit some days after the door card can have arrived, when two of the district's staff are free.

        None: these two have no time in the weeks in which the visit can be; it is tried again.
        """
        earliest = self._clock.now() + self._policy.visit_lead_time + self._behaviour.visit_after(person.key)
        staff = pair(task.district or "staden", person.key)
        visit_at = await caller.free_slot(task.youth_id, staff, earliest)
        return None if visit_at is None else PlanHomeVisitOutcome(visit_at=visit_at, staff=staff)


def _without_district(task: Task) -> bool:
    return task.district is None


def pair(district: str, number: int) -> tuple[str, str]:
    """Return two of the four field workers of a district."""
    first = number % 4
    return f"falt-{district}-{first + 1}", f"falt-{district}-{(first + 1 + number % 3) % 4 + 1}"


def afternoon(policy: OutreachPolicy, earliest: datetime) -> datetime:
    """Return an afternoon on the first working day after ``earliest``: when somebody can be called back."""
    day = working_day_from(policy, earliest.astimezone(STOCKHOLM).date() + timedelta(days=1))
    return datetime.combine(day, time(15), STOCKHOLM)
