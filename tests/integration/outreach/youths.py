"""Youths as the outreach service hears of them: from the registry, and from their workflows."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from chassis.clock import STOCKHOLM
from chassis.incoming import Incoming
from contracts import events
from contracts.outreach_activities import Progress, TaskClosure
from contracts.reasons import EndReason, RegistrationReason, Sex, Step
from contracts.tasks import CallOutcome, CallResult, Outcome, TaskGroup, TaskKind, TaskSpec, TaskState

NOON = datetime(2026, 3, 2, 12, tzinfo=STOCKHOLM)
LAST_DAY = date(2028, 5, 5)
STAFF_OF_A_VISIT = ("anna", "bo")


def incoming(event: events.Event, at: datetime = NOON, event_id: UUID | None = None) -> Incoming:
    data = event.model_dump_json().encode()
    return Incoming(event_id or uuid4(), event.type, event.topic, event.youth_id, at, data)


@dataclass
class Youth:
    """Makes transitions and events of one youth. Each transition is an hour after the one before."""

    youth_id: UUID = field(default_factory=uuid4)
    episode_id: UUID = field(default_factory=uuid4)
    district: str | None = "farsta"
    moves: int = 0

    def spec(self, kind: TaskKind = TaskKind.CALL, **fields: Any) -> TaskSpec:
        if kind is TaskKind.HOME_VISIT:
            fields.setdefault("staff", STAFF_OF_A_VISIT)
        return TaskSpec(task_id=uuid4(), kind=kind, **{"due_on": date(2026, 3, 4), **fields})

    def progress(self, step: Step = Step.CALLING, **fields: Any) -> Progress:
        self.moves += 1
        return Progress(
            **{
                "progress_id": uuid4(),
                "youth_id": self.youth_id,
                "episode_id": self.episode_id,
                "district": self.district,
                "step": step,
                "at": NOON + self.moves * timedelta(hours=1),
                **fields,
            }
        )

    def opening(self, *specs: TaskSpec, step: Step = Step.CALLING, **fields: Any) -> Progress:
        return self.progress(step, opened=specs, **fields)

    def registered(self, *, protected: bool = False, **fields: Any) -> events.YouthRegistered:
        return events.YouthRegistered(
            **{
                "youth_id": self.youth_id,
                "episode_id": self.episode_id,
                "municipality": "0180",
                "district": self.district,
                "sex": Sex.WOMAN,
                "birth_year": 2008,
                "reason": RegistrationReason.LEFT_SCHOOL,
                "protected": protected,
                "registered_on": NOON.date(),
                "last_covered_day": LAST_DAY,
                **fields,
            }
        )

    def changed(self, *, district: str | None = None, protected: bool = False) -> events.YouthChanged:
        return events.YouthChanged(
            youth_id=self.youth_id,
            episode_id=self.episode_id,
            district=district,
            protected=protected,
            last_covered_day=LAST_DAY,
        )

    def coverage_ended(self, reason: EndReason = EndReason.STARTED_SCHOOL) -> events.CoverageEnded:
        return events.CoverageEnded(
            youth_id=self.youth_id, episode_id=self.episode_id, reason=reason, ended_on=NOON.date()
        )


def completed(
    spec: TaskSpec, outcome: Outcome | None = None, by: str = "anna", at: datetime = NOON
) -> TaskClosure:
    outcome = outcome or CallOutcome(result=CallResult.NO_ANSWER)
    return TaskClosure(task_id=spec.task_id, state=TaskState.COMPLETED, outcome=outcome, by=by, at=at)


def cancelled(spec: TaskSpec, at: datetime = NOON) -> TaskClosure:
    return TaskClosure(task_id=spec.task_id, state=TaskState.CANCELLED, at=at)


def protected_task(youth: Youth) -> TaskSpec:
    return youth.spec(TaskKind.PROTECTED, group=TaskGroup.SPECIAL_HANDLERS)
