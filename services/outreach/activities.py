"""What the outreach service offers to workflows: recording one transition, in one transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from temporalio import activity

from chassis import audit, outbox
from chassis.postgres import Connection, transaction
from contracts.outreach_activities import RECORD_PROGRESS, Progress
from contracts.outreach_workflow import Decided
from contracts.tasks import TaskGroup, TaskKind, TaskState
from services.outreach import booking
from services.outreach.assigning import owners
from services.outreach.breaches import note_late_start
from services.outreach.db import decisions, journeys, progress
from services.outreach.domain.events import Moved, TaskRow, events_of

WORKFLOW = "workflow"
ACTION = {"complete_task": "task.complete", "record_contact": "contact.record"}


class OutreachActivities:
    """The activities, with what they work on."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    @activity.defn(name=RECORD_PROGRESS)
    async def record_progress(self, transition: Progress) -> None:
        """Record a transition: journey, tasks, history, decision, audit and events.

        Recorded twice it has one effect. Transitions of a youth that come out of order leave the
        journey where the newest one put it, and no task open that a newer one closed. Raises
        asyncpg's errors (tried again by Temporal); a second open call task of a youth is one of
        them, and passes when the transition that closes the first one has come.
        """
        async with transaction(self._pool) as conn:
            await record(conn, transition)


async def record(conn: Connection, transition: Progress) -> bool:
    """Record a transition in the caller's transaction; False when it was recorded before."""
    if not await _remember(conn, transition):
        return False
    moved, protected = await _move(conn, transition)  # locks the journey: one transition of a youth at a time
    if transition.policy_version is not None:
        key = (transition.youth_id, transition.episode_id)
        await conn.execute(journeys.TAKE_POLICY, *key, transition.policy_version)
    closed = await _close(conn, transition)
    # Nothing is to be done for a youth whose duty has ended, whatever was still on its way.
    if transition.start_late:
        await note_late_start(conn, transition)
    opened = [] if moved.ended else await _open(conn, transition, moved.district, protected)
    await booking.follow(conn, transition, closed, opened)
    actor, role, action, subject = await _answer_decision(conn, transition)
    await _write_history(conn, transition, closed, opened, actor)
    await audit.record(
        conn,
        actor=actor,
        role=role,
        action=action,
        at=transition.at,
        youth_id=transition.youth_id,
        subject=subject,
    )
    await outbox.put_many(conn, events_of(transition, moved, closed, opened))
    return True


async def _remember(conn: Connection, transition: Progress) -> bool:
    inserted = await conn.fetchval(
        progress.REMEMBER,
        transition.progress_id,
        transition.youth_id,
        transition.episode_id,
        transition.step,
        transition.at,
        transition.due,
        transition.reached.by if transition.reached else None,
        transition.watch.reason if transition.watch else None,
        transition.ended,
    )
    return bool(inserted)


async def _move(conn: Connection, transition: Progress) -> tuple[Moved, bool]:
    reached, watch = transition.reached, transition.watch
    started_at = transition.at if transition.started else None
    late_start = transition.started and transition.start_late
    row = await conn.fetchrow(
        progress.MOVE,
        transition.youth_id,
        transition.episode_id,
        transition.district,
        transition.step,
        transition.at,
        transition.due,
        started_at,
        late_start,
        reached.at if reached else None,
        reached.by if reached else None,
        watch.reason if watch else None,
        watch.recontact_on if watch else None,
        transition.at if transition.ended else None,
        transition.ended,
    )
    if row is None:
        row = await conn.fetchrow(
            progress.MOVE_LATE,
            transition.youth_id,
            transition.episode_id,
            started_at,
            late_start,
            reached.at if reached else None,
            reached.by if reached else None,
        )
    assert row is not None  # inserted, moved, or there already
    moved = Moved(row["district"], row["registered_on"], entered=row["entered"], ended=row["ended"])
    return moved, row["protected"]


async def _close(conn: Connection, transition: Progress) -> list[TaskRow]:
    if not transition.closed:
        return []
    closures = [closure.model_dump(mode="json", exclude_none=True) for closure in transition.closed]
    rows = await conn.fetch(progress.CLOSE, transition.youth_id, closures)
    if len(rows) < len(closures):
        await conn.execute(progress.CLOSE_EARLY, closures)
    return _tasks(rows, [closure.task_id for closure in transition.closed])


async def _open(conn: Connection, transition: Progress, district: str | None, protected: bool) -> list[TaskRow]:
    if not transition.opened:
        return []
    whose = await owners(conn, transition, district, protected=protected)
    rows = await conn.fetch(
        progress.OPEN,
        [
            spec.model_dump(mode="json") | {"assigned_to": owner}
            for spec, owner in zip(transition.opened, whose, strict=True)
        ],
        transition.youth_id,
        transition.episode_id,
        None if protected else district,
        protected,
        transition.at,
    )
    return _tasks(rows, [spec.task_id for spec in transition.opened])


async def _answer_decision(conn: Connection, transition: Progress) -> tuple[str, str, str, str | None]:
    """Keep the answer to the decision behind the transition; return actor, role, action, subject of the audit."""
    if transition.decision_key is not None:
        row = await conn.fetchrow(
            decisions.ANSWER_WITH_TRANSITION,
            transition.youth_id,
            transition.decision_key,
            Decided.after(transition).model_dump(mode="json"),
        )
        if row is not None:
            request: dict[str, Any] = row["request"]
            return row["actor"], row["role"], ACTION[request["decision"]], request.get("task_id")
    for closure in transition.closed:
        if closure.state is TaskState.COMPLETED and closure.by is not None:
            # Decided otherwise than through our API: the role is not known here.
            return closure.by, "unknown", ACTION["complete_task"], str(closure.task_id)
    return WORKFLOW, "service", f"journey.{transition.step}", None


async def _write_history(
    conn: Connection, transition: Progress, closed: Sequence[TaskRow], opened: Sequence[TaskRow], actor: str
) -> None:
    by = {closure.task_id: closure.by or WORKFLOW for closure in transition.closed}
    entries: list[tuple[UUID, datetime, str, str, str | None]] = [
        (task.task_id, task.closed_at or transition.at, task.state, by.get(task.task_id, actor), None)
        for task in closed
    ]
    for task in opened:
        entries.append((task.task_id, transition.at, "opened", WORKFLOW, None))
        if task.assigned_to is not None:
            entries.append((task.task_id, transition.at, "assigned", WORKFLOW, task.assigned_to))
        if task.closed_at is not None:
            entries.append((task.task_id, task.closed_at, task.state, WORKFLOW, None))
    if entries:
        await conn.execute(progress.HISTORY, *([*column] for column in zip(*entries, strict=True)))


def _tasks(rows: Sequence[asyncpg.Record], order: Sequence[UUID]) -> list[TaskRow]:
    """Return stored tasks in the order of the transition: PostgreSQL returns them in any."""
    tasks = [
        TaskRow(
            task_id=row["task_id"],
            kind=TaskKind(row["kind"]),
            group=TaskGroup(row["task_group"]),
            district=row["district"],
            attempt=row["attempt"],
            due_on=row["due_on"],
            state=TaskState(row["state"]),
            result=(row["outcome"] or {}).get("result"),
            closed_at=row["closed_at"],
            assigned_to=row["assigned_to"],
        )
        for row in rows
    ]
    return sorted(tasks, key=lambda task: order.index(task.task_id))
