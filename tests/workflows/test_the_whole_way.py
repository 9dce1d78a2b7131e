"""The way of plan 4.2.2 for who never answers, on a real server that skips the waiting."""

from datetime import timedelta

from contracts.messages import MessageKind
from contracts.outreach_workflow import SA_DISTRICT, SA_DUE, SA_STEP, SA_UNIT
from contracts.reasons import EndReason, Step, WatchReason
from contracts.tasks import TaskKind
from contracts.workdays import slot_at
from tests.workflows.driver import FIRST, TRIED
from tests.workflows.samples import REGISTERED, STOCKHOLM_POLICY
from tests.workflows.stage import NewYouth


async def test_who_never_answers_is_sought_all_the_way(new_youth: NewYouth) -> None:
    youth = await new_youth()
    await youth.never_answers_until(Step.WATCH)

    assert youth.steps == [
        Step.AWAITING_START,
        Step.FIRST_CONTACT,
        Step.CALLING,
        Step.TRIED_TO_REACH,
        Step.DOOR_CARD,
        Step.HOME_VISIT,
        Step.WATCH,
    ]
    assert youth.messages == [*FIRST, *TRIED, MessageKind.DOOR_CARD]
    started = next(progress for progress in youth.progress if progress.started)
    assert timedelta(0) < started.at.date() - REGISTERED.date() <= timedelta(days=30)
    assert not started.start_late
    calls = [task for progress in youth.progress for task in progress.opened if task.kind is TaskKind.CALL]
    times = [call.not_before for call in calls if call.not_before]
    assert [call.attempt for call in calls] == [1, 2, 3]
    assert len({time.date() for time in times}) == 3
    assert len({slot_at(STOCKHOLM_POLICY, time) for time in times}) == 3
    watch = youth.progress[-1].watch
    assert watch is not None
    assert watch.reason is WatchReason.NOT_REACHED
    assert not youth.reached


async def test_after_the_watch_comes_a_lighter_round_and_at_twenty_the_end(new_youth: NewYouth) -> None:
    youth = await new_youth(last_covered_day=REGISTERED.date() + timedelta(days=250))
    await youth.never_answers_until(Step.WATCH)
    sent = len(youth.messages)
    await youth.time_is_up()
    await youth.arrives_at(Step.FIRST_CONTACT)
    await youth.passes(timedelta(days=15))
    await youth.arrives_at(Step.CALLING)
    assert youth.messages[sent:] == [MessageKind.RECONTACT_LETTER]
    await youth.passes(timedelta(days=150))  # nobody calls: the duty ends all the same
    await youth.arrives_at(Step.ENDED)
    await youth.is_over()
    assert youth.ended is EndReason.TURNED_20
    assert youth.progress[-1].at.date() == REGISTERED.date() + timedelta(days=251)
    assert youth.messages[sent:] == [MessageKind.RECONTACT_LETTER, MessageKind.TURNS_20_LETTER]
    assert not youth.tasks


async def test_operations_see_step_district_and_due_date_and_no_personal_data(new_youth: NewYouth) -> None:
    youth = await new_youth()
    await youth.never_answers_until(Step.CALLING)
    (call,) = youth.tasks
    assert call.not_before is not None

    details = await youth.details()
    assert details.splitlines() == [
        "**Being called**",
        f"- open: call 1 of 3, not before {call.not_before:%a %d %b %Y %H:%M}, due {call.due_on:%a %d %b %Y}",
        "- district farsta, policy stockholm-2026.1",
    ]
    described = await youth.handle.describe()
    shown = {pair.key.name: pair.value for pair in described.typed_search_attributes}
    assert {name: shown[name] for name in (SA_STEP, SA_DISTRICT, SA_UNIT)} == {
        SA_STEP: "calling",
        SA_DISTRICT: "farsta",
        SA_UNIT: "0180",
    }
    assert shown[SA_DUE] == youth.progress[-1].due
