"""Driving one youth's workflow on a real server that skips time."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

import pytest
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import Client, WorkflowHandle, WorkflowHistory, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.testing import TimeSkipper

from contracts.ids import youth_workflow_id
from contracts.messages import AnswerChannel, MessageKind
from contracts.outreach_activities import Progress
from contracts.outreach_workflow import (
    SIGNAL_ANSWERED,
    SIGNAL_CHANGED,
    SIGNAL_COVERAGE_ENDED,
    SIGNAL_REGISTERED,
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
    Telephone,
)
from contracts.reasons import EndReason, ReachedBy, Step
from contracts.tasks import (
    CallOutcome,
    CallResult,
    HomeVisitOutcome,
    HomeVisitResult,
    Outcome,
    PlanHomeVisitOutcome,
    TaskKind,
    TaskSpec,
)
from tests.workflows.chain import chain_of
from tests.workflows.records import Records
from workflows.youth_outreach.dates import first_visit_time

T = TypeVar("T")
PATIENCE = 60.0  # real seconds; the machine may be busy
STAFF = "staff-1"
FIRST = (MessageKind.FIRST_LETTER, MessageKind.FIRST_SMS)
TRIED = (MessageKind.TRIED_LETTER, MessageKind.TRIED_SMS)


async def eventually(look: Callable[[], T], what: str) -> T:
    """Return what a look gives as soon as it is true."""
    async with asyncio.timeout(PATIENCE) as limit:
        while not (seen := look()):
            await asyncio.sleep(0.005)
            if limit.expired():
                raise AssertionError(f"never happened: {what}")
    return seen


class Youth:
    """One youth in a test: what happens to them, and what came of it."""

    def __init__(self, skipper: TimeSkipper, records: Records, start: OutreachStart) -> None:
        self._skipper, self.records, self.start = skipper, records, start
        self.id, self.episode_id = start.youth_id, start.episode_id
        self.client: Client = skipper.client
        self.handle: WorkflowHandle[Any, Any] = self.client.get_workflow_handle(youth_workflow_id(self.id))

    # --- what was recorded ---

    @property
    def progress(self) -> list[Progress]:
        return self.records.progress[self.id]

    @property
    def step(self) -> Step | None:
        return self.progress[-1].step if self.progress else None

    @property
    def steps(self) -> list[Step]:
        """The steps entered, without repeats in a row."""
        steps = [progress.step for progress in self.progress]
        return [step for before, step in zip([None, *steps], steps, strict=False) if step is not before]

    @property
    def messages(self) -> list[MessageKind]:
        return [message.kind for message in self.records.messages[self.id]]

    @property
    def tasks(self) -> list[TaskSpec]:
        return self.records.open_tasks(self.id)

    @property
    def reached(self) -> list[ReachedBy]:
        return [progress.reached.by for progress in self.progress if progress.reached]

    @property
    def ended(self) -> EndReason | None:
        return self.progress[-1].ended

    async def arrives_at(self, step: Step) -> None:
        await eventually(lambda: self.step is step, f"step {step} (is {self.step})")

    async def gets(self, *kinds: MessageKind) -> None:
        """Wait until messages have come to notifications, and no others since the start."""
        await eventually(lambda: len(self.messages) >= len(kinds), f"messages {kinds}")
        assert self.messages == list(kinds)

    async def has(self, kind: TaskKind) -> TaskSpec:
        """Wait until the one open task is of a kind, and return it."""
        await eventually(lambda: [task.kind for task in self.tasks] == [kind], f"task {kind} (has {self.tasks})")
        return self.tasks[0]

    # --- what happens ---

    async def registered(self) -> None:
        """Signal-with-start, as the outreach consumer does."""
        await self.client.start_workflow(
            YOUTH_OUTREACH,
            self.start,
            id=self.handle.id,
            task_queue=WORKFLOWS_QUEUE,
            start_signal=SIGNAL_REGISTERED,
            start_signal_args=[self.start],
        )
        await eventually(lambda: self.progress, "the first transition")

    async def now(self) -> datetime:
        """Return the youth's civil time."""
        return self.start.clock.civil(await self._skipper.get_current_time(self.handle))

    async def passes(self, civil: timedelta) -> None:
        """Let civil time pass."""
        real = self.start.clock.real_duration(civil)
        await self._skipper.fast_forward(self.handle, max(real, timedelta(milliseconds=10)))

    async def passes_until(self, moment: datetime | None) -> None:
        """Let civil time pass until just after a moment."""
        assert moment is not None
        now = await self.now()
        # In UTC: between wall clocks of the same zone Python leaves out the change to winter time.
        if (wait := moment.astimezone(UTC) - now.astimezone(UTC)) > timedelta(0):
            await self.passes(wait + timedelta(seconds=5))

    async def time_is_up(self) -> None:
        """Let time pass until what is due next."""
        await self.passes_until(self.progress[-1].due)

    async def completes(self, outcome: Outcome, *, key: str | None = None, task_id: UUID | None = None) -> Decided:
        """Complete the open task that fits the outcome, as the outreach API does. Raises `refusal` of it."""
        decision = CompleteTask(
            decision_key=key or str(uuid4()),
            task_id=task_id or next(task.task_id for task in self.tasks if task.kind is outcome.kind),
            by=STAFF,
            outcome=outcome,
        )
        return await self._update(UPDATE_COMPLETE_TASK, decision)

    async def contacts(self, way: ReachedBy, *, key: str | None = None) -> Decided:
        contact = RecordContact.model_validate({"decision_key": key or str(uuid4()), "by": STAFF, "way": way})
        return await self._update(UPDATE_RECORD_CONTACT, contact)

    async def _update(self, name: str, decision: CompleteTask | RecordContact) -> Decided:
        decided: Decided = await self.handle.execute_update(
            name, decision, id=f"{decision.decision_key}-{uuid4()}", result_type=Decided
        )
        return decided

    async def answers(
        self,
        channel: AnswerChannel = AnswerChannel.SMS,
        *,
        episode_id: UUID | None = None,
        event_id: UUID | None = None,
    ) -> UUID:
        """Answer; returns the event's id."""
        event_id = event_id or uuid4()
        answered = Answered(
            event_id=event_id,
            episode_id=episode_id or self.episode_id,
            channel=channel,
            answered_at=await self.now(),
        )
        await self.handle.signal(SIGNAL_ANSWERED, answered)
        return event_id

    async def changes(self, **fields: Any) -> None:
        """The register changed the youth's codes."""
        now = {name: getattr(self.start, name) for name in ("district", "tracks", "protected", "last_covered_day")}
        changed = {"event_id": uuid4(), "episode_id": self.episode_id, **now, **fields}
        await self.handle.signal(SIGNAL_CHANGED, Changed.model_validate(changed))

    async def telephone(self, *, has_phone: bool) -> None:
        """The register got or lost a telephone number of the youth's."""
        told = Telephone(event_id=uuid4(), episode_id=self.episode_id, has_phone=has_phone)
        await self.handle.signal(SIGNAL_TELEPHONE, told)

    async def leaves(
        self, reason: EndReason = EndReason.STARTED_SCHOOL, *, episode_id: UUID | None = None
    ) -> None:
        """The duty ends."""
        end = EndOfCoverage(
            event_id=uuid4(),
            episode_id=episode_id or self.episode_id,
            reason=reason,
            ended_on=(await self.now()).date(),
        )
        await self.handle.signal(SIGNAL_COVERAGE_ENDED, end)

    async def details(self) -> str:
        """Return the current details text, as the Temporal UI asks for it."""
        metadata = await self.handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
        return str(metadata.current_details)

    async def chain(self) -> list[WorkflowHistory]:
        """Return the histories of all runs, the first one first."""
        return await chain_of(self.handle, self.client)

    async def is_over(self) -> None:
        """The workflow has completed."""
        await asyncio.wait_for(self.handle.result(), PATIENCE)

    # --- short cuts ---

    async def is_called(self, result: CallResult) -> Decided:
        """The open call is made at its time."""
        call = await self.has(TaskKind.CALL)
        await self.passes_until(call.not_before)
        return await self.completes(CallOutcome(result=result))

    async def never_answers_until(self, step: Step) -> None:
        """Go the way of who never answers, up to a step."""
        await self.time_is_up()
        await self.arrives_at(Step.FIRST_CONTACT)
        await self.gets(*FIRST)
        if step is Step.FIRST_CONTACT:
            return
        await self.time_is_up()
        await self.arrives_at(Step.CALLING)
        if step is Step.CALLING:
            return
        for _ in range(3):
            await self.is_called(CallResult.NO_ANSWER)
        await self.arrives_at(Step.TRIED_TO_REACH)
        await self.gets(*FIRST, *TRIED)
        if step is Step.TRIED_TO_REACH:
            return
        await self.time_is_up()
        await self.has(TaskKind.PLAN_HOME_VISIT)
        await self.is_visited_by("anna", "bo")
        await self.gets(*FIRST, *TRIED, MessageKind.DOOR_CARD)
        if step is Step.DOOR_CARD:
            return
        await self.time_is_up()
        await self.arrives_at(Step.HOME_VISIT)
        if step is Step.HOME_VISIT:
            return
        await self.completes(HomeVisitOutcome(result=HomeVisitResult.NOBODY_HOME))
        await self.arrives_at(Step.WATCH)

    async def is_visited_by(self, *staff: str) -> Decided:
        """Staff book the first visit that the policy allows."""
        visit_at = first_visit_time(self.start.policy, await self.now(), self.start.last_covered_day)
        assert visit_at is not None
        # Some real time passes until the decision is taken; on a fast clock that is minutes.
        plan = PlanHomeVisitOutcome(visit_at=visit_at + timedelta(minutes=30), staff=(staff[0], staff[1]))
        return await self.completes(plan)


async def refused(decision: Awaitable[Decided]) -> str:
    """Return the type with which a decision is refused."""
    with pytest.raises(WorkflowUpdateFailedError) as failed:
        await decision
    cause = failed.value.cause
    assert isinstance(cause, ApplicationError)
    assert cause.type is not None
    return cause.type
