"""Youths' lives as the events that the other services would send."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid4

from chassis.clock import STOCKHOLM
from chassis.incoming import Incoming
from contracts import events
from contracts.messages import CHANNEL_OF, AnswerChannel, MessageKind, SkipReason
from contracts.reasons import EndReason, ReachedBy, RegistrationReason, Sex, Step, WatchReason
from contracts.start_deadline import StartDeadlineBreached
from contracts.tasks import TaskGroup, TaskKind


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), STOCKHOLM)


@dataclass
class Life:
    """Collects the events of one youth, in the order in which things happen."""

    youth_id: UUID = field(default_factory=uuid4)
    episode_id: UUID = field(default_factory=uuid4)
    happened: list[Incoming] = field(default_factory=list)

    def add(self, event: events.Event, at: datetime) -> None:
        self.happened.append(
            Incoming(uuid4(), event.type, event.topic, event.youth_id, at, event.model_dump_json().encode())
        )

    def registered(self, on: date, district: str | None = "farsta", *, protected: bool = False) -> "Life":
        self.add(
            events.YouthRegistered(
                youth_id=self.youth_id, episode_id=self.episode_id, municipality="0180", district=district,
                sex=Sex.WOMAN, birth_year=2007, reason=RegistrationReason.LEFT_SCHOOL, protected=protected,
                registered_on=on, last_covered_day=date(2027, 3, 4),
            ),
            noon(on),
        )  # fmt: skip
        return self

    def changed(self, on: date, district: str | None, *, protected: bool = False) -> "Life":
        self.add(
            events.YouthChanged(
                youth_id=self.youth_id, episode_id=self.episode_id, district=district, protected=protected,
                last_covered_day=date(2027, 3, 4),
            ),
            noon(on),
        )  # fmt: skip
        return self

    def coverage_ended(self, on: date, reason: EndReason = EndReason.STARTED_SCHOOL) -> "Life":
        self.add(
            events.CoverageEnded(youth_id=self.youth_id, episode_id=self.episode_id, reason=reason, ended_on=on),
            noon(on),
        )
        return self

    def search_started(self, on: date) -> "Life":
        self.add(
            events.OutreachStarted(
                youth_id=self.youth_id, episode_id=self.episode_id, district=None, started_at=noon(on),
                registered_on=on, late=False,
            ),
            noon(on),
        )  # fmt: skip
        return self

    def start_breached(self, due_on: date, told_on: date) -> "Life":
        self.add(
            StartDeadlineBreached(
                youth_id=self.youth_id, episode_id=self.episode_id, district=None, due_on=due_on,
                registered_on=due_on - timedelta(days=30),
            ),
            noon(told_on),
        )  # fmt: skip
        return self

    def step(self, on: date, step: Step) -> "Life":
        self.add(
            events.StepEntered(
                youth_id=self.youth_id, episode_id=self.episode_id, step=step, district=None,
                entered_at=noon(on), due_on=None,
            ),
            noon(on),
        )  # fmt: skip
        return self

    def reached(self, on: date, by: ReachedBy) -> "Life":
        self.add(
            events.YouthReached(
                youth_id=self.youth_id, episode_id=self.episode_id, district=None, reached_by=by,
                reached_at=noon(on),
            ),
            noon(on),
        )  # fmt: skip
        return self.step(on, Step.MAPPING)

    def watch(self, on: date, reason: WatchReason) -> "Life":
        self.add(
            events.WatchStarted(
                youth_id=self.youth_id, episode_id=self.episode_id, district=None, reason=reason,
                recontact_on=on + timedelta(days=90),
            ),
            noon(on),
        )  # fmt: skip
        return self.step(on, Step.WATCH)

    def outreach_ended(self, on: date, reason: EndReason) -> "Life":
        self.step(on, Step.ENDED)
        self.add(
            events.OutreachEnded(
                youth_id=self.youth_id, episode_id=self.episode_id, district=None, reason=reason, ended_at=noon(on)
            ),
            noon(on),
        )
        return self

    def task(self, on: date, kind: TaskKind, result: str, attempt: int = 1) -> "Life":
        task_id = uuid4()
        self.add(
            events.TaskOpened(
                youth_id=self.youth_id, episode_id=self.episode_id, task_id=task_id, kind=kind,
                group=TaskGroup.COORDINATORS, district=None, attempt=attempt, due_on=on,
            ),
            noon(on),
        )  # fmt: skip
        self.add(
            events.TaskCompleted(
                youth_id=self.youth_id, episode_id=self.episode_id, task_id=task_id, kind=kind, district=None,
                attempt=attempt, result=result, completed_at=noon(on),
            ),
            noon(on),
        )  # fmt: skip
        return self

    def message(
        self,
        on: date,
        kind: MessageKind,
        *,
        failed: str | None = None,
        skipped: SkipReason | None = None,
        answered: AnswerChannel | None = None,
        answer_names_it: bool = True,
        after_end: bool = False,
    ) -> "Life":
        """A message: queued and skipped, or sent and delivered or failed; perhaps answered the day after."""
        about = {
            "youth_id": self.youth_id, "episode_id": self.episode_id, "message_id": uuid4(), "kind": kind,
            "channel": CHANNEL_OF[kind], "at": noon(on),
        }  # fmt: skip
        self.add(events.MessageQueued.model_validate(about), noon(on))
        if skipped:
            self.add(events.MessageSkipped.model_validate({**about, "reason": skipped}), noon(on))
            return self
        self.add(events.MessageSent.model_validate(about), noon(on))
        if after_end:
            self.add(events.MessageSentAfterEnd.model_validate(about), noon(on))
        if failed:
            self.add(events.MessageFailed.model_validate({**about, "code": failed}), noon(on))
        else:
            self.add(events.MessageDelivered.model_validate(about), noon(on))
        if answered:
            self.add(
                events.YouthAnswered(
                    youth_id=self.youth_id, episode_id=self.episode_id, channel=answered,
                    message_id=UUID(str(about["message_id"])) if answer_names_it else None,
                    answered_at=noon(on + timedelta(days=1)),
                ),
                noon(on + timedelta(days=1)),
            )  # fmt: skip
        return self

    def again(self) -> "Life":
        """A new period of duty of the same youth; earlier events stay."""
        self.episode_id = uuid4()
        return self
