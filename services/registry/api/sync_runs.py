"""Sync runs: start one, see what each source gave and which rows were rejected."""

from collections import defaultdict
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Depends

from chassis.access import allow
from chassis.auth import Principal
from chassis.paging import Cursor, Limit, bad_cursor, cursor_instant, cursor_number, decode_cursor, encode_cursor
from chassis.problems import not_found, responses
from contracts.actions import Action
from contracts.registry_activities import Source
from services.registry.api.models import (
    Rejects,
    RejectView,
    SourceView,
    SyncAsked,
    SyncRuns,
    SyncRunView,
    SyncStarted,
)
from services.registry.api.parts import TheParts
from services.registry.db import runs

router = APIRouter(prefix="/sync-runs", tags=["sync runs"], responses=responses(401, 403, 422))
Starter = Annotated[Principal, Depends(allow(Action.SYNC_START))]
Watcher = Annotated[Principal, Depends(allow(Action.SYNC_READ))]
COUNTS = ("registered", "changed", "ended", "covered", "ends_held", "registrations_held", "conflicts")


@router.post("", status_code=202, responses=responses(409, 503))
async def start_sync(starter: Starter, parts: TheParts, asked: SyncAsked) -> SyncStarted:
    """Start the register sync. One at a time: another answers 409."""
    run_id = await parts.sync_start.start(asked.as_of, asked.accept_shrunk, by=starter.subject, role=starter.role)
    return SyncStarted(run_id=run_id)


@router.get("", responses=responses(400))
async def list_runs(_: Watcher, parts: TheParts, cursor: Cursor = None, limit: Limit = 50) -> SyncRuns:
    """Runs, the latest first."""
    started_at, run_id = _run_key(cursor)
    rows = await parts.pool.fetch(runs.LIST, started_at, run_id, limit + 1)
    shown = rows[:limit]
    more = encode_cursor(shown[-1]["started_at"].isoformat(), shown[-1]["run_id"]) if len(rows) > limit else None
    return SyncRuns(items=await _views(parts.pool, shown), next=more)


@router.get("/{run_id}", responses=responses(404))
async def get_run(_: Watcher, parts: TheParts, run_id: UUID) -> SyncRunView:
    """One run, with what each source gave."""
    row = await parts.pool.fetchrow(runs.GET, run_id)
    if row is None:
        raise not_found("sync run")
    return (await _views(parts.pool, [row]))[0]


@router.get("/{run_id}/rejects", responses=responses(400, 404))
async def list_rejects(
    _: Watcher,
    parts: TheParts,
    run_id: UUID,
    source: Source | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Rejects:
    """Rows that did not go on, and values that were left out: row number, field and reason."""
    if await parts.pool.fetchrow(runs.GET, run_id) is None:
        raise not_found("sync run")
    after = _reject_key(cursor)
    rows = await parts.pool.fetch(runs.REJECTS, run_id, after, source, limit + 1)
    shown = rows[:limit]
    more = encode_cursor(shown[-1]["id"]) if len(rows) > limit else None
    return Rejects(items=[RejectView.model_validate(dict(row)) for row in shown], next=more)


def _run_key(cursor: str | None) -> tuple[datetime | None, UUID | None]:
    if cursor is None:
        return None, None
    started_at, run_id = decode_cursor(cursor, 2)
    try:
        return cursor_instant(started_at), UUID(run_id)
    except ValueError:
        raise bad_cursor() from None


def _reject_key(cursor: str | None) -> int:
    if cursor is None:
        return 0
    return cursor_number(decode_cursor(cursor, 1)[0])


async def _views(pool: asyncpg.Pool, rows: list[Any]) -> list[SyncRunView]:
    loads: defaultdict[UUID, list[SourceView]] = defaultdict(list)
    order = list(Source)
    for load in await pool.fetch(runs.LOADS, [row["run_id"] for row in rows]):
        loads[load["run_id"]].append(
            SourceView.model_validate({key: load[key] for key in SourceView.model_fields})
        )
    return [
        SyncRunView(
            **{key: row[key] for key in ("run_id", "as_of", "state", "requested_by", "started_at", "finished_at")},
            **{key: (row["report"] or {}).get(key, 0) for key in COUNTS},
            sources=sorted(loads[row["run_id"]], key=lambda one: order.index(one.source)),
        )
        for row in rows
    ]
