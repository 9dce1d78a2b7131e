"""Where sources contradict one another: the superuser's list, and what a person has looked at and let be."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from chassis import audit
from chassis.clock import STOCKHOLM
from chassis.paging import Cursor, Limit, bad_cursor, cursor_instant, decode_cursor, encode_cursor
from chassis.postgres import transaction
from chassis.problems import Problem, not_found, responses
from contracts.actions import Action
from contracts.districts import district_on
from services.registry.api.parts import Reader, TheParts, reader_for
from services.registry.db import conflicts as db
from services.registry.domain.conflicts import ConflictKind, Precedence, SettleReason
from services.registry.domain.visibility import Sight, sight

router = APIRouter(prefix="/conflicts", tags=["conflicts"], responses=responses(401, 403, 422))
Reading = Annotated[Reader, Depends(reader_for(Action.CONFLICTS_READ))]
Writing = Annotated[Reader, Depends(reader_for(Action.CONFLICTS_SETTLE))]


class Said(BaseModel):
    """What a source tells, or what it tells about: codes and days."""

    about: str
    value: str


class ConflictView(BaseModel):
    """Of a protected identity: that there is one, and nothing that tells of the person."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "conflict_id": "7c1d5a0e-3f52-4f0e-8a43-0c8f2f2f8a11",
                    "youth_id": "0d7c3c52-7e0a-4f6d-8a53-6a1b0c9d2e33",
                    "protected": False,
                    "open": True,
                    "kind": "left_but_enrolled",
                    "sources": ["reports", "placements"],
                    "said": [
                        {"about": "school_unit", "value": "12345678"},
                        {"about": "kind", "value": "national"},
                        {"about": "reports", "value": "2026-09-30"},
                        {"about": "placements", "value": "goes_on"},
                    ],
                    "rule": "school_report_counts",
                    "known_from": "2026-10-02T09:12:00+02:00",
                    "opened_at": "2026-10-17T04:00:12+02:00",
                    "closed_at": None,
                    "settled_at": None,
                    "settled_reason": None,
                }
            ]
        }
    )

    conflict_id: UUID
    youth_id: UUID
    protected: bool
    open: bool
    kind: ConflictKind | None = None
    sources: list[str] = Field(default=[], description="`ss12000:<server>` is a school's data API")
    said: list[Said] = []
    rule: Precedence | None = Field(
        default=None, description="By which the register decided all the same: docs/sources/precedence.md"
    )
    known_from: datetime | None = Field(default=None, description="Since when all of it is known")
    opened_at: datetime
    closed_at: datetime | None = Field(description="When a run found that it is no more, or another")
    settled_at: datetime | None
    settled_reason: SettleReason | None = None


class Conflicts(BaseModel):
    items: list[ConflictView]
    next: str | None = None


class Settling(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason_code": "rule_is_right"}]})

    reason_code: SettleReason


@router.get("", responses=responses(400))
async def list_conflicts(
    who: Reading,
    parts: TheParts,
    kind: ConflictKind | None = None,
    is_open: Annotated[
        bool | None, Query(alias="open", description="false: closed by a run, or settled by a person")
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Conflicts:
    """Conflicts, the latest first. A filter by kind leaves protected identities out. Recorded for each youth."""
    now = parts.clock.now()
    opened_at, after = _after(cursor)
    async with transaction(parts.pool) as conn:
        rows = await conn.fetch(db.PAGE, opened_at, after, limit + 1, kind, is_open, who.viewer.opens_protected)
        shown = rows[:limit]
        about: list[tuple[UUID | None, str | None]] = [(row["person_id"], str(row["id"])) for row in shown]
        await audit.record_each(
            conn, actor=who.subject, role=who.role, action="conflict.list", at=now,
            about=about or [(None, None)], why=who.viewer.reason,
        )  # fmt: skip
    more = encode_cursor(shown[-1]["opened_at"].isoformat(), shown[-1]["id"]) if len(rows) > limit else None
    return Conflicts(items=[_view(row, who, now.date()) for row in shown], next=more)


@router.post("/{conflict_id}/settle", responses=responses(404, 409))
async def settle(who: Writing, parts: TheParts, conflict_id: UUID, settling: Settling) -> ConflictView:
    """Let a conflict be: it does not come back until the facts change. Nothing else changes by it."""
    now = parts.clock.now()
    async with transaction(parts.pool) as conn:
        row = await conn.fetchrow(db.GET, conflict_id)
        if row is None:
            raise not_found("conflict")
        if _sight(row, who, now.date()) is not Sight.FULL:
            raise Problem(
                403,
                "protected-identity",
                "The identity is protected",
                "Only a superuser who is a special handler too may, and says why (?reason=).",
            )
        if row["settled_why"] == settling.reason_code:
            return _view(row, who, now.date())
        if row["closed_at"] is not None or row["settled_at"] is not None:
            raise Problem(409, "conflict-not-open", "The conflict is not open any more")
        await conn.execute(db.SETTLE, conflict_id, now, who.subject, settling.reason_code)
        await audit.record(
            conn, actor=who.subject, role=who.role, action="conflict.settle", at=now, youth_id=row["person_id"],
            subject=str(conflict_id), why=settling.reason_code,
        )  # fmt: skip
        settled = await conn.fetchrow(db.GET, conflict_id)
    assert settled is not None
    return _view(settled, who, now.date())


def _sight(row: asyncpg.Record, who: Reader, today: date) -> Sight:
    district = None if row["district"] is None else district_on(row["district"], today)
    return sight(who.viewer, protected=row["protected"], district=district)


def _view(row: asyncpg.Record, who: Reader, today: date) -> ConflictView:
    told: dict[str, Any] = {}
    if _sight(row, who, today) is Sight.FULL:
        told = {key: row[key] for key in ("kind", "sources", "rule")} | {
            "said": [Said(about=about, value=value) for about, value in row["said"]],
            "known_from": _civil(row["known_from"]),
            "settled_reason": row["settled_why"],
        }
    return ConflictView(
        conflict_id=row["id"],
        youth_id=row["person_id"],
        protected=row["protected"],
        open=row["closed_at"] is None and row["settled_at"] is None,
        opened_at=row["opened_at"].astimezone(STOCKHOLM),
        closed_at=_civil(row["closed_at"]),
        settled_at=_civil(row["settled_at"]),
        **told,
    )


def _civil(at: datetime | None) -> datetime | None:
    return None if at is None else at.astimezone(STOCKHOLM)


def _after(cursor: str | None) -> tuple[datetime | None, UUID | None]:
    if cursor is None:
        return None, None
    opened_at, conflict_id = decode_cursor(cursor, 2)
    try:
        return cursor_instant(opened_at), UUID(conflict_id)
    except ValueError:
        raise bad_cursor() from None
