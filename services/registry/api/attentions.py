"""What a person must look at: sources, for the superuser, and gallring that waits for its second person.

And the release of a source that has shrunk rightly.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from chassis import audit
from chassis.access import allow
from chassis.auth import Principal
from chassis.clock import STOCKHOLM
from chassis.paging import Cursor, Limit, bad_cursor, cursor_instant, decode_cursor, encode_cursor
from chassis.postgres import transaction
from chassis.problems import Problem, not_found, responses
from contracts.access import scopes_of
from contracts.actions import Action
from contracts.registry_activities import Source
from services.registry.api.models import SyncStarted
from services.registry.api.parts import TheParts
from services.registry.db import attentions as db
from services.registry.domain.attention import AttentionReason

router = APIRouter(prefix="/attentions", tags=["sources"], responses=responses(401, 403, 422))
Watcher = Annotated[Principal, Depends(allow(Action.ATTENTIONS_READ))]
Releaser = Annotated[Principal, Depends(allow(Action.ATTENTIONS_RELEASE))]
GALLRING = "gallring"


class AttentionView(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "attention_id": "1a5e0c7c-0f7b-4b5e-9a57-3a8c2f2f8a11",
                    "source": "population",
                    "reason": "shrunk",
                    "detail": "The file has lost 20 % of its rows: 40, 50 in the last good run.",
                    "open": True,
                    "opened_at": "2026-10-02T04:00:12+02:00",
                    "seen_at": "2026-10-05T04:00:10+02:00",
                    "closed_at": None,
                    "released_at": None,
                    "released_run": None,
                }
            ]
        }
    )

    attention_id: UUID
    source: str = Field(
        description="`ss12000:<server>` is a school's data API; `gallring` is no source, but waits for people"
    )
    reason: AttentionReason
    detail: str
    open: bool
    opened_at: datetime
    seen_at: datetime = Field(description="By the last run that found it")
    closed_at: datetime | None = Field(description="A run found the source good")
    released_at: datetime | None
    released_run: UUID | None = Field(description="The run that accepts the loss")


class Attentions(BaseModel):
    items: list[AttentionView]
    next: str | None = None


@router.get("", responses=responses(400))
async def list_attentions(
    who: Watcher,
    parts: TheParts,
    is_open: Annotated[bool | None, Query(alias="open")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Attentions:
    """What must be looked at, the latest first: sources, and gallring that waits for people. Tells of nobody.

    Source `gallring`: `attention_id` is the run's (`/gallring/{id}`), and it is here for as long as it waits.
    """
    opened_at, after = _after(cursor)
    # Whoever has nothing to do with sources, as the jurist, sees what waits for people alone.
    only = None if scopes_of(who, Action.SOURCES_READ) else GALLRING
    rows = await parts.pool.fetch(db.PAGE, opened_at, after, limit + 1, is_open, only)
    shown = rows[:limit]
    more = encode_cursor(shown[-1]["opened_at"].isoformat(), shown[-1]["id"]) if len(rows) > limit else None
    return Attentions(items=[_view(row) for row in shown], next=more)


@router.post("/{attention_id}/release", status_code=202, responses=responses(404, 409, 503))
async def release(who: Releaser, parts: TheParts, attention_id: UUID) -> SyncStarted:
    """Say that a source's loss of rows is right, or that a server is no source any more: starts a run that
    accepts it.

    Repeated, it answers with that run, unless it was abandoned. What is missing, damaged or stale cannot be
    accepted: it is put right where it comes from, and the next run finds it good.
    """
    row = await parts.pool.fetchrow(db.GET, attention_id)
    if row is None:
        raise not_found("attention")
    if row["released_run"] is not None and row["release_state"] != "abandoned":
        return SyncStarted(run_id=row["released_run"])
    if row["closed_at"] is not None:
        raise Problem(409, "attention-closed", "A later run has found the source good")
    if row["reason"] not in (AttentionReason.SHRUNK, AttentionReason.REMOVED):
        raise Problem(
            409,
            "nothing-to-accept",
            "Only a loss of rows, or of a server, can be accepted",
            "Put the source right; the next run finds it good.",
        )
    shrunk = () if row["reason"] == AttentionReason.REMOVED else (_shrunk(row["source"]),)
    run_id = await parts.sync_start.start(None, shrunk, by=who.subject, role=who.role)
    now = parts.clock.now()
    async with transaction(parts.pool) as conn:
        await conn.execute(db.RELEASE, attention_id, now, who.subject, run_id)
        await audit.record(
            conn, actor=who.subject, role=who.role, action="attention.release", at=now,
            subject=str(attention_id), why=str(run_id),
        )  # fmt: skip
    return SyncStarted(run_id=run_id)


def _shrunk(source: str) -> Source:
    """What a run is told to accept: servers are read with the schools' file."""
    return Source.SCHOOLS if source.startswith("ss12000:") else Source(source)


def _view(row: asyncpg.Record) -> AttentionView:
    return AttentionView(
        attention_id=row["id"],
        source=row["source"],
        reason=row["reason"],
        detail=row["detail"],
        open=row["closed_at"] is None,
        opened_at=row["opened_at"].astimezone(STOCKHOLM),
        seen_at=row["seen_at"].astimezone(STOCKHOLM),
        closed_at=_civil(row["closed_at"]),
        released_at=_civil(row["released_at"]),
        released_run=row["released_run"],
    )


def _civil(at: datetime | None) -> datetime | None:
    return None if at is None else at.astimezone(STOCKHOLM)


def _after(cursor: str | None) -> tuple[datetime | None, UUID | None]:
    if cursor is None:
        return None, None
    opened_at, attention_id = decode_cursor(cursor, 2)
    try:
        return cursor_instant(opened_at), UUID(attention_id)
    except ValueError:
        raise bad_cursor() from None
