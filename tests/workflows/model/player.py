"""Playing a course against a real workflow, and telling what came of it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from temporalio.client import WorkflowUpdateFailedError, WorkflowUpdateHandle, WorkflowUpdateStage
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import TimeSkipper

from chassis.clock import ClockSpec
from contracts.base import Contract
from contracts.messages import AnswerChannel, MessageKind
from contracts.notifications_activities import QUEUE_MESSAGES
from contracts.outreach_activities import RECORD_PROGRESS, Progress
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
from tests.workflows.model.asked import Run, all_asked
from tests.workflows.model.happenings import Course, How, Moment, Thing, What
from tests.workflows.model.places import POLICY, Arrived
from tests.workflows.model.rules import (
    Broken,
    Rule,
    judge_asked,
    judge_decisions,
    judge_done,
    judge_runs,
    standing,
)
from tests.workflows.model.services import Gate, SlowServices
from tests.workflows.outcomes import outcomes_of
from tests.workflows.stage import ALMOST_ONE
from workflows.youth_outreach.state import Begin, State

LONGEST = 120.0  # seconds that one course may take; usually it is a few, on a busy machine too
STUCK = 4  # attempts of one workflow task
FIRST_LOOK, LAST_LOOK = 0.02, 0.5  # seconds between looks: longer and longer, for looking costs
ONE_DAY = timedelta(days=1)
RECALLED = (MessageKind.FIRST_LETTER, MessageKind.TRIED_LETTER, MessageKind.DOOR_CARD, MessageKind.TURNS_20_LETTER)
CODES = ("district", "tracks", "protected", "last_covered_day")


class Player:
    """Plays one course."""

    def __init__(self, skipper: TimeSkipper, services: SlowServices, course: Course, arrived: Arrived) -> None:
        self._course, self._services = course, services
        clock = ClockSpec(
            speed=ALMOST_ONE,
            real_anchor=datetime.now(UTC),  # noqa: TID251 - the anchor
            civil_anchor=arrived.now,
        )
        self._led = arrived.recorded
        self._begin = (
            replace(arrived.begin, clock=clock)
            if isinstance(arrived.begin, State)
            else arrived.begin.model_copy(update={"clock": clock})
        )
        self.youth = Youth(skipper, services, arrived.start.model_copy(update={"clock": clock}))
        services.progress[self.youth.id] = list(self._led)
        services.messages[self.youth.id] = []
        self._told: list[tuple[str, Contract]] = []
        self._results: list[tuple[str, Decided | str]] = []
        self._runs: list[str] = []  # by which each chain of runs was begun
        self._number = 0
        self._report: list[str] = []

    async def play(self) -> None:
        """Let everything happen, and judge it. Raises Broken, with the course and what came of it."""
        try:
            async with asyncio.timeout(LONGEST):
                await self._begun()
                for moment in self._course.moments:
                    await self._moment(moment)
                await self._judge()
        except TimeoutError as error:
            raise self._told_of(Broken(Rule.NEVER_STUCK, f"did not come to an end in {LONGEST} s")) from error
        except Broken as broken:
            raise self._told_of(broken) from None

    async def is_over(self) -> None:
        """End what still runs."""
        try:
            await self.youth.handle.terminate("the course is over")
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise

    # --- a course, moment by moment ---

    async def _begun(self) -> None:
        if isinstance(self._begin, OutreachStart):
            await self._registered(self._begin)
            await self._settled()
        else:  # what happens first may come before the workflow has run
            handle = await self.youth.client.start_workflow(
                YOUTH_OUTREACH, Begin(self._begin), id=self.youth.handle.id, task_queue=WORKFLOWS_QUEUE
            )
            self._runs.append(handle.result_run_id or "")

    async def _moment(self, moment: Moment) -> None:
        before = len(self.youth.progress)
        first, *others = moment.things
        if moment.how is How.AT_ONCE:
            if first.what in (What.TIME, What.HOURS):
                await self._happens(first)
            else:
                others = [first, *others]
            await self._at_once(others)
        else:
            await self._amid(moment, first, others)
        await self._settled()
        self._note(moment, before)

    async def _at_once(self, things: Sequence[Thing]) -> None:
        results = await asyncio.gather(*map(self._happens, things))
        await asyncio.gather(*(result for result in results if result is not None))

    async def _amid(self, moment: Moment, first: Thing, others: Sequence[Thing]) -> None:
        """Let the first happen until a service is asked; then let the others come, and the service go on."""
        activity = RECORD_PROGRESS if moment.how is How.AMID_RECORDING else QUEUE_MESSAGES
        gate = Gate(fails=moment.fails)
        self._services.gates[activity, self.youth.id] = gate
        beginning = asyncio.create_task(self._at_once([first]))
        try:
            await self._settled(gate, beginning)
            results = await asyncio.gather(*map(self._happens, others))
        finally:
            self._services.gates.pop((activity, self.youth.id), None)
            gate.open.set()
        await asyncio.gather(beginning, *(result for result in results if result is not None))

    async def _settled(self, gate: Gate | None = None, beginning: asyncio.Task[None] | None = None) -> None:
        """Wait until nothing is under way; or until a gate is reached."""
        look = FIRST_LOOK
        while not (gate and gate.reached.is_set()):
            if (beginning is None or beginning.done()) and await self._quiet():
                return
            await asyncio.sleep(look)
            look = min(look * 1.5, LAST_LOOK)

    async def _quiet(self) -> bool:
        described = (await self.youth.handle.describe()).raw_description
        if described.pending_workflow_task.attempt >= STUCK:
            raise Broken(Rule.NEVER_STUCK, "a workflow task fails again and again")
        return not described.pending_activities and not described.HasField("pending_workflow_task")

    # --- one thing ---

    async def _happens(self, thing: Thing) -> Awaitable[None] | None:
        """Let a thing reach the workflow. What is returned waits for what becomes of it, if anything."""
        choice = thing.choice
        match thing.what:
            case What.TIME:
                await self._passes(await self._next())
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
                await self._registered(await self._anew())
            case What.AGAIN:
                if self._told:
                    await self._signals(*self._told[choice % len(self._told)])
            case _:
                told = self._fact(thing, await self.youth.now())
                self._told.append(told)
                await self._signals(*told)
        return None

    def _fact(self, thing: Thing, now: datetime) -> tuple[str, Contract]:
        """Return what the register, social services or the youth say."""
        event = {"event_id": self._id(), "episode_id": self.youth.episode_id}
        choice = thing.choice
        match thing.what:
            case What.ANSWER:
                at = now + timedelta(microseconds=self._number)  # told apart by it
                channel = list(AnswerChannel)[choice % 2]
                return SIGNAL_ANSWERED, Answered(**event, channel=channel, answered_at=at)
            case What.HELD:
                until = now.date() + (choice % 40) * ONE_DAY
                return SIGNAL_HOLD_PLACED, HoldSet(**event, hold_id=UUID(int=1 + choice % 2), until=until)
            case What.LIFTED:
                return SIGNAL_HOLD_ENDED, HoldLifted(**event, hold_id=UUID(int=1 + choice % 2))
            case What.RECALLED:
                return SIGNAL_MESSAGE_RECALLED, MessageRecalled(**event, kind=RECALLED[choice % len(RECALLED)])
            case What.PROTECTED:
                return self._changed(event, protected=True, district=None)
            case What.UNPROTECTED:
                return self._changed(event, protected=False, district="farsta")
            case What.AGE:
                return self._changed(event, last_covered_day=now.date() + (choice % 200) * ONE_DAY)
            case What.TELEPHONE:
                return SIGNAL_TELEPHONE, Telephone(**event, has_phone=bool(choice % 2))
            case What.SEARCH:
                return SIGNAL_START_SEARCH, StartSearch(**event)
            case _:
                reason = list(EndReason)[choice % len(EndReason)]
                return SIGNAL_COVERAGE_ENDED, EndOfCoverage(**event, reason=reason, ended_on=now.date())

    def _changed(self, event: dict[str, UUID], **codes: Any) -> tuple[str, Contract]:
        self.youth.start = self.youth.start.model_copy(update=codes)
        now = {name: getattr(self.youth.start, name) for name in CODES}
        return SIGNAL_CHANGED, Changed.model_validate({**event, **now})

    async def _signals(self, name: str, fact: Contract) -> None:
        with _unless_ended():
            await self.youth.handle.signal(name, fact)

    async def _anew(self) -> OutreachStart:
        today = (await self.youth.now()).date()
        ids = {"event_id": self._id(), "episode_id": self._id()}
        return self.youth.start.model_copy(update={**ids, "protected": False, "registered_on": today})

    async def _registered(self, start: OutreachStart) -> None:
        """Signal-with-start, as the outreach consumer does."""
        self.youth.start, self.youth.episode_id = start, start.episode_id
        self._told.append((SIGNAL_REGISTERED, start))
        handle = await self.youth.client.start_workflow(
            YOUTH_OUTREACH,
            start,
            id=self.youth.handle.id,
            task_queue=WORKFLOWS_QUEUE,
            start_signal=SIGNAL_REGISTERED,
            start_signal_args=[start],
        )
        self._runs.append(handle.result_run_id or "")

    # --- time ---

    async def _next(self) -> timedelta:
        """Return how long it is until something is due, or can be done."""
        now = await self.youth.now()
        moments = [task.not_before for task in standing(POLICY, self.youth.progress).open.values()]
        if self.youth.progress:
            moments.append(self.youth.progress[-1].due)
        waits = [one.astimezone(UTC) - now.astimezone(UTC) for one in moments if one is not None]
        return min((wait for wait in waits if wait > timedelta(0)), default=timedelta(0)) + timedelta(seconds=5)

    async def _passes(self, civil: timedelta) -> None:
        with _unless_ended():
            await self.youth.passes(civil)

    # --- staff ---

    async def _work(self, choice: int, times: int) -> Awaitable[None] | None:
        tasks = list(standing(POLICY, self.youth.progress).open.values())
        if not tasks:
            return None
        task = tasks[choice % len(tasks)]
        outcomes = outcomes_of(task.kind, POLICY, await self.youth.now(), self.youth.start.last_covered_day)
        if task.kind is TaskKind.CALL:
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
            self._results.append((key, await _result(update)))

    # --- what came of it ---

    async def _judge(self) -> None:
        runs = [run async for run in self._all_runs()]
        asked, recorded = all_asked(runs), self.youth.progress
        judge_runs(runs, recorded)
        judge_asked(standing(POLICY, self._led), asked)
        judge_done(self.youth.id, asked, self._led, self._services)
        judge_decisions(self._results, recorded[len(self._led) :])

    async def _all_runs(self) -> AsyncIterator[Run]:
        seen: set[str] = set()
        for begun in self._runs:
            run_id = begun
            while run_id and run_id not in seen:
                seen.add(run_id)
                handle = self.youth.client.get_workflow_handle(self.youth.handle.id, run_id=run_id)
                history = await handle.fetch_history()
                yield Run.of(history)
                last = history.events[-1]
                run_id = last.workflow_execution_continued_as_new_event_attributes.new_execution_run_id

    def _note(self, moment: Moment, before: int) -> None:
        things = ", ".join(f"{thing.what.value} ({thing.choice})" for thing in moment.things)
        how = f"{moment.how.value}{', which then fails once' if moment.fails else ''}: " * (len(moment.things) > 1)
        self._report.append(f"- {how}{things}")
        self._report += [f"    {_text(one)}" for one in self.youth.progress[before:]]

    def _told_of(self, broken: Broken) -> Broken:
        """Return it with the course, and what came of it."""
        led = [f"    {_text(one)}" for one in self._led[-3:]]
        happened = [f"{self._course.place.value}:", *led, *self._report]
        return Broken(broken.rule, "\n".join([broken.what, "", *happened, "", f"{self._course!r}"]))

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


def _text(one: Progress) -> str:
    closed = [f"{closure.outcome or closure.state.value}" for closure in one.closed]
    opened = [f"{task.kind.value} {task.not_before or ''}" for task in one.opened]
    parts = [f"closes {closed}" * bool(closed), f"opens {opened}" * bool(opened), f"due {one.due}"]
    return f"{one.at:%Y-%m-%d %H:%M} {one.step.value}: " + ", ".join(part for part in parts if part)
