"""The courses whose histories are kept for replay: together they go through every step and every message."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from temporalio.client import Client
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from contracts.gallring import GallringState
from contracts.reasons import EndReason, ReachedBy, Step
from contracts.tasks import (
    CallResult,
    FindContactDetailsOutcome,
    FollowUpOutcome,
    FollowUpResult,
    HomeVisitOutcome,
    HomeVisitResult,
    MappingOutcome,
    MappingResult,
    Occupation,
    ProtectedOutcome,
    ReportAddressOutcome,
    TaskKind,
)
from tests.workflows.driver import Youth, eventually
from tests.workflows.gallring import Handle, Registry, decide
from tests.workflows.gallring import start as start_gallring
from tests.workflows.samples import REGISTERED
from tests.workflows.stage import NewYouth
from workflows.register_gallring import LOOK_AGAIN, PATIENCE

Scenario = Callable[[NewYouth], Awaitable[Youth]]


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


async def is_protected_for_a_time(new_youth: NewYouth) -> Youth:
    youth = await new_youth()
    await youth.never_answers_until(Step.FIRST_CONTACT)
    await youth.changes(protected=True, district=None)
    await youth.has(TaskKind.PROTECTED)
    await youth.completes(ProtectedOutcome(result="not_reached"))
    await youth.changes(protected=False)
    await youth.has(TaskKind.CALL)
    return youth


SCENARIOS: dict[str, Scenario] = {
    scenario.__name__: scenario
    for scenario in (
        never_answers,
        answers_the_letter,
        answers_a_call_then_starts_school,
        does_not_live_there,
        is_protected_for_a_time,
    )
}


async def gallring_is_decided_by_two(client: Client, registry: Registry) -> Handle:
    """Waits for two people, looks by itself once, and deletes."""
    skipper = TimeSkipper(client, config=TimeSkippingConfig(enabled=False))
    handle = await start_gallring(skipper.client)
    await eventually(lambda: registry.asked, "a proposal")
    await decide(registry, handle, GallringState.REVIEWED)
    await skipper.fast_forward(handle, LOOK_AGAIN)
    await decide(registry, handle, GallringState.APPROVED)
    await handle.result()
    return handle


async def gallring_is_decided_by_nobody(client: Client, registry: Registry) -> Handle:
    registry.state = GallringState.PROPOSED
    skipper = TimeSkipper(client, config=TimeSkippingConfig(enabled=False))
    handle = await start_gallring(skipper.client)
    await skipper.fast_forward(handle, PATIENCE + timedelta(minutes=1))
    await handle.result()
    return handle


GALLRING: dict[str, Callable[[Client, Registry], Awaitable[Handle]]] = {
    course.__name__: course for course in (gallring_is_decided_by_two, gallring_is_decided_by_nobody)
}
