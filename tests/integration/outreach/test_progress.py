"""Recording transitions: one transaction each, one effect each, in any order."""

import asyncio
from datetime import date
from itertools import permutations
from typing import Any

import asyncpg
import pytest

from contracts import events
from contracts.outreach_activities import Progress, Reached, Watch
from contracts.reasons import EndReason, ReachedBy, Step, WatchReason
from contracts.tasks import CallOutcome, CallResult, HomeVisitOutcome, HomeVisitResult, TaskKind
from tests.integration.outreach.conftest import Record
from tests.integration.outreach.youths import NOON, Youth, cancelled, completed, protected_task

pytestmark = pytest.mark.stack


async def told(pool: asyncpg.Pool) -> list[str]:
    """The short names of the events in the outbox, in order."""
    types = [row["type"] for row in await pool.fetch("select type from outbox order by id")]
    return [type.split(".")[-2] for type in types]


async def states(pool: asyncpg.Pool) -> dict[Any, str]:
    return {row["task_id"]: row["state"] for row in await pool.fetch("select task_id, state from tasks")}


async def test_a_life_is_kept_as_journey_tasks_history_audit_and_events(
    pool: asyncpg.Pool, record: Record
) -> None:
    youth = Youth()
    first, second = youth.spec(), youth.spec(attempt=2)
    reached = Reached(by=ReachedBy.CALL, at=NOON)
    await record(
        youth.progress(Step.AWAITING_START),
        youth.progress(Step.FIRST_CONTACT, started=True, due=NOON),
        youth.opening(first),
        youth.opening(second, closed=(completed(first),)),
        youth.progress(
            Step.WATCH,
            closed=(completed(second, CallOutcome(result=CallResult.DECLINED)),),
            reached=reached,
            watch=Watch(reason=WatchReason.DECLINED, recontact_on=date(2026, 6, 1)),
        ),
        youth.progress(Step.ENDED, ended=EndReason.STARTED_SCHOOL),
    )

    assert await told(pool) == [
        "step-entered",
        "outreach-started", "step-entered",
        "step-entered", "task-opened",
        "task-completed", "task-opened",
        "task-completed", "step-entered", "youth-reached", "watch-started",
        "step-entered", "outreach-ended",
    ]  # fmt: skip
    journey = await pool.fetchrow("select * from journeys")
    assert journey is not None
    assert (journey["step"], journey["end_reason"]) == ("ended", "started_school")
    assert (journey["reached_by"], journey["started_late"], journey["watch_reason"]) == ("call", False, None)
    assert journey["started_at"] is not None
    assert await pool.fetchval("select count(*) from transitions") == 6
    assert [tuple(row) for row in await pool.fetch("select event, actor from task_history order by id")] == [
        ("opened", "workflow"), ("completed", "anna"), ("opened", "workflow"), ("completed", "anna"),
    ]  # fmt: skip
    audited = [row["action"] for row in await pool.fetch("select action from audit order by id")]
    assert audited == [
        "journey.awaiting_start", "journey.first_contact", "journey.calling", "task.complete", "task.complete",
        "journey.ended",
    ]  # fmt: skip
    for row in await pool.fetch("select type, data from outbox"):
        events.EVENT_BY_TYPE[row["type"]].model_validate(row["data"])


async def test_recorded_twice_at_once_it_has_one_effect(pool: asyncpg.Pool, record: Record) -> None:
    youth = Youth()
    transition = youth.opening(youth.spec(), started=True)
    await asyncio.gather(*(record(transition) for _ in range(4)))
    await record(transition)
    assert await told(pool) == ["outreach-started", "step-entered", "task-opened"]
    assert await pool.fetchval("select count(*) from audit") == 1
    assert await pool.fetchval("select count(*) from task_history") == 1


async def test_a_closed_task_stays_as_it_was_closed(pool: asyncpg.Pool, record: Record) -> None:
    youth = Youth()
    call = youth.spec()
    await record(youth.opening(call), youth.progress(closed=(completed(call, by="anna"),)))
    await record(youth.progress(closed=(completed(call, by="bo"), cancelled(call))))
    row = await pool.fetchrow("select state, completed_by, outcome from tasks")
    assert row is not None
    assert tuple(row) == ("completed", "anna", {"kind": "call", "result": "no_answer"})
    assert (await told(pool)).count("task-completed") == 1


async def record_as_temporal_does(record: Record, transitions: tuple[Progress, ...]) -> None:
    """Record in this order; what fails is tried again after the others."""
    queue = list(transitions)
    for _ in range(20):
        if not queue:
            return
        transition = queue.pop(0)
        try:
            await record(transition)
        except asyncpg.UniqueViolationError:
            queue.append(transition)
    raise AssertionError("some transition never went in")


async def test_any_order_of_arrival_ends_alike(pool: asyncpg.Pool, record: Record) -> None:
    """Three calls and the end of the duty: nothing stays open, whichever comes first."""
    for order in permutations(range(4)):
        youth = Youth()
        one, two, three = (youth.spec(attempt=number) for number in (1, 2, 3))
        course = (
            youth.opening(one),
            youth.opening(two, closed=(completed(one),)),
            youth.opening(three, closed=(completed(two),), reached=Reached(by=ReachedBy.CALL, at=NOON)),
            youth.progress(Step.ENDED, closed=(cancelled(three),), ended=EndReason.MOVED_OUT),
        )
        await record_as_temporal_does(record, tuple(course[index] for index in order))
        journey = await pool.fetchrow("select * from journeys where youth_id = $1", youth.youth_id)
        assert journey is not None
        assert (journey["step"], journey["end_reason"], journey["reached_by"]) == ("ended", "moved_out", "call")
        still_open = await pool.fetchval(
            "select count(*) from tasks where youth_id = $1 and state in ('open', 'claimed')", youth.youth_id
        )
        assert still_open == 0, order


async def test_a_task_that_was_closed_before_it_came_is_closed_when_it_comes(
    pool: asyncpg.Pool, record: Record
) -> None:
    youth = Youth()
    call = youth.spec()
    opening, closing = youth.opening(call), youth.progress(Step.WATCH, closed=(completed(call),))
    await record(closing, opening)
    assert await states(pool) == {call.task_id: "completed"}
    assert (await told(pool))[-2:] == ["task-opened", "task-completed"]
    assert await pool.fetchval("select step from journeys") == "watch"
    assert await pool.fetchval("select count(*) from early_closures") == 0


async def test_two_open_call_tasks_of_one_youth_cannot_be(pool: asyncpg.Pool, record: Record) -> None:
    youth = Youth()
    await record(youth.opening(youth.spec()))
    with pytest.raises(asyncpg.UniqueViolationError):
        await record(youth.opening(youth.spec(attempt=2)))
    assert len(await states(pool)) == 1


async def test_a_home_visit_by_one_cannot_be(pool: asyncpg.Pool, record: Record) -> None:
    youth = Youth()
    for staff in ((), ("anna",), ("anna", "anna")):
        with pytest.raises(asyncpg.CheckViolationError):
            await record(youth.opening(youth.spec(TaskKind.HOME_VISIT, staff=staff), step=Step.DOOR_CARD))
    visit = youth.spec(TaskKind.HOME_VISIT)
    await record(
        youth.opening(visit, step=Step.DOOR_CARD),
        youth.progress(closed=(completed(visit, HomeVisitOutcome(result=HomeVisitResult.NOBODY_HOME)),)),
    )
    assert await states(pool) == {visit.task_id: "completed"}


async def test_one_youths_transition_cannot_close_anothers_task(pool: asyncpg.Pool, record: Record) -> None:
    youth, other = Youth(), Youth()
    call = youth.spec()
    await record(youth.opening(call), other.progress(closed=(cancelled(call),)))
    assert await states(pool) == {call.task_id: "open"}


async def test_the_special_handlers_task_has_no_district(pool: asyncpg.Pool, record: Record) -> None:
    youth = Youth(district="farsta")
    await record(youth.opening(protected_task(youth), step=Step.MANUAL))
    row = await pool.fetchrow("select district, restricted from tasks")
    assert row is not None
    assert tuple(row) == (None, True)


async def test_what_is_recorded_late_of_an_ended_journey_opens_nothing(pool: asyncpg.Pool, record: Record) -> None:
    youth = Youth()
    late = youth.opening(youth.spec())
    await record(youth.progress(Step.ENDED, ended=EndReason.DEAD), late)
    assert await states(pool) == {}
    assert "task-opened" not in await told(pool)
