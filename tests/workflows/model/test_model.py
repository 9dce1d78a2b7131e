"""The model test: whatever happens to a youth, in whatever order, at whatever instant, the rules hold (`rules`).

Hypothesis draws courses of happenings. Each is played to a workflow of its own on a real server that skips time,
and judged by the Temporal histories and by what the services saw. A fault that is put in must be found, and by the
rule that it breaks.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from functools import cache

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from temporalio.client import Client
from temporalio.testing import TimeSkipper, TimeSkippingConfig
from temporalio.worker import UnsandboxedWorkflowRunner

from tests.workflows.model import faults
from tests.workflows.model.faults import Fault
from tests.workflows.model.happenings import Course, Moment, beginnings, moments
from tests.workflows.model.places import Place, arrived
from tests.workflows.model.player import Player
from tests.workflows.model.rules import Broken, Rule
from tests.workflows.model.services import SlowServices
from tests.workflows.stage import running_workers

pytestmark = pytest.mark.model
COURSES = 520
# Courses that once broke a rule, as the test prints them: played first.
KNOWN: tuple[Course, ...] = ()


@cache
def drawn(*, always_the_same: bool = False) -> list[Course]:
    """Return different courses; the same ones each time if asked for, or where Hypothesis is derandomized (CI)."""
    found: list[Course] = []

    @settings(
        max_examples=COURSES,
        phases=[Phase.generate],
        database=None,
        derandomize=always_the_same or settings().derandomize,
        suppress_health_check=[HealthCheck.too_slow],  # on a busy machine
    )
    @given(beginnings, moments)
    def keep(place: Place, moments: tuple[Moment, ...]) -> None:
        found.append(Course(len(found), place, moments))

    keep()
    random.Random(0).shuffle(found)  # the first ones drawn are simple
    return found


@pytest.fixture(scope="module")
async def services(temporal: Client) -> AsyncIterator[SlowServices]:
    with pytest.MonkeyPatch.context() as patch:
        # The sandbox costs as much as all the rest, and has tests of its own.
        patch.setattr("workflows.worker.sandbox", UnsandboxedWorkflowRunner)
        # A workflow task that waits for its turn on a busy machine is no deadlock.
        patch.setenv("TEMPORAL_DEBUG", "1")
        services = SlowServices()
        async with running_workers(temporal, services):
            yield services


async def play(
    client: Client, services: SlowServices, some: Sequence[Course], at_once: int, fault: Fault | None = None
) -> int:
    """Play courses, some at once, until all are over or the first breaks a rule. Returns how many were played.

    A fault is put in when the youths have come to where their courses begin. Raises Broken.
    """
    skipper = TimeSkipper(client, config=TimeSkippingConfig(enabled=False))
    waiting = iter([Player(skipper, services, course, arrived(course.place, course.youth)) for course in some])
    played = 0
    failed: list[Exception] = []

    async def one_after_the_other() -> None:
        nonlocal played
        for player in waiting:
            try:
                await player.play()
            except Exception as error:
                failed.append(error)
            await player.is_over()
            played += 1
            if failed:  # and others come to their end: calls of the SDK that are cut off raise other errors
                return

    with pytest.MonkeyPatch.context() as patch:
        if fault:
            fault(patch)
        await asyncio.gather(*(one_after_the_other() for _ in range(at_once)))
    if failed:
        raise failed[0]
    return played


@pytest.mark.timeout(1200)  # many minutes on a machine that does much else
async def test_whatever_happens_in_whatever_order_the_rules_hold(temporal: Client, services: SlowServices) -> None:
    await play(temporal, services, KNOWN, at_once=1)
    assert await play(temporal, services, drawn(), at_once=12) >= 500


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        (faults.a_call_counts_for_three, Rule.THREE_CALLS),
        (faults.a_call_stays_open, Rule.ONE_CALL),
        (faults.one_alone_makes_a_visit, Rule.TWO_STAFF),
        (faults.nothing_is_recalled, Rule.SILENCE),
        (faults.the_last_day_of_a_task_is_forgotten, Rule.NEXT_STEP),
        (faults.what_was_heard_is_forgotten, Rule.ONCE),
    ],
)
@pytest.mark.timeout(1200)
async def test_a_fault_that_is_put_in_is_found(
    temporal: Client, services: SlowServices, fault: Fault, rule: Rule
) -> None:
    with pytest.raises(Broken) as found:
        await play(temporal, services, drawn(always_the_same=True), at_once=4, fault=fault)
    assert found.value.rule is rule
