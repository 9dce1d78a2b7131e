"""The youths of a run: what each one and the staff do, and what must have come of it in the end."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

import httpx

from contracts.reasons import ReachedBy, Step
from contracts.roles import Role
from contracts.tasks import CallOutcome, CallResult, TaskKind, TaskState
from deploy.demo.views import Task
from deploy.sample.people import Person
from tests.e2e.town import FAR_FROM_TWENTY, Town
from tests.e2e.waiting import task_of, until

T = TypeVar("T")


class Course(StrEnum):
    """What becomes of a youth after the first letter and SMS."""

    REACHED = "reached"  # picks up the first call
    NO_ANSWER = "no_answer"  # does not, and is to be called again
    ANSWERED = "answered"  # answers by SMS
    SILENT = "silent"  # nobody has called yet


@dataclass(frozen=True, slots=True)
class Expected:
    step: Step
    tasks: Mapping[tuple[TaskKind, int], TaskState]  # by kind and attempt; all that there are
    reached_by: ReachedBy | None = None


FIRST_CALL, SECOND_CALL, MAPPING = (TaskKind.CALL, 1), (TaskKind.CALL, 2), (TaskKind.MAPPING, 1)
EXPECTED = {
    Course.REACHED: Expected(
        Step.MAPPING, {FIRST_CALL: TaskState.COMPLETED, MAPPING: TaskState.OPEN}, ReachedBy.CALL
    ),
    Course.NO_ANSWER: Expected(Step.CALLING, {FIRST_CALL: TaskState.COMPLETED, SECOND_CALL: TaskState.OPEN}),
    Course.ANSWERED: Expected(
        Step.MAPPING, {FIRST_CALL: TaskState.CANCELLED, MAPPING: TaskState.OPEN}, ReachedBy.SMS_ANSWER
    ),
    Course.SILENT: Expected(Step.CALLING, {FIRST_CALL: TaskState.OPEN}),
}


@dataclass(slots=True)
class Youth:
    person: Person
    course: Course
    youth_id: UUID
    acted: bool = False

    @property
    def expected(self) -> Expected:
        return EXPECTED[self.course if self.acted else Course.SILENT]

    async def act(self, town: Town, call: Task) -> None:
        """Let happen what is to happen, as people and other systems do: again until there is an answer."""
        self.acted = True
        staff = town.caller(Role.KAA_COORDINATOR, subject="anna")
        match self.course:
            case Course.REACHED:
                await staff.complete(
                    call.task_id, CallOutcome(result=CallResult.REACHED), f"reached-{call.task_id}"
                )
            case Course.NO_ANSWER:
                await staff.complete(
                    call.task_id, CallOutcome(result=CallResult.NO_ANSWER), f"rang-{call.task_id}"
                )
            case Course.ANSWERED:
                nobody = town.api.anybody()
                await insist(lambda: nobody.answer_by_sms(self.person.phone, "Ja tack"))

    async def first_call(self, town: Town) -> Task:
        return await task_of(town.caller(Role.KAA_COORDINATOR), self.youth_id, TaskKind.CALL)


def ordinary(town: Town) -> list[Person]:
    """Return the sample's youths with whom nothing is special, each with a name of their own."""
    found: dict[str, Person] = {}
    for person in town.covered:
        plain = person.protected_from is None and not person.coordination_number and person.status == "active"
        reachable = person.phone and not person.phone.endswith("99")  # the sandbox loses SMS to those
        if plain and reachable and person.born > FAR_FROM_TWENTY:
            found.setdefault(f"{person.first_name} {person.last_name}", person)
    return list(found.values())


async def insist(ask: Callable[[], Awaitable[T]]) -> T:
    """Ask again when the connection broke: for what may be done twice."""
    answers: list[T] = []

    async def once() -> bool:
        try:
            answers.append(await ask())
        except httpx.TransportError:
            return False
        return True

    await until(once, "an answer")
    return answers[0]
