"""Youths with circumstances: held, protected, newly arrived, with a studiebevis, a new policy, registered anew."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from chassis.clock import STOCKHOLM
from contracts.messages import MessageKind
from contracts.outreach_facts import HoldCause
from contracts.outreach_workflow import SIGNAL_NEW_POLICY, SIGNAL_REGISTERED, NewPolicy
from contracts.reasons import EndReason, SpecialTrack, Step
from contracts.tasks import (
    FindContactDetailsOutcome,
    ProtectedOutcome,
    StartStockholmOutcome,
    StudiebevisContactOutcome,
    TaskKind,
)
from tests.workflows.driver import Youth, eventually
from tests.workflows.holds import hold, lift, told_of_recall
from tests.workflows.intake import is_begun_with
from tests.workflows.samples import policy, start
from tests.workflows.stage import NewYouth

JUNE = datetime(2026, 6, 12, 4, 10, tzinfo=STOCKHOLM)


async def is_protected_for_a_time(new_youth: NewYouth) -> Youth:
    youth = await new_youth()
    await youth.never_answers_until(Step.FIRST_CONTACT)
    await youth.changes(protected=True, district=None)
    await youth.has(TaskKind.PROTECTED)
    await youth.completes(ProtectedOutcome(result="not_reached"))
    await youth.changes(protected=False)
    await youth.has(TaskKind.CALL)
    return youth


async def is_on_hold_again_and_again(new_youth: NewYouth) -> Youth:
    """A hold that gets longer and runs out, one that is lifted, and one during which the youth answers."""
    youth = await new_youth()
    await youth.never_answers_until(Step.FIRST_CONTACT)
    today = (await youth.now()).date()
    await hold(youth, today + timedelta(days=10), UUID(int=1))
    await youth.arrives_at(Step.ON_HOLD)
    await told_of_recall(youth, MessageKind.FIRST_SMS)
    recorded = len(youth.progress)
    await hold(youth, today + timedelta(days=20), UUID(int=1))
    await eventually(lambda: len(youth.progress) > recorded, "a longer hold")
    await youth.time_is_up()
    await youth.arrives_at(Step.FIRST_CONTACT)
    await youth.time_is_up()
    await youth.has(TaskKind.CALL)
    await hold(youth, (await youth.now()).date() + timedelta(days=60), UUID(int=2))
    await youth.arrives_at(Step.ON_HOLD)
    await lift(youth, UUID(int=2))
    await youth.has(TaskKind.CALL)
    await hold(youth, (await youth.now()).date() + timedelta(days=30), UUID(int=3))
    await youth.arrives_at(Step.ON_HOLD)
    await youth.answers()
    await youth.time_is_up()
    await youth.has(TaskKind.MAPPING)
    return youth


async def is_on_hold_before_the_visit(new_youth: NewYouth) -> Youth:
    """The visit is booked anew when the hold is over; school starts during another one."""
    youth = await new_youth()
    await youth.never_answers_until(Step.DOOR_CARD)
    await hold(youth, (await youth.now()).date() + timedelta(days=30), UUID(int=4))
    await youth.arrives_at(Step.ON_HOLD)
    await youth.time_is_up()
    await youth.has(TaskKind.PLAN_HOME_VISIT)
    await hold(youth, (await youth.now()).date() + timedelta(days=30), UUID(int=5))
    await youth.arrives_at(Step.ON_HOLD)
    await youth.leaves(EndReason.STARTED_SCHOOL)
    await youth.is_over()
    return youth


async def is_held_by_operations(new_youth: NewYouth) -> Youth:
    """The search of the district stands still: social services' hold goes before, and whoever answers is met."""
    youth = await new_youth()
    await youth.never_answers_until(Step.CALLING)
    until = (await youth.now()).date() + timedelta(days=5)
    await hold(youth, until, UUID(int=6), HoldCause.OPERATIONS)
    await youth.arrives_at(Step.ON_HOLD)
    recorded = len(youth.progress)
    await hold(youth, until + timedelta(days=20), UUID(int=7))
    await eventually(lambda: len(youth.progress) > recorded, "the hold that social services asked for")
    await lift(youth, UUID(int=7))
    await youth.has(TaskKind.CALL)
    await hold(youth, until + timedelta(days=25), UUID(int=8), HoldCause.OPERATIONS)
    await youth.arrives_at(Step.ON_HOLD)
    await youth.answers()
    await youth.has(TaskKind.MAPPING)
    return youth


async def has_applied_for_start_stockholm(new_youth: NewYouth) -> Youth:
    """Newly arrived: left in peace until it should have begun, then sought as whoever is new."""
    youth = await new_youth(tracks=(SpecialTrack.NEWLY_ARRIVED,))
    await youth.has(TaskKind.START_STOCKHOLM)
    await youth.completes(StartStockholmOutcome(result="applied"))
    await youth.arrives_at(Step.WATCH)
    await youth.time_is_up()
    await youth.arrives_at(Step.FIRST_CONTACT)
    return youth


async def has_not_applied_for_start_stockholm(new_youth: NewYouth) -> Youth:
    """Sought as all others: by the next intake."""
    youth = await new_youth(tracks=(SpecialTrack.NEWLY_ARRIVED,))
    await youth.has(TaskKind.START_STOCKHOLM)
    await youth.completes(StartStockholmOutcome(result="not_applied"))
    await is_begun_with(youth)
    await youth.arrives_at(Step.FIRST_CONTACT)
    return youth


async def has_a_studiebevis(new_youth: NewYouth) -> Youth:
    """Not reached at the end of the school year, and written to in mid-September."""
    youth = await new_youth(at=JUNE, tracks=(SpecialTrack.STUDIEBEVIS,))
    await youth.has(TaskKind.STUDIEBEVIS_CONTACT)
    await youth.completes(StudiebevisContactOutcome(result="not_reached"))
    await youth.time_is_up()
    await youth.arrives_at(Step.FIRST_CONTACT)
    return youth


async def starts_with_a_new_policy(new_youth: NewYouth) -> Youth:
    """Waits for the start when a new version takes effect, is begun with by the intake, and keeps that policy."""
    youth = await new_youth()
    for version in ("stockholm-2099.1", "stockholm-2099.2"):
        new = policy(version=version, contact_searches=1, answer_window=timedelta(days=10))
        fact = NewPolicy(event_id=uuid4(), episode_id=youth.episode_id, policy=new)
        await youth.handle.signal(SIGNAL_NEW_POLICY, fact)
        if youth.step is Step.AWAITING_START:
            await is_begun_with(youth)
            await youth.arrives_at(Step.FIRST_CONTACT)
    await youth.telephone(has_phone=False)
    await youth.time_is_up()
    await youth.completes(FindContactDetailsOutcome(result="not_found"))
    await youth.arrives_at(Step.TRIED_TO_REACH)
    return youth


async def is_registered_anew(new_youth: NewYouth) -> Youth:
    """A new episode begins while the old one is open: its end was lost."""
    youth = await new_youth()
    await youth.never_answers_until(Step.FIRST_CONTACT)
    now = await youth.now()
    again = start(youth_id=youth.id, registered_on=now.date(), clock=youth.start.clock)
    await youth.handle.signal(SIGNAL_REGISTERED, again)
    await youth.arrives_at(Step.AWAITING_START)
    await youth.time_is_up()
    await youth.arrives_at(Step.FIRST_CONTACT)
    return youth
