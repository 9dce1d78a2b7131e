"""How a thing reaches the workflow of a youth: the register, social services, the youth, time, and staff."""

import asyncio
from collections.abc import Awaitable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, timedelta
from typing import Any
from uuid import UUID, uuid5

from temporalio.client import WorkflowUpdateFailedError, WorkflowUpdateHandle, WorkflowUpdateStage
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import TimeSkipper

from chassis.clock import STOCKHOLM
from contracts.messages import AnswerChannel, MessageKind
from contracts.outreach_facts import (
    SIGNAL_HOLD_ENDED,
    SIGNAL_HOLD_PLACED,
    SIGNAL_MESSAGE_RECALLED,
    HoldLifted,
    HoldSet,
    MessageRecalled,
)
from contracts.outreach_workflow import (
    SIGNAL_ANSWERED,
    SIGNAL_CHANGED,
    SIGNAL_COVERAGE_ENDED,
    SIGNAL_REGISTERED,
    SIGNAL_START_SEARCH,
    SIGNAL_TELEPHONE,
    UPDATE_COMPLETE_TASK,
    UPDATE_RECORD_CONTACT,
    WORKFLOWS_QUEUE,
    YOUTH_OUTREACH,
    Answered,
    Changed,
    CompleteTask,
    Decided,
    EndOfCoverage,
    OutreachStart,
    RecordContact,
    StartSearch,
    Telephone,
)
from contracts.reasons import EndReason, ReachedBy
from contracts.tasks import CallOutcome, CallResult, PlanHomeVisitOutcome, TaskKind
from tests.workflows.driver import STAFF, Youth
from tests.workflows.model.happenings import Thing, What
from tests.workflows.model.places import POLICY, Arrived
from tests.workflows.model.rules import (
    standing,
)
from tests.workflows.model.services import SlowServices
from tests.workflows.outcomes import outcomes_of
from workflows.youth_outreach.facts import Fact

ONE_DAY = timedelta(days=1)
RECALLED = (MessageKind.FIRST_LETTER, MessageKind.TRIED_LETTER, MessageKind.DOOR_CARD, MessageKind.TURNS_20_LETTER)
SIGNALS: dict[type[Fact], str] = {
    OutreachStart: SIGNAL_REGISTERED,
    Changed: SIGNAL_CHANGED,
    EndOfCoverage: SIGNAL_COVERAGE_ENDED,
    Answered: SIGNAL_ANSWERED,
    Telephone: SIGNAL_TELEPHONE,
    StartSearch: SIGNAL_START_SEARCH,
    HoldSet: SIGNAL_HOLD_PLACED,
    HoldLifted: SIGNAL_HOLD_ENDED,
    MessageRecalled: SIGNAL_MESSAGE_RECALLED,
}
CODES = ("district", "tracks", "protected", "last_covered_day")


class Surroundings:
    """Around one workflow. What time it is there (`now`), what it was told, and what came of decisions."""

    def __init__(self, skipper: TimeSkipper, services: SlowServices, arrived: Arrived) -> None:
        self.youth = Youth(skipper, services, arrived.start)
        self.now = arrived.now
        self.results: list[tuple[str, Decided | str]] = []
        self.runs: list[str] = []  # by which each chain of runs was begun
        self._told = [*arrived.told]
        self._number = 0

    async def happens(self, thing: Thing) -> Awaitable[None] | None:
        """Let a thing reach the workflow. What is returned waits for what becomes of it, if anything."""
        choice = thing.choice
        match thing.what:
            case What.TIME:
                await self._passes(self._next())
            case What.HOURS:
                await self._passes(timedelta(hours=choice % 240))
            case What.WORK:
                return await self._work(choice, times=1)
            case What.TWICE:
                return await self._work(choice, times=2)
            case What.CONTACT:
                way = (ReachedBy.INBOUND_CALL, ReachedBy.DROP_IN, ReachedBy.GUARDIAN)[choice % 3]
                contact = RecordContact.model_validate({"decision_key": self._key(), "by": STAFF, "way": way})
                return await self._decides(UPDATE_RECORD_CONTACT, contact, times=1)
            case What.ANEW:
                await self.registered(self._anew())
            case What.AGAIN:
                if self._told:
                    await self._tell(self._told[choice % len(self._told)])
            case _:
                fact = self._fact(thing)
                self._told.append(fact)
                await self._tell(fact)
        return None

    def _fact(self, thing: Thing) -> Fact:
        """Return what the register, social services or the youth say."""
        event = {"event_id": self._id(), "episode_id": self.youth.episode_id}
        choice, now = thing.choice, self.now
        match thing.what:
            case What.ANSWER:
                at = now + timedelta(microseconds=self._number)  # told apart by it
                channel = list(AnswerChannel)[choice % 2]
                return Answered(**event, channel=channel, answered_at=at)
            case What.HELD:
                until = now.date() + (choice % 40) * ONE_DAY
                return HoldSet(**event, hold_id=UUID(int=1 + choice % 2), until=until)
            case What.LIFTED:
                return HoldLifted(**event, hold_id=UUID(int=1 + choice % 2))
            case What.RECALLED:
                return MessageRecalled(**event, kind=RECALLED[choice % len(RECALLED)])
            case What.PROTECTED:
                return self._changed(event, protected=True, district=None)
            case What.UNPROTECTED:
                return self._changed(event, protected=False, district="farsta")
            case What.AGE:
                return self._changed(event, last_covered_day=now.date() + (choice % 200) * ONE_DAY)
            case What.TELEPHONE:
                return Telephone(**event, has_phone=bool(choice % 2))
            case What.SEARCH:
                return StartSearch(**event)
            case _:
                reason = list(EndReason)[choice % len(EndReason)]
                return EndOfCoverage(**event, reason=reason, ended_on=now.date())

    def _changed(self, event: dict[str, UUID], **codes: Any) -> Fact:
        self.youth.start = self.youth.start.model_copy(update=codes)
        now = {name: getattr(self.youth.start, name) for name in CODES}
        return Changed.model_validate({**event, **now})

    async def _tell(self, fact: Fact) -> None:
        with _unless_ended():
            await self.youth.handle.signal(SIGNALS[type(fact)], fact)

    def _anew(self) -> OutreachStart:
        today = self.now.date()
        ids = {"event_id": self._id(), "episode_id": self._id()}
        return self.youth.start.model_copy(update={**ids, "protected": False, "registered_on": today})

    async def registered(self, start: OutreachStart) -> None:
        """Signal-with-start, as the outreach consumer does."""
        self.youth.start, self.youth.episode_id = start, start.episode_id
        self._told.append(start)
        handle = await self.youth.client.start_workflow(
            YOUTH_OUTREACH,
            start,
            id=self.youth.handle.id,
            task_queue=WORKFLOWS_QUEUE,
            start_signal=SIGNAL_REGISTERED,
            start_signal_args=[start],
        )
        self.runs.append(handle.result_run_id or "")

    # --- time ---

    def _next(self) -> timedelta:
        """Return how long it is until something is due, or can be done."""
        now = self.now
        moments = [task.not_before for task in standing(POLICY, self.youth.progress).open.values()]
        if self.youth.progress:
            moments.append(self.youth.progress[-1].due)
        waits = [one.astimezone(UTC) - now.astimezone(UTC) for one in moments if one is not None]
        return min((wait for wait in waits if wait > timedelta(0)), default=timedelta(0)) + timedelta(seconds=5)

    async def _passes(self, civil: timedelta) -> None:
        self.now = (self.now.astimezone(UTC) + civil).astimezone(STOCKHOLM)
        with _unless_ended():
            await self.youth.passes(civil)

    # --- staff ---

    async def _work(self, choice: int, times: int) -> Awaitable[None] | None:
        tasks = list(standing(POLICY, self.youth.progress).open.values())
        if not tasks:
            return None
        task = tasks[choice % len(tasks)]
        outcomes = outcomes_of(task.kind, POLICY, self.now, self.youth.start.last_covered_day)
        if task.kind is TaskKind.CALL:  # mostly nobody answers
            outcomes += [CallOutcome(result=CallResult.NO_ANSWER)] * len(outcomes)
        outcome = outcomes[choice // len(tasks) % len(outcomes)]
        if isinstance(outcome, PlanHomeVisitOutcome):
            # Some real time passes until the decision is taken.
            outcome = outcome.model_copy(update={"visit_at": outcome.visit_at + timedelta(minutes=10)})
        decision = CompleteTask(decision_key=self._key(), task_id=task.task_id, by=STAFF, outcome=outcome)
        return await self._decides(UPDATE_COMPLETE_TASK, decision, times)

    async def _decides(self, name: str, decision: CompleteTask | RecordContact, times: int) -> Awaitable[None]:
        sent = await asyncio.gather(*(self._sends(name, decision) for _ in range(times)))
        return self._hear(decision.decision_key, [one for one in sent if one is not None])

    async def _sends(
        self, name: str, decision: CompleteTask | RecordContact
    ) -> WorkflowUpdateHandle[Decided] | None:
        accepted = WorkflowUpdateStage.ACCEPTED
        with _unless_ended():
            return await self.youth.handle.start_update(
                name, decision, wait_for_stage=accepted, id=str(self._id()), result_type=Decided
            )
        return None

    async def _hear(self, key: str, sent: Sequence[WorkflowUpdateHandle[Decided]]) -> None:
        for update in sent:
            self.results.append((key, await _result(update)))

    def _key(self) -> str:
        return f"decision {self._id()}"

    def _id(self) -> UUID:
        self._number += 1
        return uuid5(self.youth.id, f"{self._number}")


@contextmanager
def _unless_ended() -> Iterator[None]:
    """What comes after the end finds no workflow: its senders know that, and go on."""
    try:
        yield
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise


async def _result(update: WorkflowUpdateHandle[Decided]) -> Decided | str:
    try:
        return await update.result()
    except WorkflowUpdateFailedError as failed:
        return (isinstance(failed.cause, ApplicationError) and failed.cause.type) or repr(failed.cause)
