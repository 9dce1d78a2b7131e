"""Newly arrived, and youths with a studiebevis: what precedes their search (plan 4.1.4, 4.1.5)."""

from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import uuid4

import pytest

from chassis.clock import STOCKHOLM
from contracts.messages import MessageKind
from contracts.outreach_workflow import StartSearch
from contracts.reasons import ReachedBy, SpecialTrack, Step, WatchReason
from contracts.tasks import StartStockholmOutcome, StudiebevisContactOutcome, TaskKind
from tests.unit.workflows.simulation import Simulation
from tests.workflows.samples import REGISTERED, policy, start

JUNE = datetime(2026, 6, 12, 4, 10, tzinfo=STOCKHOLM)
A_MONTH = timedelta(days=30)


def newly_arrived(**changes: Any) -> Simulation:
    return Simulation(start(**{"tracks": (SpecialTrack.NEWLY_ARRIVED,), **changes}), REGISTERED)


def with_studiebevis(at: datetime, **changes: Any) -> Simulation:
    fields = {"tracks": (SpecialTrack.STUDIEBEVIS,), "registered_on": at.date(), **changes}
    return Simulation(start(**fields), at)


def kinds(youth: Simulation) -> list[TaskKind]:
    return [task.kind for task in youth.state.tasks]


def test_of_who_is_newly_arrived_start_stockholm_is_asked_first() -> None:
    youth = newly_arrived()
    assert (youth.state.step, kinds(youth)) == (Step.AWAITING_START, [TaskKind.START_STOCKHOLM])
    (task,) = youth.state.tasks
    assert youth.state.due is not None
    assert youth.state.due.date() > task.due_on, "the search does not begin before there was time to ask"


@pytest.mark.parametrize("says", ["not_applied", "unknown"])
def test_who_has_not_applied_is_sought_as_all_others(says: Literal["not_applied", "unknown"]) -> None:
    youth = newly_arrived()
    youth.completes(StartStockholmOutcome(result=says))
    youth.time_is_up()
    assert (youth.state.step, youth.was_sent(MessageKind.FIRST_LETTER)) == (Step.FIRST_CONTACT, 1)


def test_who_has_applied_is_left_in_peace_and_then_written_to_as_whoever_is_new() -> None:
    youth = newly_arrived()
    youth.completes(StartStockholmOutcome(result="applied"))
    progress = youth.progress[-1]
    assert progress.watch is not None
    assert (progress.step, progress.watch.reason, progress.started) == (Step.WATCH, WatchReason.APPLIED, True)
    assert not youth.sent
    youth.passes(timedelta(days=47))
    assert youth.steps[-1] is Step.FIRST_CONTACT
    assert (youth.was_sent(MessageKind.FIRST_LETTER), youth.state.round) == (1, 1)


def test_a_question_without_an_answer_does_not_break_the_month() -> None:
    youth = newly_arrived()
    youth.passes(A_MONTH + timedelta(days=1))
    assert youth.steps[:2] == [Step.AWAITING_START, Step.FIRST_CONTACT]
    assert not youth.progress[1].start_late
    assert [closed.state for closed in youth.progress[1].closed] == ["cancelled"]


def test_who_is_late_already_is_sought_at_once() -> None:
    youth = newly_arrived(registered_on=REGISTERED.date() - timedelta(days=40))
    assert youth.state.step is Step.FIRST_CONTACT


def test_a_policy_of_before_does_not_ask() -> None:
    youth = newly_arrived(policy=policy(ask_start_stockholm=False))
    assert (youth.state.step, kinds(youth)) == (Step.AWAITING_START, [])


def test_a_studiebevis_in_june_is_followed_by_a_contact_at_once() -> None:
    youth = with_studiebevis(JUNE)
    assert kinds(youth) == [TaskKind.STUDIEBEVIS_CONTACT]
    youth.completes(StudiebevisContactOutcome(result="reached"))
    assert youth.state.step is Step.MAPPING
    assert youth.progress[-1].reached is not None
    assert youth.progress[-1].reached.by is ReachedBy.CALL


def test_who_was_not_reached_in_june_gets_the_letter_of_mid_september() -> None:
    youth = with_studiebevis(JUNE)
    youth.completes(StudiebevisContactOutcome(result="not_reached"))
    assert (youth.state.step, youth.progress[-1].started) == (Step.AWAITING_START, True)
    youth.passes(timedelta(days=80))
    assert not youth.sent
    youth.passes_until(datetime(2026, 9, 15, 12, tzinfo=STOCKHOLM))
    assert {at.date() for at, _ in youth.sent} == {date(2026, 9, 15)}
    assert youth.state.step is Step.FIRST_CONTACT


def test_a_contact_in_june_that_nobody_made_does_not_break_the_month() -> None:
    youth = with_studiebevis(JUNE)
    youth.passes(A_MONTH + timedelta(days=1))
    assert youth.steps[:2] == [Step.AWAITING_START, Step.FIRST_CONTACT]
    assert not youth.progress[1].start_late


def test_a_studiebevis_told_of_in_late_august_is_followed_by_the_letter_of_mid_september() -> None:
    youth = with_studiebevis(REGISTERED)
    assert not youth.state.tasks
    youth.passes_until(datetime(2026, 9, 15, 12, tzinfo=STOCKHOLM))
    assert {at.date() for at, _ in youth.sent} == {date(2026, 9, 15)}


def test_who_turns_twenty_in_the_autumn_is_not_made_to_wait_for_september() -> None:
    youth = with_studiebevis(JUNE, last_covered_day=date(2026, 9, 1))
    youth.completes(StudiebevisContactOutcome(result="not_reached"))
    assert youth.state.step is Step.FIRST_CONTACT
    assert youth.was_sent(MessageKind.FIRST_LETTER) == 1


def test_out_of_season_a_studiebevis_is_sought_as_all_others() -> None:
    youth = with_studiebevis(datetime(2026, 11, 2, 4, 10, tzinfo=STOCKHOLM))
    assert not youth.state.tasks
    youth.time_is_up()
    assert youth.steps[:2] == [Step.AWAITING_START, Step.FIRST_CONTACT]


def test_room_in_the_daily_intake_does_not_skip_what_comes_first() -> None:
    """Who is asked or met first, and who gets the letter in mid-September, begins by their own date."""
    august = datetime(2026, 8, 20, 4, 10, tzinfo=STOCKHOLM)
    for youth in (newly_arrived(), with_studiebevis(JUNE), with_studiebevis(august)):
        room = StartSearch(event_id=uuid4(), episode_id=youth.state.episode_id)
        youth.hears(room)
        assert youth.state.step is Step.AWAITING_START
    other = Simulation(start(), REGISTERED)
    other.hears(StartSearch(event_id=uuid4(), episode_id=other.state.episode_id))
    assert other.state.step is Step.FIRST_CONTACT
