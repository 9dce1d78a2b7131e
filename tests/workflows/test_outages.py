"""A service is away: nothing is lost, nothing is done twice, and the others go on."""

import asyncio
from datetime import timedelta

import pytest

from contracts.reasons import EndReason, ReachedBy, Step
from contracts.tasks import CallOutcome, CallResult
from tests.workflows.driver import FIRST
from tests.workflows.records import Records
from tests.workflows.stage import NewYouth


async def test_staff_can_work_while_notifications_is_away(new_youth: NewYouth, records: Records) -> None:
    youth = await new_youth()
    records.notifications_down.add(youth.id)
    await youth.time_is_up()
    await youth.arrives_at(Step.FIRST_CONTACT)
    decided = await youth.contacts(ReachedBy.DROP_IN)
    assert decided.step is Step.MAPPING
    records.notifications_down.discard(youth.id)
    await asyncio.sleep(1.5)  # longer than until the next attempt would have been
    assert not youth.messages, "who was reached is not sent the first letter any more"


async def test_letters_wait_for_notifications_and_are_sent_once(new_youth: NewYouth, records: Records) -> None:
    youth = await new_youth()
    records.notifications_down.add(youth.id)
    await youth.time_is_up()
    await youth.arrives_at(Step.FIRST_CONTACT)
    records.notifications_down.discard(youth.id)
    await youth.gets(*FIRST)


async def test_the_end_recalls_what_notifications_has_not_taken(new_youth: NewYouth, records: Records) -> None:
    youth = await new_youth()
    records.notifications_down.add(youth.id)
    await youth.time_is_up()
    await youth.arrives_at(Step.FIRST_CONTACT)
    await youth.leaves(EndReason.DEAD)
    await youth.is_over()
    records.notifications_down.discard(youth.id)
    await asyncio.sleep(1.5)
    assert not youth.messages


async def test_a_decision_waits_until_it_is_recorded(new_youth: NewYouth, records: Records) -> None:
    youth = await new_youth()
    await youth.never_answers_until(Step.CALLING)
    records.outreach_down.add(youth.id)
    (call,) = youth.tasks
    deciding = asyncio.ensure_future(
        youth.completes(CallOutcome(result=CallResult.REACHED), key="k", task_id=call.task_id)
    )
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(deciding), 0.5)
    recorded = len(youth.progress)
    records.outreach_down.discard(youth.id)
    decided = await deciding
    assert decided.step is Step.MAPPING
    assert len(youth.progress) == recorded + 1, "the caller reads its own write"


async def test_a_bug_in_a_service_loses_nobody(new_youth: NewYouth, records: Records) -> None:
    youth = await new_youth()
    records.outreach_has_a_bug.add(youth.id)
    await youth.time_is_up()
    await asyncio.sleep(0.3)
    assert youth.steps == [Step.AWAITING_START]
    records.outreach_has_a_bug.discard(youth.id)
    await youth.passes(timedelta(hours=1))
    await youth.arrives_at(Step.FIRST_CONTACT)
    await youth.gets(*FIRST)
