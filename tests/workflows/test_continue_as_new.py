"""Continuing as new: in the midst of messages nothing is lost, and what was done before stays known."""

import asyncio

import pytest

import workflows.youth_outreach.course as course_module
from contracts.outreach_workflow import SA_DISTRICT, SA_DUE, SA_STEP
from contracts.reasons import ReachedBy, Step
from contracts.tasks import CallOutcome, CallResult, MappingOutcome, MappingResult, TaskKind
from tests.workflows.driver import PATIENCE, Youth
from tests.workflows.stage import NewYouth


async def test_a_long_stay_begins_with_a_short_history(new_youth: NewYouth) -> None:
    youth = await new_youth()
    await youth.never_answers_until(Step.WATCH)
    await youth.time_is_up()
    await youth.arrives_at(Step.FIRST_CONTACT)
    before, after = await youth.chain()
    assert len(before.events) > 60
    assert len(after.events) < 60


async def test_operations_see_the_same_after_continuing(new_youth: NewYouth) -> None:
    youth = await new_youth()
    await youth.never_answers_until(Step.WATCH)
    await eventually_continued(youth)
    described = await youth.handle.describe()
    shown = {pair.key.name: pair.value for pair in described.typed_search_attributes}
    assert (shown[SA_STEP], shown[SA_DISTRICT], shown[SA_DUE]) == ("watch", "farsta", youth.progress[-1].due)
    assert (await youth.details()).startswith("**Under watch**\n- next: contacted again ")


async def eventually_continued(youth: Youth) -> None:
    async with asyncio.timeout(PATIENCE):
        while len(await youth.chain()) < 2:
            await asyncio.sleep(0.05)


async def test_repeats_are_known_after_continuing(new_youth: NewYouth) -> None:
    youth = await new_youth()
    await youth.never_answers_until(Step.CALLING)
    event_id = await youth.answers(episode_id=youth.episode_id)
    await youth.has(TaskKind.MAPPING)
    outcome = MappingOutcome(result=MappingResult.DECLINES)
    (talk,) = youth.tasks
    decided = await youth.completes(outcome, key="k")
    assert decided.step is Step.WATCH
    recorded = len(youth.progress)
    assert await youth.completes(outcome, key="k", task_id=talk.task_id) == decided
    await youth.answers(event_id=event_id)
    await eventually_continued(youth)
    await youth.changes(district="bromma")
    assert len(youth.progress) == recorded


async def test_updates_and_answers_meanwhile_all_get_their_result(
    new_youth: NewYouth, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Continuing after every few events, under a hail of messages."""
    monkeypatch.setattr(course_module, "MANY_EVENTS", 10)
    monkeypatch.setattr(course_module, "MANY_EVENTS_FOR_A_LONG_STAY", 10)
    youth = await new_youth()
    await youth.never_answers_until(Step.CALLING)
    for number in range(4):
        (call,) = youth.tasks
        await youth.passes_until(call.not_before)
        contacts = [youth.contacts(ReachedBy.GUARDIAN, key=f"contact-{number}-{n}") for n in range(4)]
        calls = [
            youth.completes(CallOutcome(result=CallResult.REACHED), key=f"call-{number}", task_id=call.task_id)
            for _ in range(2)
        ]
        answering = asyncio.ensure_future(youth.answers())
        given = await asyncio.gather(*contacts)
        assert {decided.step for decided in given} == {Step.MAPPING}
        await asyncio.gather(*calls, return_exceptions=True)  # refused, unless they came first
        await answering
        await youth.has(TaskKind.MAPPING)
        await youth.completes(MappingOutcome(result=MappingResult.NO_CONVERSATION))
    assert len(youth.reached) == 4
    assert len(await youth.chain()) > 4
