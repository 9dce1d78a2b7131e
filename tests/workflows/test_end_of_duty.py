"""The duty can end at any step, and then nothing is done or sent any more."""

import asyncio
from datetime import timedelta

import pytest
from temporalio.client import WorkflowExecutionStatus

from contracts.messages import MessageKind
from contracts.outreach_workflow import REFUSED_ENDED
from contracts.reasons import EndReason, ReachedBy, Step
from contracts.tasks import CallOutcome, CallResult
from tests.workflows.driver import Youth, refused
from tests.workflows.records import Records
from tests.workflows.samples import REGISTERED
from tests.workflows.stage import NewYouth

STEPS = [
    Step.AWAITING_START,
    Step.FIRST_CONTACT,
    Step.CALLING,
    Step.TRIED_TO_REACH,
    Step.DOOR_CARD,
    Step.HOME_VISIT,
    Step.WATCH,
]


async def came_to_its_end(youth: Youth, reason: EndReason) -> None:
    await youth.is_over()
    assert youth.step is Step.ENDED
    assert youth.ended is reason
    assert not youth.tasks
    assert (await youth.handle.describe()).status is WorkflowExecutionStatus.COMPLETED


@pytest.mark.parametrize("step", STEPS)
async def test_it_ends_at_once_at_any_step(new_youth: NewYouth, step: Step) -> None:
    youth = await new_youth()
    if step is not Step.AWAITING_START:
        await youth.never_answers_until(step)
    sent = list(youth.messages)
    await youth.leaves(EndReason.STARTED_SCHOOL)
    await came_to_its_end(youth, EndReason.STARTED_SCHOOL)
    assert youth.messages == sent


@pytest.mark.parametrize("reason", [EndReason.EXAM, EndReason.MOVED_OUT, EndReason.EMIGRATED, EndReason.DEAD])
async def test_exam_move_emigration_and_death_end_it_at_once(new_youth: NewYouth, reason: EndReason) -> None:
    youth = await new_youth()
    await youth.never_answers_until(Step.CALLING)
    await youth.leaves(reason)
    await came_to_its_end(youth, reason)


async def test_at_twenty_it_ends_by_itself_after_a_letter_on_where_to_turn(new_youth: NewYouth) -> None:
    youth = await new_youth(last_covered_day=REGISTERED.date() + timedelta(days=100))
    await youth.never_answers_until(Step.CALLING)
    await youth.passes(timedelta(days=110))
    await came_to_its_end(youth, EndReason.TURNED_20)
    assert youth.messages.count(MessageKind.TURNS_20_LETTER) == 1
    assert youth.progress[-1].at.date() == REGISTERED.date() + timedelta(days=101)


async def test_a_corrected_birthday_moves_the_end(new_youth: NewYouth) -> None:
    youth = await new_youth()
    await youth.never_answers_until(Step.WATCH)
    await youth.changes(last_covered_day=(await youth.now()).date() + timedelta(days=3))
    await youth.passes(timedelta(days=5))
    await came_to_its_end(youth, EndReason.TURNED_20)
    assert youth.messages[-1] is MessageKind.TURNS_20_LETTER, "late, and while the duty still holds"


async def test_a_decision_that_comes_together_with_the_end_has_one_of_two_results(new_youth: NewYouth) -> None:
    """Whichever comes first: both are defined, and the end wins in the end."""
    youth = await new_youth()
    await youth.never_answers_until(Step.CALLING)
    await youth.leaves(EndReason.MOVED_OUT)
    assert await refused(youth.contacts(ReachedBy.DROP_IN)) == REFUSED_ENDED
    await came_to_its_end(youth, EndReason.MOVED_OUT)


async def test_the_end_reaches_decisions_that_wait_for_their_turn(new_youth: NewYouth, records: Records) -> None:
    """The end came first, and could not be recorded yet, when a decision came that seemed to fit.

    It is refused at once when the workflow has read of the end, or else when its turn comes.
    """
    youth = await new_youth()
    await youth.never_answers_until(Step.CALLING)
    (call,) = youth.tasks
    records.outreach_down.add(youth.id)
    await youth.leaves(EndReason.EXAM)
    decision = youth.completes(CallOutcome(result=CallResult.REACHED), task_id=call.task_id)
    late = asyncio.ensure_future(refused(decision))
    await asyncio.wait({late}, timeout=1)
    records.outreach_down.discard(youth.id)
    assert await late == REFUSED_ENDED
    await came_to_its_end(youth, EndReason.EXAM)
