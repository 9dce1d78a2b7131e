"""Messages come twice, out of order, for another episode, or all at once."""

import asyncio
from datetime import timedelta
from itertools import permutations
from uuid import uuid4

import pytest

from contracts.messages import AnswerChannel
from contracts.outreach_workflow import (
    REFUSED_BY_POLICY,
    REFUSED_NOT_CURRENT,
    SIGNAL_REGISTERED,
)
from contracts.reasons import EndReason, ReachedBy, Step
from contracts.tasks import (
    CallOutcome,
    CallResult,
    MappingOutcome,
    MappingResult,
    PlanHomeVisitOutcome,
    TaskKind,
)
from tests.workflows.driver import refused
from tests.workflows.samples import start
from tests.workflows.stage import NewYouth


async def test_a_decision_repeated_gets_the_first_answer(new_youth: NewYouth) -> None:
    youth = await new_youth()
    await youth.never_answers_until(Step.CALLING)
    (call,) = youth.tasks
    outcome = CallOutcome(result=CallResult.REACHED)
    first, second = await asyncio.gather(
        youth.completes(outcome, key="k", task_id=call.task_id),
        youth.completes(outcome, key="k", task_id=call.task_id),
    )
    third = await youth.completes(outcome, key="k", task_id=call.task_id)
    assert first == second == third
    assert youth.steps.count(Step.MAPPING) == 1
    assert youth.reached == [ReachedBy.CALL]


async def test_two_staff_complete_the_same_task_and_one_is_refused(new_youth: NewYouth) -> None:
    youth = await new_youth()
    await youth.never_answers_until(Step.CALLING)
    (call,) = youth.tasks
    outcome = CallOutcome(result=CallResult.DECLINED)
    answers = await asyncio.gather(
        youth.completes(outcome, task_id=call.task_id),
        youth.completes(outcome, task_id=call.task_id),
        return_exceptions=True,
    )
    assert sum(isinstance(answer, BaseException) for answer in answers) == 1
    late = youth.completes(outcome, task_id=call.task_id)
    assert await refused(late) == REFUSED_NOT_CURRENT


async def test_what_is_refused_can_be_corrected_with_the_same_key(new_youth: NewYouth) -> None:
    youth = await new_youth()
    await youth.never_answers_until(Step.TRIED_TO_REACH)
    await youth.time_is_up()
    await youth.has(TaskKind.PLAN_HOME_VISIT)
    now = await youth.now()
    too_soon = PlanHomeVisitOutcome(visit_at=now + timedelta(days=1), staff=("anna", "bo"))
    assert await refused(youth.completes(too_soon, key="k")) == REFUSED_BY_POLICY
    assert (await youth.is_visited_by("anna", "bo")).step is Step.DOOR_CARD


async def test_an_answer_that_is_delivered_twice_counts_once(new_youth: NewYouth) -> None:
    youth = await new_youth()
    await youth.never_answers_until(Step.FIRST_CONTACT)
    event_id = await youth.answers()
    await youth.has(TaskKind.MAPPING)
    await youth.completes(MappingOutcome(result=MappingResult.NO_CONVERSATION))
    await youth.answers(event_id=event_id)
    assert (await youth.has(TaskKind.CALL)).attempt == 1
    assert youth.reached == [ReachedBy.SMS_ANSWER]


async def test_another_episodes_events_change_nothing(new_youth: NewYouth) -> None:
    youth = await new_youth()
    await youth.never_answers_until(Step.FIRST_CONTACT)
    await youth.answers(episode_id=uuid4())
    await youth.leaves(EndReason.DEAD, episode_id=uuid4())
    await youth.changes(episode_id=uuid4(), protected=True)
    await youth.time_is_up()
    await youth.arrives_at(Step.CALLING)


async def test_a_new_episode_goes_on_in_the_same_workflow(new_youth: NewYouth) -> None:
    """The old one's end is still being handled when the registration comes; so are the new one's facts."""
    youth = await new_youth()
    await youth.never_answers_until(Step.CALLING)
    again = start(
        youth_id=youth.id, registered_on=(await youth.now()).date(), clock=youth.start.clock, district="bromma"
    )
    await youth.leaves(EndReason.STARTED_SCHOOL)
    await youth.handle.signal(SIGNAL_REGISTERED, again)
    await youth.answers(AnswerChannel.ANSWER_PAGE, episode_id=again.episode_id)
    await youth.arrives_at(Step.MAPPING)
    ends = [progress for progress in youth.progress if progress.ended]
    assert [(end.episode_id, end.ended) for end in ends] == [(youth.episode_id, EndReason.STARTED_SCHOOL)]
    assert youth.steps[-3:] == [Step.ENDED, Step.AWAITING_START, Step.MAPPING]
    assert youth.progress[-1].episode_id == again.episode_id
    await youth.leaves(EndReason.MOVED_OUT, episode_id=again.episode_id)
    await youth.is_over()


@pytest.mark.parametrize("step", [Step.AWAITING_START, Step.CALLING, Step.DOOR_CARD])
async def test_answer_contact_marking_and_end_together_in_any_order(new_youth: NewYouth, step: Step) -> None:
    """However they fall: the duty has ended, once, nothing is open, and every decision got an answer."""

    async def all_at_once(order: tuple[int, ...]) -> None:
        youth = await new_youth()
        if step is not Step.AWAITING_START:
            await youth.never_answers_until(step)
        happenings = [
            youth.answers(),
            youth.contacts(ReachedBy.INBOUND_CALL),
            youth.changes(protected=True, district=None),
            youth.leaves(EndReason.MOVED_OUT),
        ]
        await asyncio.gather(*(happenings[number] for number in order), return_exceptions=True)
        await youth.is_over()
        assert youth.ended is EndReason.MOVED_OUT
        assert youth.steps.count(Step.ENDED) == 1
        assert len(youth.reached) <= 1
        assert not youth.tasks

    orders = list(permutations(range(4)))[:: 24 // 4]
    await asyncio.gather(*(all_at_once(order) for order in orders))
