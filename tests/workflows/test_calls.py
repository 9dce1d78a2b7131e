"""Call and visit outcomes on a real server (the rules themselves: tests/unit/workflows/test_calls.py)."""

from datetime import timedelta

from contracts.messages import MessageKind
from contracts.outreach_workflow import REFUSED_BY_POLICY
from contracts.reasons import ReachedBy, Step
from contracts.tasks import (
    CallOutcome,
    CallResult,
    FindContactDetailsOutcome,
    HomeVisitOutcome,
    HomeVisitResult,
    OfficeMeetingOutcome,
    TaskKind,
    TaskMark,
)
from tests.workflows.driver import FIRST, TRIED, refused
from tests.workflows.samples import policy
from tests.workflows.stage import NewYouth


async def test_who_has_no_telephone_is_called_when_a_number_comes_in(new_youth: NewYouth) -> None:
    youth = await new_youth()
    await youth.telephone(has_phone=False)
    await youth.never_answers_until(Step.CALLING)
    await youth.has(TaskKind.FIND_CONTACT_DETAILS)
    await youth.telephone(has_phone=True)
    await youth.is_called(CallResult.WRONG_NUMBER)
    await youth.has(TaskKind.FIND_CONTACT_DETAILS)
    decided = await youth.completes(FindContactDetailsOutcome(result="not_found"))
    assert decided.step is Step.TRIED_TO_REACH
    await youth.gets(*FIRST, *TRIED)


async def test_a_time_to_call_back_is_kept_and_a_time_when_nobody_works_refused(new_youth: NewYouth) -> None:
    youth = await new_youth()
    await youth.never_answers_until(Step.CALLING)
    call = await youth.has(TaskKind.CALL)
    await youth.passes_until(call.not_before)
    assert call.not_before is not None
    saturday = call.not_before + timedelta(days=5 - call.not_before.weekday())
    late = CallOutcome(result=CallResult.CALL_BACK, call_back_at=saturday + timedelta(days=7))
    assert await refused(youth.completes(late)) == REFUSED_BY_POLICY
    monday = saturday + timedelta(days=9)
    decided = await youth.completes(CallOutcome(result=CallResult.CALL_BACK, call_back_at=monday))
    assert decided.next_task is not None
    assert (decided.next_task.not_before, decided.next_task.attempt) == (monday, 1)
    assert decided.next_task.marks == (TaskMark.AGREED_TIME,)
    await youth.is_called(CallResult.REACHED)
    assert youth.reached == [ReachedBy.CALL]


async def test_further_letters_come_before_the_visit(new_youth: NewYouth) -> None:
    youth = await new_youth(policy=policy(further_letters=(timedelta(days=7),)))
    await youth.never_answers_until(Step.TRIED_TO_REACH)
    await youth.time_is_up()
    await youth.gets(*FIRST, *TRIED, MessageKind.TRIED_LETTER)
    await youth.time_is_up()
    await youth.has(TaskKind.PLAN_HOME_VISIT)


async def test_after_an_unsafe_visit_the_youth_is_met_at_the_office(new_youth: NewYouth) -> None:
    youth = await new_youth()
    await youth.never_answers_until(Step.HOME_VISIT)
    await youth.completes(HomeVisitOutcome(result=HomeVisitResult.UNSAFE))
    await youth.has(TaskKind.OFFICE_MEETING)
    decided = await youth.completes(OfficeMeetingOutcome(result="reached"))
    assert decided.step is Step.MAPPING
