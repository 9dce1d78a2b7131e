"""Simulated staff: each works through what is theirs, and completes what its time has come for.

Three local coordinators in each of eleven districts; a coordinator of the city for what is given to them and for
youths whose district is not known; a special handler for protected identities. They stand in the staff register,
which gives them their tasks, and know only what the APIs show them.
"""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

from chassis.clock import CivilClock
from contracts.districts import districts_on
from contracts.documentation import ConsentPurpose, Party
from contracts.policy import OutreachPolicy
from contracts.reasons import ReachedBy
from contracts.tasks import Outcome, PlanHomeVisitOutcome, TaskGroup, TaskKind
from deploy.demo.away import Absences
from deploy.demo.behaviour import Behaviour, Found
from deploy.demo.client import Caller, Refused, Stack
from deploy.demo.directory import Directory
from deploy.demo.documentation import Documentation
from deploy.demo.findings import Findings
from deploy.demo.municipality import FIRST_DAY
from deploy.demo.views import Task
from deploy.sample.people import Person
from deploy.sample.staff import CITY, SPECIAL, colleagues, local_ids

# A staff member looks at the list about every civil day and a half; less often while there is nothing to do.
LOOK_SECONDS, IDLE_LOOK_SECONDS = 1.5, 2.5
# What is due later than this is not worked on yet; no kind of task may take longer (policy).
AHEAD = timedelta(days=21)
LATEST = 50
# Where staff meet the youth, and may suspect that they fare badly.
MEETINGS = frozenset({TaskKind.MAPPING, TaskKind.HOME_VISIT})


class Team:
    """All staff of the demonstration."""

    def __init__(
        self, stack: Stack, clock: CivilClock, directory: Directory, seed: int, policy: OutreachPolicy
    ) -> None:
        self._clock, self._directory = clock, directory
        self._behaviour = Behaviour(seed)
        self._findings = Findings(clock, self._behaviour, policy)
        self._documentation = Documentation(clock)
        self._members: Mapping[str, Caller] = {
            one.staff_id: stack.caller(one.role, one.districts, one.staff_id) for one in colleagues()
        }
        self.absences = Absences(clock, self.city)
        self.completed: Counter[TaskKind] = Counter()
        self.decisions: deque[float] = deque(maxlen=LATEST)  # how long each took, real seconds
        self.refused: Counter[str] = Counter()

    @property
    def city(self) -> Caller:
        """The coordinator of the city."""
        return self._members[CITY]

    async def register(self) -> None:
        """Have all of them in the staff register from the first day on."""
        for one in colleagues():
            await self.city.put("outreach", f"/staff/{one.staff_id}", one.entry(FIRST_DAY))

    async def work(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            for district in districts_on(self._clock.today()):
                group.create_task(self._work(partial(self._of_district, district.code)))
            group.create_task(self._work(self._of_city))
            group.create_task(self._work(self._of_special))

    async def take_contact(self, youth_id: UUID, way: ReachedBy, key: str) -> None:
        """The youth called, came by or was found through a guardian: the city's coordinator records it."""
        await self.city.contact(youth_id, way, key)

    def note(self, refusal: Refused) -> None:
        """The duty has ended, the youth has answered or has become protected since the list was read: so it is
        in life. Anything else is a fault, and raised again."""
        if refusal.status not in (404, 409) and refusal.code != "protected-identity":
            raise refusal
        self.refused[refusal.code] += 1

    async def _work(self, mine: Callable[[], Awaitable[list[tuple[Caller, Task]]]]) -> None:
        while True:
            worked = False
            for caller, task in await mine():
                worked = await self._do(caller, task) or worked
            await asyncio.sleep(LOOK_SECONDS if worked else IDLE_LOOK_SECONDS)

    async def _of_district(self, district: str) -> list[tuple[Caller, Task]]:
        """Return who of a district does what: each their own, and covers what is on their list meanwhile."""
        today = self._clock.today()
        there = [one for one in local_ids(district) if self.absences.away(one, today) is None]
        if not there:
            return []
        listed = await self._members[there[0]].tasks(due_before=today + AHEAD, district=district)
        found = [(self._members[who], task) for task in listed if (who := whose(task, there))]
        for cover in self.absences.covering(today).intersection(there):
            covered = await self._members[cover].tasks(list="mine", due_before=today + AHEAD)
            found += [(self._members[cover], task) for task in covered if _of_another(task, there)]
        return found

    async def _of_city(self) -> list[tuple[Caller, Task]]:
        group, due_before = TaskGroup.COORDINATORS.value, self._clock.today() + AHEAD
        listed = await self.city.tasks(group=group, due_before=due_before)
        return [(self.city, task) for task in listed if task.assigned_to == CITY or task.district is None]

    async def _of_special(self) -> list[tuple[Caller, Task]]:
        special, due_before = self._members[SPECIAL], self._clock.today() + AHEAD
        return [(special, task) for task in await special.tasks(due_before=due_before)]

    async def _do(self, caller: Caller, task: Task) -> bool:
        """Do a task whose time has come; return whether it had."""
        person = await self._directory.person(task.youth_id)
        if not self._findings.is_time(task, person):
            return False
        try:
            match task.kind:
                case TaskKind.PLAN_HOME_VISIT:
                    return await self._plan(caller, task, person)
                case TaskKind.FIND_CONTACT_DETAILS:
                    await self._search(caller, task, person)
                case _:
                    await self._complete(caller, task, self._findings.outcome(task, person))
                    await self._after(caller, task, person)
        except Refused as refusal:
            self.note(refusal)
        return True

    async def _complete(self, caller: Caller, task: Task, outcome: Outcome) -> None:
        await caller.claim(task.task_id)
        began = time.monotonic()
        await caller.complete(task.task_id, outcome, str(uuid4()))
        self.decisions.append(time.monotonic() - began)
        self.completed[task.kind] += 1

    async def _plan(self, caller: Caller, task: Task, person: Person) -> bool:
        """Book a visit some days after the door card can have arrived, with two of the district who are free.

        False: nobody has time in the weeks in which the visit can be; it is tried again.
        """
        slot = await caller.free_slot(task.youth_id, self._findings.visit_from(task, person))
        if slot is None:
            return False
        plan = PlanHomeVisitOutcome(visit_at=slot.starts_at, staff=slot.staff)
        await self._complete(caller, task, plan)
        return True

    async def _search(self, caller: Caller, task: Task, person: Person) -> None:
        """Look for a number. One that is entered is told to the workflow, which has the youth called by itself."""
        found, numbers = self._findings.search(task, person), self._findings.numbers.found
        if found is Found.ENTERED and person.key not in numbers:
            await self._documentation.enter_number(caller, task.youth_id, person)
            numbers.add(person.key)
            return
        if found is Found.GUARDIANS:
            await self._documentation.enter_guardian(caller, task.youth_id, person)
            numbers.add(person.key)
        await self._complete(caller, task, self._findings.outcome(task, person))

    async def _after(self, caller: Caller, task: Task, person: Person) -> None:
        """What follows from having met the youth: a consent, and now and then a concern."""
        if task.kind is TaskKind.MAPPING and self._behaviour.consents_to_handover(person.key):
            party, purpose = Party.NEW_MUNICIPALITY, ConsentPurpose.HANDOVER
            await self._documentation.consent(caller, task.youth_id, party, purpose)
        if task.kind in MEETINGS and self._behaviour.raises_concern(person.key):
            await caller.post("outreach", f"/youths/{task.youth_id}/concerns", key=f"concern-{task.task_id}")


def whose(task: Task, there: Sequence[str]) -> str | None:
    """Return which of those who are there does a task; None: it is of somebody who is away, or of the city."""
    if task.kind is TaskKind.HOME_VISIT:
        return next((one for one in task.staff if one in there), None)
    if task.assigned_to is None:
        return there[task.task_id.int % len(there)]
    return task.assigned_to if task.assigned_to in there else None


def _of_another(task: Task, there: Sequence[str]) -> bool:
    """A task on a cover's list that is of somebody who is away. A visit is made by the two who are named."""
    return task.kind is not TaskKind.HOME_VISIT and task.assigned_to not in there
