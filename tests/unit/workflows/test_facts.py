"""What register changes and answers do, at each step."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.messages import AnswerChannel, MessageKind
from contracts.outreach_workflow import Answered, Changed, Decided, EndOfCoverage, OutreachStart, StartSearch
from contracts.reasons import EndReason, ReachedBy, Step
from contracts.tasks import (
    CallOutcome,
    CallResult,
    MappingOutcome,
    MappingResult,
    ProtectedOutcome,
    TaskKind,
    TaskState,
)
from tests.unit.workflows.simulation import Simulation, youth_at
from tests.workflows.samples import LAST_COVERED_DAY, REGISTERED, start
from workflows.youth_outreach.timing import time_up

SOUGHT = [
    Step.AWAITING_START,
    Step.FIRST_CONTACT,
    Step.CALLING,
    Step.TRIED_TO_REACH,
    Step.DOOR_CARD,
    Step.HOME_VISIT,
    Step.WATCH,
]


def answer(youth: Simulation, channel: AnswerChannel = AnswerChannel.SMS) -> Answered:
    return Answered(event_id=uuid4(), episode_id=youth.state.episode_id, channel=channel, answered_at=youth.now)


def change(youth: Simulation, **fields: Any) -> Changed:
    return Changed.model_validate(
        {
            "event_id": uuid4(),
            "episode_id": youth.state.episode_id,
            "district": youth.state.district,
            "protected": youth.state.protected,
            "last_covered_day": youth.state.last_covered_day,
            **fields,
        }
    )


def registration(youth: Simulation, **fields: Any) -> OutreachStart:
    return start(youth_id=youth.state.youth_id, **{"registered_on": youth.now.date(), **fields})


def begin(youth: Simulation, episode_id: UUID | None = None) -> StartSearch:
    return StartSearch(event_id=uuid4(), episode_id=episode_id or youth.state.episode_id)


def test_the_intake_begins_a_search_that_waits_and_only_that() -> None:
    youth = youth_at(Step.AWAITING_START)
    youth.hears(begin(youth, uuid4()))  # of another episode
    assert len(youth.progress) == 1
    first = begin(youth)
    youth.hears(first)
    assert youth.state.step is Step.FIRST_CONTACT
    assert [spec.kind for _, spec in youth.sent] == [MessageKind.FIRST_LETTER, MessageKind.FIRST_SMS]
    assert youth.progress[-1].started
    for again in (first, begin(youth)):
        before = youth.state
        youth.hears(again)
        assert (youth.state.step, youth.state.numbers) == (before.step, before.numbers)


@pytest.mark.parametrize("step", [step for step in SOUGHT if step is not Step.AWAITING_START])
def test_the_intake_changes_nothing_for_who_has_begun(step: Step) -> None:
    youth = youth_at(step)
    recorded = len(youth.progress)
    youth.hears(begin(youth))
    assert (youth.state.step, len(youth.progress)) == (step, recorded)


@pytest.mark.parametrize("step", SOUGHT)
def test_an_answer_ends_the_search_at_any_step(step: Step) -> None:
    youth = youth_at(step)
    answered_at = youth.now
    open_before = {task.task_id for task in youth.state.tasks}
    youth.hears(answer(youth, AnswerChannel.ANSWER_PAGE))
    progress = youth.progress[-1]
    assert progress.step is Step.MAPPING
    assert progress.reached is not None
    assert (progress.reached.by, progress.reached.at) == (ReachedBy.ANSWER_PAGE, answered_at)
    assert {closure.task_id for closure in progress.closed} == open_before
    assert {closure.state for closure in progress.closed} <= {TaskState.CANCELLED}
    assert [task.kind for task in youth.state.tasks] == [TaskKind.MAPPING]


def test_a_second_answer_changes_nothing() -> None:
    youth = youth_at(Step.FIRST_CONTACT)
    youth.hears(answer(youth))
    recorded = len(youth.progress)
    youth.hears(answer(youth, AnswerChannel.ANSWER_PAGE))
    assert len(youth.progress) == recorded


def test_a_contact_during_support_is_recorded_and_changes_nothing() -> None:
    youth = youth_at(Step.FIRST_CONTACT)
    youth.hears(answer(youth))
    youth.completes(MappingOutcome(result=MappingResult.WANTS_SUPPORT))
    tasks = youth.state.tasks
    decided = youth.contacts(ReachedBy.GUARDIAN)
    assert isinstance(decided, Decided)
    assert decided.step is Step.SUPPORT
    assert youth.state.tasks == tasks
    assert youth.progress[-1].reached is None


def test_the_end_cancels_what_is_open() -> None:
    youth = youth_at(Step.CALLING)
    (call,) = youth.state.tasks
    ended_on = youth.now.date()
    youth.hears(
        EndOfCoverage(
            event_id=uuid4(), episode_id=youth.state.episode_id, reason=EndReason.MOVED_OUT, ended_on=ended_on
        )
    )
    progress = youth.progress[-1]
    assert (progress.step, progress.ended) == (Step.ENDED, EndReason.MOVED_OUT)
    assert [(closure.task_id, closure.state) for closure in progress.closed] == [
        (call.task_id, TaskState.CANCELLED)
    ]
    recorded = len(youth.progress)
    youth.hears(answer(youth))
    youth.hears(change(youth, protected=True))
    assert (len(youth.progress), youth.state.step) == (recorded, Step.ENDED)


@pytest.mark.parametrize("reason", [one for one in EndReason if one is not EndReason.TURNED_20])
@pytest.mark.parametrize("step", SOUGHT)
def test_school_start_exam_move_emigration_and_death_each_end_the_outreach_at_once(
    step: Step, reason: EndReason
) -> None:
    youth = youth_at(step)
    sent = len(youth.sent)
    youth.ends(reason)
    assert (youth.progress[-1].step, youth.progress[-1].ended) == (Step.ENDED, reason)
    assert not youth.state.tasks
    youth.passes(timedelta(days=800))
    assert len(youth.sent) == sent, "nothing is sent after the end, not even the letter at twenty"


@pytest.mark.parametrize("step", SOUGHT)
def test_protection_stops_everything_automatic(step: Step) -> None:
    youth = youth_at(step)
    sent = len(youth.sent)
    youth.hears(change(youth, protected=True, district=None))
    assert youth.steps[-1] is Step.MANUAL
    assert youth.progress[-1].district is None
    assert [task.kind for task in youth.state.tasks] == [TaskKind.PROTECTED]
    youth.passes(timedelta(days=2_000))
    assert len(youth.sent) == sent, "not even the letter at twenty"
    assert youth.state.step is Step.ENDED


def test_lifted_protection_gives_the_first_letter_to_who_never_got_one() -> None:
    youth = Simulation(start(protected=True, district=None), REGISTERED)
    youth.hears(change(youth, protected=False, district="farsta"))
    assert youth.state.step is Step.AWAITING_START
    youth.time_is_up()
    assert youth.was_sent(MessageKind.FIRST_LETTER) == 1
    assert [progress.started for progress in youth.progress].count(True) == 1


def test_lifted_protection_goes_on_with_calls_without_a_second_first_letter() -> None:
    youth = youth_at(Step.FIRST_CONTACT)
    youth.hears(change(youth, protected=True))
    youth.hears(change(youth, protected=False))
    assert youth.state.step is Step.CALLING
    assert youth.was_sent(MessageKind.FIRST_LETTER) == 1


def test_lifted_protection_of_who_was_reached_leads_to_the_mapping_conversation() -> None:
    youth = Simulation(start(protected=True), REGISTERED)
    youth.completes(ProtectedOutcome(result="reached"))
    youth.hears(change(youth, protected=False))
    assert youth.state.step is Step.MAPPING
    assert youth.progress[-1].reached is None, "was reached before"


def test_an_answer_of_a_protected_youth_counts_and_stays_with_the_special_handlers() -> None:
    youth = youth_at(Step.FIRST_CONTACT)
    youth.hears(change(youth, protected=True))
    youth.hears(answer(youth))
    progress = youth.progress[-1]
    assert progress.step is Step.MANUAL
    assert progress.reached is not None
    assert [task.kind for task in youth.state.tasks] == [TaskKind.PROTECTED]


def test_another_district_changes_what_later_transitions_say() -> None:
    youth = youth_at(Step.FIRST_CONTACT)
    recorded = len(youth.progress)
    youth.hears(change(youth, district="bromma"))
    assert len(youth.progress) == recorded, "the registry's own event tells the outreach service"
    youth.time_is_up()
    assert youth.progress[-1].district == "bromma"


def test_a_corrected_birthday_in_the_past_ends_the_duty() -> None:
    youth = youth_at(Step.CALLING)
    youth.hears(change(youth, last_covered_day=youth.now.date() - timedelta(days=1)))
    assert youth.progress[-1].ended is EndReason.TURNED_20


def test_the_duty_ends_at_midnight_after_the_letter_on_where_to_turn() -> None:
    youth = youth_at(Step.WATCH, last_covered_day=REGISTERED.date() + timedelta(days=150))
    youth.passes(timedelta(days=150))
    end = youth.progress[-1]
    assert (end.ended, end.at.date(), end.at.hour) == (
        EndReason.TURNED_20,
        REGISTERED.date() + timedelta(days=151),
        0,
    )
    at, letter = next((at, m) for at, m in youth.sent if m.kind is MessageKind.TURNS_20_LETTER)
    assert at.date() == REGISTERED.date() + timedelta(days=136)
    assert letter.visit_at is None


def test_who_is_registered_days_before_twenty_gets_both_letters_at_once() -> None:
    youth = Simulation(start(last_covered_day=REGISTERED.date() + timedelta(days=5)), REGISTERED)
    assert {message.kind for _, message in youth.sent} == {
        MessageKind.FIRST_LETTER,
        MessageKind.FIRST_SMS,
        MessageKind.TURNS_20_LETTER,
    }


def test_who_is_registered_after_twenty_is_not_sought() -> None:
    youth = Simulation(start(last_covered_day=REGISTERED.date() - timedelta(days=1)), REGISTERED)
    assert youth.steps == [Step.ENDED]
    assert not youth.sent


def test_a_new_episode_follows_one_that_has_ended() -> None:
    youth = youth_at(Step.CALLING)
    old = youth.state.episode_id
    youth.hears(
        EndOfCoverage(event_id=uuid4(), episode_id=old, reason=EndReason.STARTED_SCHOOL, ended_on=youth.now.date())
    )
    youth.hears(registration(youth))
    assert youth.steps[-2:] == [Step.ENDED, Step.AWAITING_START]
    assert youth.progress[-1].episode_id == youth.state.episode_id != old
    youth.time_is_up()
    assert youth.was_sent(MessageKind.FIRST_LETTER) == 2, "whoever is new in the register always gets a letter"


def test_a_new_episode_closes_one_whose_end_was_lost() -> None:
    youth = youth_at(Step.CALLING)
    old = youth.state.episode_id
    youth.hears(registration(youth))
    lost, begun = youth.progress[-2:]
    assert (lost.episode_id, lost.ended) == (old, EndReason.REGISTERED_IN_ERROR)
    assert [closure.state for closure in lost.closed] == [TaskState.CANCELLED]
    assert (begun.episode_id, begun.step) == (youth.state.episode_id, Step.AWAITING_START)


def test_old_registrations_change_nothing() -> None:
    first = start()
    youth = Simulation(first, REGISTERED)
    youth.passes(timedelta(days=60))
    youth.hears(registration(youth, last_covered_day=LAST_COVERED_DAY))
    current = youth.state.episode_id
    for stale in (
        first.model_copy(update={"event_id": uuid4()}),
        registration(youth, registered_on=REGISTERED.date() - timedelta(days=400)),
        registration(youth, episode_id=current),
    ):
        youth.hears(stale)
        assert youth.state.episode_id == current
    assert time_up(youth.state, youth.now, None) is None


def test_a_call_can_be_completed_again_with_the_same_answer_after_much_has_happened() -> None:
    youth = youth_at(Step.CALLING)
    youth.time_is_up()
    decided = youth.completes(CallOutcome(result=CallResult.REACHED))
    key = youth.progress[-1].decision_key
    assert key is not None
    youth.hears(registration(youth))
    assert youth.state.decided[key] == decided, "also in the next episode"
