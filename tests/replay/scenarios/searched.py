"""Youths who are sought (plan 4.2.2): letters, calls, the door, and what follows when they are reached."""

from datetime import timedelta

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
    Occupation,
    OfficeMeetingOutcome,
    ReportAddressOutcome,
    TaskKind,
)
from tests.workflows.driver import Youth
from tests.workflows.samples import REGISTERED, policy
from tests.workflows.stage import NewYouth


async def never_answers(new_youth: NewYouth) -> Youth:
    """All the way to the watch, a lighter round, and twenty."""
    youth = await new_youth(last_covered_day=REGISTERED.date() + timedelta(days=250))
    await youth.never_answers_until(Step.WATCH)
    await youth.time_is_up()
    await youth.arrives_at(Step.FIRST_CONTACT)
    await youth.passes(timedelta(days=200))
    await youth.is_over()
    return youth


async def answers_the_letter(new_youth: NewYouth) -> Youth:
    """Answers, is supported, then works; still under watch."""
    youth = await new_youth()
    await youth.never_answers_until(Step.FIRST_CONTACT)
    await youth.answers()
    await youth.has(TaskKind.MAPPING)
    await youth.completes(MappingOutcome(result=MappingResult.WANTS_SUPPORT))
    follow_up = await youth.has(TaskKind.FOLLOW_UP)
    await youth.passes_until(follow_up.not_before)
    await youth.completes(FollowUpOutcome(result=FollowUpResult.ENDED, occupation=Occupation.WORK))
    await youth.arrives_at(Step.WATCH)
    return youth


async def answers_a_call_then_starts_school(new_youth: NewYouth) -> Youth:
    youth = await new_youth()
    await youth.never_answers_until(Step.CALLING)
    await youth.is_called(CallResult.WRONG_NUMBER)
    await youth.completes(FindContactDetailsOutcome(result="found"))
    await youth.is_called(CallResult.VOICEMAIL)
    await youth.contacts(ReachedBy.GUARDIAN, key="k")
    await youth.contacts(ReachedBy.GUARDIAN, key="k")
    await youth.leaves(EndReason.STARTED_SCHOOL)
    await youth.is_over()
    return youth


async def does_not_live_there(new_youth: NewYouth) -> Youth:
    youth = await new_youth()
    await youth.never_answers_until(Step.DOOR_CARD)
    await youth.completes(HomeVisitOutcome(result=HomeVisitResult.CALLED_OFF))
    await youth.is_visited_by("anna", "bo")
    await youth.time_is_up()
    await youth.arrives_at(Step.HOME_VISIT)
    await youth.completes(HomeVisitOutcome(result=HomeVisitResult.DOES_NOT_LIVE_THERE))
    await youth.completes(ReportAddressOutcome(result="reported"))
    await youth.arrives_at(Step.WATCH)
    return youth


async def is_hard_to_talk_to(new_youth: NewYouth) -> Youth:
    """No number at first, then a third party, a time to call back, an interpreter, and at last a wrong number."""
    youth = await new_youth(policy=policy(further_letters=(timedelta(days=7),)))
    await youth.telephone(has_phone=False)
    await youth.never_answers_until(Step.CALLING)
    await youth.has(TaskKind.FIND_CONTACT_DETAILS)
    await youth.telephone(has_phone=True)
    await youth.is_called(CallResult.THIRD_PARTY)
    call = await youth.has(TaskKind.CALL)
    await youth.passes_until(call.not_before)
    assert call.not_before is not None
    monday = call.not_before + timedelta(days=7 - call.not_before.weekday())
    await youth.completes(CallOutcome(result=CallResult.CALL_BACK, call_back_at=monday))
    await youth.is_called(CallResult.LANGUAGE_NEEDED)
    await youth.is_called(CallResult.WRONG_NUMBER)
    await youth.completes(FindContactDetailsOutcome(result="not_found"))
    await youth.arrives_at(Step.TRIED_TO_REACH)
    await youth.time_is_up()  # a further letter
    await youth.time_is_up()
    await youth.has(TaskKind.PLAN_HOME_VISIT)
    return youth


async def is_not_visited_at_home_again(new_youth: NewYouth) -> Youth:
    """The visit was not safe; met at the office, and supported for long."""
    youth = await new_youth(policy=policy(home_visits=2))
    await youth.never_answers_until(Step.HOME_VISIT)
    await youth.completes(HomeVisitOutcome(result=HomeVisitResult.NOBODY_HOME))
    await youth.is_visited_by("bo", "cecilia")
    await youth.time_is_up()
    await youth.arrives_at(Step.HOME_VISIT)
    await youth.completes(HomeVisitOutcome(result=HomeVisitResult.UNSAFE))
    await youth.has(TaskKind.OFFICE_MEETING)
    await youth.completes(OfficeMeetingOutcome(result="reached"))
    await youth.completes(MappingOutcome(result=MappingResult.WANTS_SUPPORT))
    for _ in range(3):
        follow_up = await youth.has(TaskKind.FOLLOW_UP)
        await youth.passes_until(follow_up.not_before)
        await youth.completes(FollowUpOutcome(result=FollowUpResult.CONTINUES))
    return youth


async def declines_then_gets_in_touch(new_youth: NewYouth) -> Youth:
    """Declines on the telephone, comes in during the watch, and is not met for the conversation."""
    youth = await new_youth()
    await youth.never_answers_until(Step.CALLING)
    await youth.is_called(CallResult.DECLINED)
    await youth.arrives_at(Step.WATCH)
    await youth.contacts(ReachedBy.DROP_IN)
    await youth.completes(MappingOutcome(result=MappingResult.NO_CONVERSATION))
    await youth.is_called(CallResult.REACHED)
    await youth.completes(MappingOutcome(result=MappingResult.OCCUPIED, occupation=Occupation.STUDIES))
    await youth.arrives_at(Step.WATCH)
    return youth
