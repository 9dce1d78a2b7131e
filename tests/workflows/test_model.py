"""Hundreds of random interleavings against real workflows: whatever happens at whatever instant, the rules hold.

The rules are judged by the Temporal histories (`happenings.judge`). The same with a fault put in must be found.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from temporalio.worker import UnsandboxedWorkflowRunner

from contracts.outreach_workflow import CompleteTask
from contracts.tasks import CallOutcome, TaskSpec
from tests.workflows.happenings import Happening, What, play
from tests.workflows.stage import connect, registering_youths, running_workers
from workflows.youth_outreach import calling
from workflows.youth_outreach.moves import Move
from workflows.youth_outreach.state import State

AT_ONCE = 65  # youths in one example: the server is waited for together
EXAMPLES = 8  # times AT_ONCE: more than five hundred interleavings

often = st.sampled_from([What.TIME, What.WORK, What.WORK, What.TIME, What.TWICE, What.ANSWERS_AT_WORK])
seldom = st.sampled_from(list(What))
happening = st.builds(Happening, st.one_of(often, often, often, seldom), st.integers(0, 1000))
# The way of who never answers, so that calls, door card and visit are come to; and then anything.
NEVER = [Happening(What.TIME, 0)] * 2
CALLS = [Happening(What.TIME, 0), Happening(What.WORK, 0)] * 3
DOOR = [Happening(What.TIME, 0), Happening(What.WORK, 0)]
heads = st.sampled_from([[], NEVER, NEVER + CALLS, NEVER + CALLS + DOOR])
course = st.builds(lambda head, rest: [*head, *rest], heads, st.lists(happening, min_size=1, max_size=7))
Courses = Sequence[Sequence[Happening]]


@contextmanager
def playing(address: str) -> Iterator[Callable[[Courses], None]]:
    """Give a function that plays courses, each to a youth of its own, all at once."""
    with (
        # The sandbox costs as much as all the rest, and has tests of its own.
        patch("workflows.worker.sandbox", UnsandboxedWorkflowRunner),
        asyncio.Runner() as runner,
        runner_stack(runner) as stack,
    ):
        client = runner.run(connect(address))
        records = runner.run(stack.enter_async_context(running_workers(client)))

        async def all_at_once(courses: Courses) -> None:
            async with registering_youths(client, records) as new:
                youths = [await new() for _ in courses]
                async with asyncio.TaskGroup() as group:
                    for youth, happenings in zip(youths, courses, strict=True):
                        group.create_task(play(youth, happenings, records.notifications_down))

        yield lambda courses: runner.run(all_at_once(courses))


@contextmanager
def runner_stack(runner: asyncio.Runner) -> Iterator[AsyncExitStack]:
    stack = AsyncExitStack()
    try:
        yield stack
    finally:
        runner.run(stack.aclose())


def drawn(examples: int) -> Callable[[Callable[[Courses], None]], Callable[[], None]]:
    """Draw courses for a test. Not made smaller when one breaks a rule: an example takes a second."""

    def decorate(test: Callable[[Courses], None]) -> Callable[[], None]:
        shaped = settings(
            max_examples=examples,
            deadline=None,
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=list(HealthCheck),
        )(given(st.lists(course, min_size=AT_ONCE, max_size=AT_ONCE))(test))
        return shaped

    return decorate


def test_whatever_happens_in_whatever_order_the_rules_hold(temporal_address: str) -> None:
    with playing(temporal_address) as let_happen:
        drawn(EXAMPLES)(let_happen)()


def test_a_fault_that_is_put_in_is_found(temporal_address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each call counts twice: the door card comes after two calls, which `judge` must see."""
    called = calling.called

    def counts_twice(
        state: State, decision: CompleteTask, call: TaskSpec, outcome: CallOutcome, now: datetime
    ) -> Move:
        return called(replace(state, attempts=state.attempts * 2), decision, call, outcome, now)

    monkeypatch.setattr(calling, "called", counts_twice)
    with playing(temporal_address) as let_happen, pytest.raises(BaseException) as raised:
        drawn(EXAMPLES)(let_happen)()
    assert "a door card after" in str(raised.value.__context__ or "") + repr(raised.value)
