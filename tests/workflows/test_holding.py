"""A hold on the real server: the timer of the step stops, and goes on after it."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

from contracts.outreach_workflow import SA_STEP
from contracts.reasons import EndReason, Step
from contracts.tasks import TaskKind
from tests.workflows.driver import FIRST
from tests.workflows.holds import hold, lift
from tests.workflows.records import Records
from tests.workflows.stage import NewYouth

HOLD = UUID(int=7)


async def test_a_hold_stops_the_timer_and_the_rest_of_it_follows(new_youth: NewYouth) -> None:
    youth = await new_youth()
    await youth.never_answers_until(Step.FIRST_CONTACT)
    window = youth.progress[-1].due
    assert window is not None
    now = await youth.now()
    await hold(youth, (now + timedelta(days=20)).date(), HOLD)
    await youth.arrives_at(Step.ON_HOLD)
    described = await youth.handle.describe()
    assert next(pair.value for pair in described.typed_search_attributes if pair.key.name == SA_STEP) == "on_hold"
    assert "outreach goes on" in await youth.details()
    await youth.passes_until(window)
    assert youth.step is Step.ON_HOLD
    await youth.time_is_up()
    await youth.arrives_at(Step.FIRST_CONTACT)
    goes_on, due = youth.progress[-1].at, youth.progress[-1].due
    assert due is not None
    # To the hour: summer time may end in between, and a wait of days keeps the clock time.
    assert abs((due - goes_on) - (window - now)) < timedelta(minutes=65)
    await youth.time_is_up()
    await youth.has(TaskKind.CALL)
    assert youth.messages == list(FIRST)


async def test_what_notifications_had_not_taken_comes_after_the_hold_and_not_before(
    new_youth: NewYouth, records: Records
) -> None:
    youth = await new_youth()
    records.notifications_down.add(youth.id)
    await youth.time_is_up()
    await youth.arrives_at(Step.FIRST_CONTACT)
    await hold(youth, (await youth.now()).date() + timedelta(days=3), HOLD)
    await youth.arrives_at(Step.ON_HOLD)
    records.notifications_down.discard(youth.id)
    await asyncio.sleep(0.5)
    assert not youth.messages
    await youth.time_is_up()
    await youth.arrives_at(Step.FIRST_CONTACT)
    await youth.gets(*FIRST)


async def test_a_lifted_hold_and_the_end_during_one(new_youth: NewYouth) -> None:
    youth = await new_youth()
    await youth.never_answers_until(Step.CALLING)
    far = (await youth.now()).date() + timedelta(days=90)
    await hold(youth, far, HOLD)
    await youth.arrives_at(Step.ON_HOLD)
    assert not youth.tasks
    await lift(youth, HOLD)
    await youth.has(TaskKind.CALL)
    await hold(youth, far, uuid4())
    await youth.arrives_at(Step.ON_HOLD)
    await youth.leaves(EndReason.STARTED_SCHOOL)
    await youth.is_over()
    assert youth.ended is EndReason.STARTED_SCHOOL
