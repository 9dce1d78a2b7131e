"""What the daily intake's word does, at each step."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from contracts.messages import MessageKind
from contracts.outreach_workflow import StartSearch
from contracts.reasons import SpecialTrack, Step
from contracts.tasks import TaskKind
from tests.unit.workflows.simulation import Simulation, youth_at
from tests.unit.workflows.test_facts import SOUGHT
from tests.workflows.samples import REGISTERED, start


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


def test_the_intake_waits_for_what_staff_do_first_but_not_for_ever() -> None:
    youth = Simulation(start(tracks=(SpecialTrack.NEWLY_ARRIVED,)), REGISTERED)
    (task,) = youth.state.tasks
    assert task.kind is TaskKind.START_STOCKHOLM
    youth.hears(begin(youth))
    assert len(youth.progress) == 1
    youth.passes(timedelta(days=(task.due_on - youth.now.date()).days + 1))
    youth.hears(begin(youth))
    assert youth.state.step is Step.FIRST_CONTACT


def test_the_intake_leaves_the_letter_of_mid_september_to_its_day() -> None:
    august = REGISTERED.replace(month=8, day=20)
    youth = Simulation(start(tracks=(SpecialTrack.STUDIEBEVIS,), registered_on=august.date()), august)
    youth.hears(begin(youth))
    assert youth.state.step is Step.AWAITING_START
    youth.passes(timedelta(days=26))
    youth.hears(begin(youth))
    assert (youth.state.step, youth.now.month, youth.now.day) == (Step.FIRST_CONTACT, 9, 15)


@pytest.mark.parametrize("step", [step for step in SOUGHT if step is not Step.AWAITING_START])
def test_the_intake_changes_nothing_for_who_has_begun(step: Step) -> None:
    youth = youth_at(step)
    recorded = len(youth.progress)
    youth.hears(begin(youth))
    assert (youth.state.step, len(youth.progress)) == (step, recorded)
