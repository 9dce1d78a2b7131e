"""The start of the search (plan 4.2.2, step 1): the intake's word, and the month as a guarantee."""

from datetime import date, timedelta
from uuid import uuid4

from contracts.reasons import EndReason, Step
from tests.workflows.driver import FIRST
from tests.workflows.intake import is_begun_with
from tests.workflows.stage import NewYouth


async def test_the_search_begins_when_the_intake_says_so(new_youth: NewYouth) -> None:
    youth = await new_youth()
    await youth.passes(timedelta(days=3))
    assert youth.steps == [Step.AWAITING_START]
    event_id = uuid4()
    await is_begun_with(youth, event_id)
    await youth.gets(*FIRST)
    assert youth.step is Step.FIRST_CONTACT
    assert (youth.progress[-1].started, youth.progress[-1].start_late) == (True, False)

    await is_begun_with(youth, event_id)  # repeated
    await is_begun_with(youth)  # and by the next day's intake, from a database that lagged
    await youth.time_is_up()
    await youth.arrives_at(Step.CALLING)
    await youth.gets(*FIRST)


async def test_without_any_intake_the_search_begins_on_the_last_day_of_the_month(new_youth: NewYouth) -> None:
    youth = await new_youth()
    await youth.passes(timedelta(days=29))
    assert youth.steps == [Step.AWAITING_START]
    await youth.time_is_up()
    await youth.gets(*FIRST)
    begun = youth.progress[-1]
    assert begun.at.date() == youth.start.registered_on + timedelta(days=30)
    assert (begun.started, begun.start_late) == (True, False)


async def test_an_intake_after_the_end_finds_nobody_to_begin_with(new_youth: NewYouth) -> None:
    youth = await new_youth()
    await youth.leaves(EndReason.STARTED_SCHOOL)
    await youth.is_over()
    assert youth.messages == []


async def test_who_was_registered_too_long_ago_begins_at_once_and_late(new_youth: NewYouth) -> None:
    youth = await new_youth(registered_on=date(2026, 7, 1))
    await youth.gets(*FIRST)
    assert youth.progress[-1].start_late
