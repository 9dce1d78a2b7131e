"""Everything that happened in the registry about one youth, the newest first."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from chassis.paging import Cursor, Limit, cursor_instant, decode_cursor, encode_cursor
from chassis.problems import responses
from contracts.actions import Action
from services.registry.api.keeping import opened
from services.registry.api.parts import Reader, TheParts, reader_for
from services.registry.db import timeline

router = APIRouter(tags=["youths"], responses=responses(400, 401, 403, 404, 422))
Reading = Annotated[Reader, Depends(reader_for(Action.TIMELINE_READ))]


class TimelineEntry(BaseModel):
    """Codes, dates and opaque ids; what a row says is read where it is kept."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "at": "2026-09-21T10:20:00+02:00",
                    "kind": "occupation_recorded",
                    "id": "0b0f5ee4-6a52-4ab4-a0a2-2d3c3f0d3a55",
                    "held_on": "2026-09-21",
                    "actor": "anna",
                    "details": {"code": "work", "knowledge_source": "youth"},
                }
            ]
        }
    )

    at: datetime = Field(description="When it happened to us; the order of the list")
    kind: str = Field(description="E.g. registered, duty_ended, contact_point_answered, occupation_recorded")
    id: str = Field(description="Of the row that it is about, opaque")
    held_on: date | None = Field(description="The day that it speaks of, when that is another thing than `at`")
    actor: str | None = Field(description="Staff id; null: the nightly run, or not known")
    details: dict[str, Any] = Field(description="Codes and dates")


class Timeline(BaseModel):
    items: list[TimelineEntry]
    next: str | None = None


@router.get("/youths/{youth_id}/timeline")
async def get_timeline(
    reader: Reading, parts: TheParts, youth_id: UUID, cursor: Cursor = None, limit: Limit = 50
) -> Timeline:
    """What happened in the registry about a youth. What outreach did is in outreach: GET /youths/{id} there."""
    at, kind, row_id = _key(cursor)
    async with opened(parts, reader, youth_id) as youth:
        rows = await youth.conn.fetch(timeline.PAGE, youth_id, youth.minor, at, kind, row_id, limit + 1)
        await youth.record("youth.read_timeline")
    shown = rows[:limit]
    more = encode_cursor(*(shown[-1][part] for part in ("at", "kind", "id"))) if len(rows) > limit else None
    return Timeline(items=[TimelineEntry.model_validate(dict(row)) for row in shown], next=more)


def _key(cursor: str | None) -> tuple[datetime | None, str | None, str | None]:
    if cursor is None:
        return None, None, None
    at, kind, row_id = decode_cursor(cursor, 3)
    return cursor_instant(at), kind, row_id
