"""The state diagram of docs/states.md is what the rules allow: all of it, and nothing else."""

import random
from collections.abc import Iterator
from itertools import groupby, pairwise
from typing import get_args

import pytest

from contracts.outreach_activities import Progress
from contracts.reasons import Step
from contracts.tasks import TaskKind
from tests.replay.contents import progress_of
from tests.replay.record import read, recorded
from tests.workflows.samples import REGISTERED, start
from workflows.diagram.__main__ import PAGE, with_diagram
from workflows.diagram.draw import OPEN, diagram
from workflows.diagram.happenings import facts, happenings, outcome_name
from workflows.diagram.walk import REGISTERED as AT_FIRST
from workflows.diagram.walk import Transition, starts, transition_of, transitions
from workflows.youth_outreach.facts import Fact
from workflows.youth_outreach.state import State

WALKS, STEPS_OF_A_WALK = 150, 40
AT_THE_END = {"twenty", "duty ended", "registered anew"}  # the walk would be over


@pytest.fixture(scope="module")
def allowed() -> set[Transition]:
    return transitions()


def test_the_page_has_the_diagram_of_the_code(allowed: set[Transition]) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert with_diagram(page, allowed) == page, "run `python -m workflows.diagram` and commit what it writes"


def test_every_step_is_come_to_and_left(allowed: set[Transition]) -> None:
    assert {one.ends for one in allowed} == set(Step)
    assert {one.begins for one in allowed} == {"", *Step}


def test_everything_that_can_be_heard_is_tried() -> None:
    """Who adds a fact says in `happenings.facts` what it is called; results of tasks come by themselves."""
    assert {type(fact) for _, fact in facts(State.of(start()), REGISTERED)} == set(get_args(Fact))


def test_walking_on_at_random_finds_nothing_else(allowed: set[Transition]) -> None:
    """`walk` visits states that differ in what has a say; what it takes for the same must be."""
    chance = random.Random(4)
    begins = list(starts())
    for _ in range(WALKS):
        state, now = chance.choice(begins)
        for _ in range(STEPS_OF_A_WALK):
            happening = chance.choice([one for one in happenings(state, now) if one.what not in AT_THE_END])
            move = happening.leads()
            assert set(transition_of(state, happening.what, move)) <= allowed
            state, now = move.state, happening.at


def test_what_the_recorded_youths_went_through_is_allowed(allowed: set[Transition]) -> None:
    steps = {(one.begins, one.ends) for one in allowed}
    gone: set[tuple[Step, Step]] = set()
    for course in courses():
        assert Transition("", AT_FIRST, course[0].step) in allowed
        for before, after in pairwise(course):
            names = [outcome_name(one.outcome) for one in after.closed if one.outcome is not None]
            for name in names:
                if before.step is not after.step or not name.startswith(TaskKind.REPORT_ADDRESS):
                    assert Transition(before.step, name, after.step) in allowed
            if before.step is not after.step or after.opened:
                assert (before.step, after.step) in steps
                gone.add((before.step, after.step))
    assert len(gone) > len(steps) / 3, "the histories say something about the diagram"


def courses() -> Iterator[list[Progress]]:
    """Yield what was recorded of each youth, through all runs of the workflow."""
    for _, runs in groupby(recorded(), key=lambda name: name.rpartition("_")[0]):
        if course := [one for name in sorted(runs) for one in progress_of(read(name))]:
            yield course


def test_many_of_the_same_are_one_arrow() -> None:
    happened: set[Transition] = {Transition(step, "comes", Step.MAPPING) for step in OPEN}
    drawn = diagram(
        {*happened, Transition("", "is seen", Step.WATCH), Transition(Step.WATCH, "call: a", Step.ENDED)}
    )
    assert drawn.splitlines() == [
        "stateDiagram-v2",
        '    state "any step but ended" as any_1',
        "    [*] --> watch: is seen",
        "    watch --> ended: call (a)",
        "    any_1 --> mapping: comes",
        "    ended --> [*]",
    ]
