"""What can happen to a youth at any instant, and the rules that hold whatever happens: for the model test.

Played against real workflows on a real server; judged by their histories: what was asked of the services.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from temporalio.client import WorkflowHistory, WorkflowUpdateFailedError
from temporalio.service import RPCError, RPCStatusCode

from contracts.messages import AnswerChannel
from contracts.notifications_activities import QUEUE_MESSAGES, QueueMessages
from contracts.outreach_activities import RECORD_PROGRESS, Progress
from contracts.outreach_facts import SIGNAL_HOLD_ENDED, SIGNAL_HOLD_PLACED, HoldLifted, HoldSet
from contracts.reasons import EndReason, ReachedBy, Step
from contracts.tasks import (
    CallOutcome,
    CallResult,
    FindContactDetailsOutcome,
    FollowUpOutcome,
    FollowUpResult,
    HomeVisitOutcome,
    HomeVisitResult,
    MappingOutcome,
    MappingResult,
    OfficeMeetingOutcome,
    Outcome,
    PlanHomeVisitOutcome,
    ProtectedOutcome,
    ReportAddressOutcome,
    TaskKind,
    TaskSpec,
)
from tests.workflows.driver import Youth
from workflows.youth_outreach.dates import first_visit_time

QUIET_SECONDS = 30.0
ATTEMPTS = {CallResult.NO_ANSWER, CallResult.VOICEMAIL, CallResult.THIRD_PARTY}
# A new series of calls begins after these.
NEW_SERIES = {Step.FIRST_CONTACT, Step.MAPPING, Step.MANUAL}


class What(Enum):
    TIME = "the time is up"
    HOURS = "hours pass"
    WORK = "staff complete a task"
    TWICE = "two of the staff complete the same task at once"
    ANSWERS = "the youth answers"
    ANSWERS_AT_WORK = "the youth answers while staff complete a task"
    CONTACT = "the youth gets in touch"
    HELD = "social services ask to wait"
    LIFTED = "the wait is over"
    PROTECTED = "the identity becomes protected"
    UNPROTECTED = "the protection is lifted"
    TELEPHONE = "a number comes or goes"
    POST_AWAY = "notifications are away while the time is up"
    ENDS = "the duty ends"
    ENDS_AT_WORK = "the duty ends while staff complete a task and the youth answers"


@dataclass(frozen=True, slots=True)
class Happening:
    what: What
    choice: int

    async def to(self, youth: Youth, away: set[UUID]) -> None:
        """Let it happen. ``away``: of whom notifications takes nothing just now."""
        with suppress(WorkflowUpdateFailedError):  # a refusal is a result
            await self._to(youth, away)

    async def _to(self, youth: Youth, away: set[UUID]) -> None:
        match self.what:
            case What.TIME:
                await _time(youth)
            case What.HOURS:
                await youth.passes(timedelta(hours=self.choice % 240))
            case What.WORK:
                await self._work(youth)
            case What.TWICE:
                await _at_once(self._work(youth), Happening(What.WORK, self.choice + 1)._work(youth))
            case What.ANSWERS:
                await youth.answers()
            case What.ANSWERS_AT_WORK:
                await _at_once(youth.answers(AnswerChannel.ANSWER_PAGE), self._work(youth))
            case What.CONTACT:
                await youth.contacts(ReachedBy.INBOUND_CALL)
            case What.HELD:
                until = (await youth.now()).date() + timedelta(days=self.choice % 40)
                held = HoldSet(event_id=_id(self), episode_id=youth.episode_id, hold_id=UUID(int=1), until=until)
                await youth.handle.signal(SIGNAL_HOLD_PLACED, held)
            case What.LIFTED:
                lifted = HoldLifted(event_id=_id(self), episode_id=youth.episode_id, hold_id=UUID(int=1))
                await youth.handle.signal(SIGNAL_HOLD_ENDED, lifted)
            case What.PROTECTED:
                await youth.changes(protected=True, district=None)
            case What.UNPROTECTED:
                await youth.changes(protected=False)
            case What.TELEPHONE:
                await youth.telephone(has_phone=bool(self.choice % 2))
            case What.POST_AWAY:
                away.add(youth.id)
                await _time(youth)
                await youth.answers()
                away.discard(youth.id)
            case What.ENDS:
                await youth.leaves()
            case What.ENDS_AT_WORK:
                await _at_once(youth.leaves(EndReason.EXAM), self._work(youth), youth.answers())

    async def _work(self, youth: Youth) -> None:
        if not (tasks := youth.tasks):
            return
        task = tasks[self.choice % len(tasks)]
        outcomes = await _outcomes(task, youth)
        if outcomes:
            await youth.completes(outcomes[self.choice % len(outcomes)], task_id=task.task_id)


async def _time(youth: Youth) -> None:
    task_times = [task.not_before for task in youth.tasks if task.not_before is not None]
    due = youth.progress[-1].due
    if task_times or due is not None:
        await youth.passes_until(min(task_times) if task_times else due)


async def _at_once(*doing: Any) -> None:
    results = await asyncio.gather(*doing, return_exceptions=True)
    for one in results:
        if isinstance(one, BaseException) and not isinstance(one, WorkflowUpdateFailedError):
            raise one


def _id(happening: Happening) -> UUID:
    return UUID(int=(happening.choice << 8) + list(What).index(happening.what) + 1)


async def _outcomes(task: TaskSpec, youth: Youth) -> list[Outcome]:
    """Return what staff may write of a task; what comes to nothing is said more often."""
    match task.kind:
        case TaskKind.CALL:
            results = [CallResult.NO_ANSWER, CallResult.VOICEMAIL, CallResult.NO_ANSWER, CallResult.WRONG_NUMBER]
            return [CallOutcome(result=one) for one in (*results, CallResult.REACHED, CallResult.THIRD_PARTY)]
        case TaskKind.FIND_CONTACT_DETAILS:
            return [FindContactDetailsOutcome(result="found"), FindContactDetailsOutcome(result="not_found")]
        case TaskKind.PLAN_HOME_VISIT:
            at = first_visit_time(youth.start.policy, await youth.now(), youth.start.last_covered_day)
            return [PlanHomeVisitOutcome(visit_at=at + timedelta(seconds=30), staff=("anna", "bo"))] if at else []
        case TaskKind.HOME_VISIT:
            return [HomeVisitOutcome(result=one) for one in HomeVisitResult]
        case TaskKind.OFFICE_MEETING:
            return [OfficeMeetingOutcome(result="did_not_come")]
        case TaskKind.MAPPING:
            return [MappingOutcome(result=one) for one in (MappingResult.NO_CONVERSATION, *MappingResult)]
        case TaskKind.FOLLOW_UP:
            return [FollowUpOutcome(result=one) for one in FollowUpResult]
        case TaskKind.REPORT_ADDRESS:
            return [ReportAddressOutcome(result="reported")]
        case TaskKind.PROTECTED:
            return [ProtectedOutcome(result="not_reached")]
        case _:
            return []


async def play(youth: Youth, happenings: Sequence[Happening], away: set[UUID]) -> None:
    """Let things happen to a youth, and then judge what was asked of the services."""
    for one in happenings:
        try:
            await one.to(youth, away)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            break  # the workflow has ended
    await _is_quiet(youth)
    judge([asked for history in await youth.chain() for asked in requests(history)])


async def _is_quiet(youth: Youth) -> None:
    """Wait until nothing is under way."""
    async with asyncio.timeout(QUIET_SECONDS):
        while True:
            described = (await youth.handle.describe()).raw_description
            if not described.pending_activities and not described.HasField("pending_workflow_task"):
                return
            await asyncio.sleep(0.02)


_PROGRESS, _MESSAGES = TypeAdapter(Progress), TypeAdapter(QueueMessages)


def requests(history: WorkflowHistory) -> list[Progress | QueueMessages]:
    """Return what a run asked of the services, in the order in which it did."""
    found: list[Progress | QueueMessages] = []
    for event in history.events:
        asked = event.activity_task_scheduled_event_attributes
        name = asked.activity_type.name
        if name == RECORD_PROGRESS:
            found.append(_PROGRESS.validate_json(asked.input.payloads[0].data))
        elif name == QUEUE_MESSAGES:
            found.append(_MESSAGES.validate_json(asked.input.payloads[0].data))
    return found


def judge(asked: Sequence[Progress | QueueMessages]) -> None:
    """Raise AssertionError when what was asked breaks a rule of the plan."""
    open_tasks: dict[UUID, TaskSpec] = {}
    step: Step | None = None
    attempts, searched = 0, False
    for one in asked:
        if isinstance(one, QueueMessages):
            assert step not in (Step.ENDED, Step.ON_HOLD, Step.MANUAL), f"sent at {step}: {one.messages}"
            continue
        for closure in one.closed:
            open_tasks.pop(closure.task_id)
            attempts += isinstance(closure.outcome, CallOutcome) and closure.outcome.result in ATTEMPTS
        for task in one.opened:
            open_tasks[task.task_id] = task
            searched = searched or task.kind is TaskKind.FIND_CONTACT_DETAILS
            if task.kind is TaskKind.HOME_VISIT:
                assert len(set(task.staff)) >= 2, "a visit is made by two"
        at_hand = [task.kind for task in open_tasks.values() if task.kind is not TaskKind.REPORT_ADDRESS]
        assert at_hand.count(TaskKind.CALL) <= 1, "never called by two at once"
        assert len(at_hand) <= 1, f"one thing at a time: {at_hand}"
        if one.step is Step.DOOR_CARD and step is not Step.DOOR_CARD:
            assert attempts >= 3 or searched, f"a door card after {attempts} attempts"
        if one.step in NEW_SERIES and one.step is not step:
            attempts, searched = 0, False
        step = one.step
    last = next(one for one in reversed(asked) if isinstance(one, Progress))
    assert last.ended or last.due is not None, "every youth has a next step with a date, or has ended"
