"""Every way of being reached, and what follows: conversation, support, watch."""

import pytest

from contracts.messages import AnswerChannel, MessageKind
from contracts.outreach_workflow import Decided
from contracts.reasons import ReachedBy, Step, WatchReason
from contracts.tasks import (
    CallResult,
    FollowUpOutcome,
    FollowUpResult,
    HomeVisitOutcome,
    HomeVisitResult,
    MappingOutcome,
    MappingResult,
    Occupation,
    ReportAddressOutcome,
    TaskKind,
)
from tests.workflows.driver import FIRST, TRIED
from tests.workflows.stage import NewYouth


@pytest.mark.parametrize(
    ("channel", "by"),
    [(AnswerChannel.SMS, ReachedBy.SMS_ANSWER), (AnswerChannel.ANSWER_PAGE, ReachedBy.ANSWER_PAGE)],
)
async def test_by_an_answer(new_youth: NewYouth, channel: AnswerChannel, by: ReachedBy) -> None:
    youth = await new_youth()
    await youth.never_answers_until(Step.FIRST_CONTACT)
    await youth.answers(channel)
    await youth.arrives_at(Step.MAPPING)
    await youth.has(TaskKind.MAPPING)
    assert youth.reached == [by]


@pytest.mark.parametrize("way", [ReachedBy.INBOUND_CALL, ReachedBy.DROP_IN, ReachedBy.GUARDIAN])
async def test_by_getting_in_touch_before_the_search_began(new_youth: NewYouth, way: ReachedBy) -> None:
    youth = await new_youth()
    decided = await youth.contacts(way)
    assert (decided.step, decided.next_task) == (Step.MAPPING, youth.tasks[0])
    assert youth.reached == [way]
    assert not youth.messages


async def test_by_a_call_and_then_supported_until_that_ends_and_then_left_in_peace(new_youth: NewYouth) -> None:
    youth = await new_youth()
    await youth.never_answers_until(Step.CALLING)
    await youth.is_called(CallResult.VOICEMAIL)
    decided = await youth.is_called(CallResult.REACHED)
    assert decided == Decided.after(youth.progress[-1])
    assert decided.next_task is not None
    assert decided.next_task.kind is TaskKind.MAPPING

    await youth.completes(MappingOutcome(result=MappingResult.WANTS_SUPPORT, occupation=Occupation.NONE))
    for result in (FollowUpResult.CONTINUES, FollowUpResult.ENDED):
        follow_up = await youth.has(TaskKind.FOLLOW_UP)
        await youth.passes_until(follow_up.not_before)
        decided = await youth.completes(FollowUpOutcome(result=result))
    assert decided.step is Step.WATCH
    assert [progress.watch.reason for progress in youth.progress if progress.watch] == [WatchReason.MEASURE_ENDED]
    assert youth.reached == [ReachedBy.CALL]

    await youth.time_is_up()
    await youth.arrives_at(Step.FIRST_CONTACT)
    await youth.answers()
    await youth.arrives_at(Step.MAPPING)


@pytest.mark.parametrize(
    ("result", "by"),
    [
        (HomeVisitResult.REACHED, ReachedBy.HOME_VISIT),
        (HomeVisitResult.GUARDIAN_REACHED, ReachedBy.GUARDIAN),
    ],
)
async def test_by_a_home_visit(new_youth: NewYouth, result: HomeVisitResult, by: ReachedBy) -> None:
    youth = await new_youth()
    await youth.never_answers_until(Step.HOME_VISIT)
    decided = await youth.completes(HomeVisitOutcome(result=result))
    assert decided.step is Step.MAPPING
    assert youth.reached == [by]


async def test_by_an_answer_while_the_wrong_address_is_still_to_be_reported(new_youth: NewYouth) -> None:
    youth = await new_youth()
    await youth.never_answers_until(Step.HOME_VISIT)
    await youth.completes(HomeVisitOutcome(result=HomeVisitResult.DOES_NOT_LIVE_THERE))
    await youth.has(TaskKind.REPORT_ADDRESS)
    await youth.answers()
    await youth.arrives_at(Step.MAPPING)
    decided = await youth.completes(ReportAddressOutcome(result="reported"))
    assert decided.step is Step.MAPPING
    await youth.has(TaskKind.MAPPING)


async def test_who_does_not_live_there_is_reported_and_then_watched(new_youth: NewYouth) -> None:
    youth = await new_youth()
    await youth.never_answers_until(Step.HOME_VISIT)
    await youth.completes(HomeVisitOutcome(result=HomeVisitResult.DOES_NOT_LIVE_THERE))
    decided = await youth.completes(ReportAddressOutcome(result="reported"))
    assert decided.step is Step.WATCH


async def test_a_visit_that_is_called_off_is_planned_again(new_youth: NewYouth) -> None:
    youth = await new_youth()
    await youth.never_answers_until(Step.DOOR_CARD)
    decided = await youth.completes(HomeVisitOutcome(result=HomeVisitResult.CALLED_OFF))
    assert decided.next_task is not None
    assert decided.next_task.kind is TaskKind.PLAN_HOME_VISIT
    word = (MessageKind.VISIT_CALLED_OFF_SMS, MessageKind.VISIT_CALLED_OFF_LETTER)
    await youth.gets(*FIRST, *TRIED, MessageKind.DOOR_CARD, *word)
    decided = await youth.is_visited_by("cia", "dag")
    assert decided.next_task is not None
    assert decided.next_task.staff == ("cia", "dag")
    assert decided.due == decided.next_task.not_before


async def test_who_answers_in_the_midst_of_calls_is_not_called_again(new_youth: NewYouth) -> None:
    youth = await new_youth()
    await youth.never_answers_until(Step.CALLING)
    await youth.is_called(CallResult.NO_ANSWER)
    await youth.answers()
    await youth.has(TaskKind.MAPPING)
