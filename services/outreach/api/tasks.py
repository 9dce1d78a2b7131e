"""Tasks: lists, one with its history, claim, release and complete."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Body, Depends, Query

from chassis.access import allow
from chassis.auth import Principal
from chassis.paging import Cursor, Limit, bad_cursor, decode_cursor, encode_cursor
from chassis.problems import not_found, responses
from contracts.actions import Action
from contracts.outreach_workflow import Decided
from contracts.tasks import (
    ConcernOutcome,
    HandoverOutcome,
    Outcome,
    PreventionOutcome,
    TaskGroup,
    TaskKind,
    TaskState,
    VisitAlarmOutcome,
)
from services.outreach.api.models import Receiver, Task, Tasks, TaskWithHistory
from services.outreach.api.parts import NO_NUL, District, Key, TheParts
from services.outreach.api.read_log import note_reads
from services.outreach.api.work import reader_of
from services.outreach.db import lists, tasks
from services.outreach.db.lists import WorkList
from services.outreach.domain.access import scope_of
from services.outreach.domain.lease import as_read
from services.outreach.handing_over import HandingOver

router = APIRouter(prefix="/tasks", tags=["tasks"], responses=responses(401, 403, 422))
Reader = Annotated[Principal, Depends(allow(Action.TASKS_READ))]
Claimer = Annotated[Principal, Depends(allow(Action.TASKS_CLAIM))]
Giver = Annotated[Principal, Depends(allow(Action.TASKS_ASSIGN))]
Completer = Annotated[Principal, Depends(allow(Action.TASKS_COMPLETE))]


@router.get("", responses=responses(400))
async def list_tasks(
    principal: Reader,
    parts: TheParts,
    work_list: Annotated[
        WorkList | None,
        Query(alias="list", description="One of your work lists: open tasks only", examples=["mine"]),
    ] = None,
    state: Annotated[list[TaskState] | None, Query(description="Any of these; default: all")] = None,
    kind: Annotated[list[TaskKind] | None, Query(description="Any of these")] = None,
    district: District = None,
    group: TaskGroup | None = None,
    claimed_by: Annotated[
        str | None, Query(max_length=100, pattern=NO_NUL, description="A staff id, or `me`")
    ] = None,
    assigned_to: Annotated[
        str | None, Query(max_length=100, pattern=NO_NUL, description="A staff id, or `me`")
    ] = None,
    due_before: Annotated[date | None, Query(description="Due earlier than this day")] = None,
    youth_id: UUID | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Tasks:
    """The tasks that you may see, the earliest due first."""
    where = tasks.Where()
    tasks.add_visibility(where, scope_of(principal))
    now = parts.clock.now()
    if work_list is not None:
        lists.add_list(where, work_list, await reader_of(parts, principal, now))
    tasks.add_states(where, state or (), now)
    if kind:
        where.add("kind = any(?)", list(kind))
    if district is not None:
        where.add("district = ?", district)
    if group is not None:
        where.add("task_group = ?", group)
    if claimed_by is not None:
        holder = principal.subject if claimed_by == "me" else claimed_by
        where.add("claimed_by = ? and (state <> 'claimed' or claimed_until > ?)", holder, now)
    if assigned_to is not None:
        where.add("assigned_to = ?", principal.subject if assigned_to == "me" else assigned_to)
    if due_before is not None:
        where.add("due_on < ?", due_before)
    if youth_id is not None:
        where.add("youth_id = ?", youth_id)
    if cursor is not None:
        where.add("(due_on, task_id) > (?, ?)", *_position(cursor))
    rows = await parts.pool.fetch(tasks.page(where, limit + 1), *where.arguments)
    shown = rows[:limit]
    await note_reads(parts, principal, "task.read", _protected(shown))
    more = encode_cursor(shown[-1]["due_on"], shown[-1]["task_id"]) if len(rows) > limit else None
    return Tasks(items=[Task.model_validate(as_read(dict(row), now)) for row in shown], next=more)


@router.get("/{task_id}", responses=responses(404))
async def read_task(task_id: UUID, principal: Reader, parts: TheParts) -> TaskWithHistory:
    """One task, with who did what to it and when."""
    row = await parts.pool.fetchrow(tasks.ONE, task_id)
    if row is None or not scope_of(principal).sees(protected=row["restricted"], district=row["district"]):
        raise not_found("task")
    history = await parts.pool.fetch(tasks.HISTORY, task_id)
    await note_reads(parts, principal, "task.read", _protected([row]))
    task = as_read(dict(row), parts.clock.now())
    return TaskWithHistory.model_validate({**task, "history": [dict(entry) for entry in history]})


@router.post("/{task_id}/claim", responses=responses(404, 409))
async def claim_task(task_id: UUID, principal: Claimer, parts: TheParts) -> Task:
    """Take the task, so that nobody else does it meanwhile.

    A claim is a lease (`claimed_until`): again renews it, and so does a try to complete the task. When it is
    over, the task is free again by itself.
    """
    return Task.model_validate(dict(await parts.claims.claim(principal, task_id)))


@router.post("/{task_id}/release", responses=responses(404, 409))
async def release_task(task_id: UUID, principal: Claimer, parts: TheParts) -> Task:
    """Give the task back: your own, or as coordinator of the city anybody's. Again is harmless."""
    return Task.model_validate(dict(await parts.claims.release(principal, task_id)))


@router.post("/{task_id}/assign", responses=responses(404, 409))
async def assign_task(task_id: UUID, principal: Giver, receiver: Receiver, parts: TheParts) -> Task:
    """Give the task to one of the staff of its district, yourself too. Again is harmless.

    It is theirs until it is done, whatever their load; whoever has claimed it finishes it.
    """
    row = await HandingOver(parts.pool, parts.clock).give(principal, task_id, receiver.to)
    return Task.model_validate(as_read(dict(row), parts.clock.now()))


@router.post("/{task_id}/complete", responses=responses(400, 404, 409, 503))
async def complete_task(
    task_id: UUID, principal: Completer, key: Key, outcome: Annotated[Outcome, Body()], parts: TheParts
) -> Decided:
    """Complete the task with its outcome; the answer says where the youth stands and what comes next.

    A task that nobody has is claimed by completing it. 409 says why the decision was refused. Safe to
    repeat with the same Idempotency-Key: the answer is the same.
    """
    if isinstance(outcome, ConcernOutcome | HandoverOutcome | PreventionOutcome | VisitAlarmOutcome):
        return await parts.concerns.complete(principal, task_id, outcome, key)
    return await parts.decisions.complete(principal, task_id, outcome, key)


def _position(cursor: str) -> tuple[date, UUID]:
    due_on, task_id = decode_cursor(cursor, 2)
    try:
        return date.fromisoformat(due_on), UUID(task_id)
    except ValueError:
        raise bad_cursor() from None


def _protected(rows: Sequence[asyncpg.Record]) -> list[tuple[UUID, UUID]]:
    return [(row["youth_id"], row["task_id"]) for row in rows if row["restricted"]]
