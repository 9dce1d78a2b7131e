"""The same events in any order that keeps each topic's, and any of them twice, give the same funnel."""

from collections import defaultdict, deque
from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.incoming import Incoming
from contracts.messages import AnswerChannel, MessageKind, SkipReason
from contracts.reasons import EndReason, ReachedBy, Step, WatchReason
from contracts.tasks import CallResult, HomeVisitResult, TaskKind
from services.reporting.domain.period import Period
from tests.integration.reporting.conftest import FunnelOf
from tests.integration.reporting.lives import Life

pytestmark = pytest.mark.stack

START = date(2025, 8, 1)
DISTRICTS = st.sampled_from([None, "farsta", "bromma", "rinkeby-kista"])


@st.composite
def lives(draw: st.DrawFn, number: int) -> list[Incoming]:
    """One youth's events, perhaps over two periods of duty, in the order in which things happened."""
    life, day = Life(UUID(int=number)), START + timedelta(days=draw(st.integers(0, 60)))
    for period in range(draw(st.integers(1, 2))):
        if period:
            life.again()
        life.registered(day, draw(DISTRICTS))
        for _ in range(draw(st.integers(0, 6))):
            day += timedelta(days=draw(st.integers(0, 20)))
            happening = draw(st.integers(0, 8))
            if happening == 0:
                life.changed(day, draw(DISTRICTS), protected=draw(st.booleans()))
            elif happening == 1:
                life.search_started(day)
            elif happening in (2, 3):
                life.message(
                    day,
                    draw(st.sampled_from(MessageKind)),
                    failed=draw(st.sampled_from([None, "undelivered"])),
                    skipped=draw(st.sampled_from([None, None, SkipReason.NO_PHONE])),
                    answered=draw(st.sampled_from([None, *AnswerChannel])),
                    answer_names_it=draw(st.booleans()),
                )
            elif happening == 4:
                life.task(day, TaskKind.CALL, draw(st.sampled_from(CallResult)))
            elif happening == 5:
                life.task(day, TaskKind.HOME_VISIT, draw(st.sampled_from(HomeVisitResult)))
            elif happening == 6:
                life.reached(day, draw(st.sampled_from(ReachedBy)))
            elif happening == 7:
                life.watch(day, draw(st.sampled_from(WatchReason)))
            else:
                life.step(day, draw(st.sampled_from(Step)))
        if draw(st.booleans()):
            life.coverage_ended(day, draw(st.sampled_from(EndReason)))
        if draw(st.booleans()):
            life.outreach_ended(day, draw(st.sampled_from(EndReason)))
    return life.happened


@st.composite
def shuffled(draw: st.DrawFn) -> tuple[list[Incoming], list[Incoming]]:
    """Events as they happened, and as a consumer may get them."""
    happened = [event for number in range(draw(st.integers(1, 3))) for event in draw(lives(number))]
    queues: dict[tuple[str, object], deque[Incoming]] = defaultdict(deque)
    for event in happened:  # Kafka keeps the order per topic and key
        queues[event.topic, event.key].append(event)
    came: list[Incoming] = []
    chooser = draw(st.randoms(use_true_random=False))
    while queues:
        chosen = chooser.choice(sorted(queues, key=str))
        came.append(queues[chosen].popleft())
        if not queues[chosen]:
            del queues[chosen]
        if chooser.random() < 0.2:  # delivered again, any time after the first
            came.append(chooser.choice(came))
    return happened, came


PERIODS = st.tuples(st.integers(0, 100), st.integers(0, 100)).map(
    lambda days: Period(START + timedelta(days=days[0]), START + timedelta(days=sum(days)))
)


@given(events=shuffled(), period=PERIODS)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
async def test_order_and_repetition_do_not_matter(
    funnel_of: FunnelOf, events: tuple[Sequence[Incoming], Sequence[Incoming]], period: Period
) -> None:
    happened, came = events
    funnel = await funnel_of(happened, period)
    assert await funnel_of(came, period) == funnel
    total = funnel.total
    assert max(total.sought, total.reached, total.in_support, total.under_watch, total.ended) <= total.covered
    assert all(effort.answered <= effort.made >= effort.youths for effort in total.efforts.values())
