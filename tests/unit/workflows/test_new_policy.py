"""A new version of the policy takes effect: who waits for the start takes it, and nobody else."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from contracts.messages import MessageKind
from contracts.outreach_workflow import NewPolicy
from contracts.reasons import SpecialTrack, Step
from contracts.tasks import TaskKind
from tests.unit.workflows.simulation import Simulation, youth_at
from tests.workflows.samples import REGISTERED, policy, start
from workflows.youth_outreach.facts import heard
from workflows.youth_outreach.state import State


def told(youth: State, **changes: Any) -> NewPolicy:
    new = policy(version="stockholm-2099.1", **changes)
    return NewPolicy(event_id=uuid4(), episode_id=youth.episode_id, policy=new)


def test_who_waits_starts_with_the_new_policy() -> None:
    youth = Simulation(start(), REGISTERED)
    youth.hears(told(youth.state, intake="spread", start_spread_days=0, answer_window=timedelta(days=5)))
    assert youth.progress[1].policy_version == "stockholm-2099.1"
    assert youth.state.step is Step.FIRST_CONTACT  # the new one does not spread: the start is due
    assert [message.kind for _, message in youth.sent] == [MessageKind.FIRST_LETTER, MessageKind.FIRST_SMS]
    assert youth.state.due is not None
    assert youth.state.due - youth.now < timedelta(days=6)


def test_a_start_is_never_put_off() -> None:
    youth = Simulation(start(policy=policy(intake="spread", start_spread_days=5)), REGISTERED)
    due = youth.state.due
    youth.hears(told(youth.state, intake="spread", start_spread_days=30))
    assert (youth.state.due, youth.progress[-1].due) == (due, due)
    assert youth.state.policy.start_spread_days == 30
    youth.continues_as_new()


@pytest.mark.parametrize(
    "step", [Step.FIRST_CONTACT, Step.CALLING, Step.TRIED_TO_REACH, Step.DOOR_CARD, Step.HOME_VISIT, Step.WATCH]
)
def test_whoever_is_sought_keeps_the_policy(step: Step) -> None:
    youth = youth_at(step)
    before, moves = youth.state.policy, len(youth.progress)
    youth.hears(told(youth.state))
    assert (youth.state.policy, len(youth.progress)) == (before, moves)


def test_with_whom_something_else_comes_first_that_is_ended_by_the_old_policy() -> None:
    first = {"ask_start_stockholm": True, "studiebevis": {}}
    asked = Simulation(start(tracks=(SpecialTrack.NEWLY_ARRIVED,), policy=policy(**first)), REGISTERED)
    assert [task.kind for task in asked.state.tasks] == [TaskKind.START_STOCKHOLM]
    letter = Simulation(start(tracks=(SpecialTrack.STUDIEBEVIS,), policy=policy(**first)), REGISTERED)
    for youth in (asked, letter):
        was = youth.state
        youth.hears(told(was, ask_start_stockholm=False, studiebevis=None))
        assert (youth.state.policy, youth.state.due, youth.state.tasks) == (was.policy, was.due, was.tasks)


def test_what_the_new_policy_puts_first_comes_first() -> None:
    unasked = policy(ask_start_stockholm=False)
    youth = Simulation(start(tracks=(SpecialTrack.NEWLY_ARRIVED,), policy=unasked), REGISTERED)
    assert not youth.state.tasks
    youth.hears(told(youth.state, ask_start_stockholm=True))
    assert [task.kind for task in youth.state.tasks] == [TaskKind.START_STOCKHOLM]


def test_told_twice_or_of_another_episode_it_has_one_effect() -> None:
    youth = Simulation(start(), REGISTERED)
    fact = told(youth.state)
    for one in (fact, fact, told(youth.state), fact.model_copy(update={"episode_id": uuid4()})):
        youth.hears(one)
    assert len(youth.progress) == 2


def test_told_before_the_first_transition_it_is_the_policy_of_that() -> None:
    state = State.of(start())
    move = heard(state, told(state), REGISTERED)
    assert move.progress is None
    assert move.state.policy.version == "stockholm-2099.1"
