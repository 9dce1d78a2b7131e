"""GET /audit: what the audit holds, for the auditor. To read it is recorded in it."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, Field

from chassis import audit
from chassis.access import Allow
from chassis.auth import Principal
from chassis.clock import STOCKHOLM, CivilClock
from chassis.paging import Cursor, Limit, cursor_number, decode_cursor, encode_cursor
from chassis.postgres import transaction
from chassis.problems import responses

# Each filter is left out by null; ids grow with time.
PAGE = """
select id, at, actor, role, action, youth_id, subject, why, origin from audit
where ($1::bigint is null or id < $1)
    and ($2::uuid is null or youth_id = $2)
    and ($3::text is null or actor = $3)
    and ($4::text is null or action = $4)
    and ($5::timestamptz is null or at >= $5)
    and ($6::timestamptz is null or at < $6)
order by id desc limit $7
"""
Word = Annotated[str | None, Query(max_length=100, pattern=r"^[^\x00]*$")]


class AuditRow(BaseModel):
    at: datetime = Field(description="Civil time")
    actor: str = Field(description="Staff id, or a service's name")
    role: str = Field(description="In which")
    action: str = Field(description="A verb with its object: youth.read, task.complete")
    youth_id: UUID | None
    subject: str | None = Field(description="Opaque id of what else it was done to")
    why: str | None = Field(description="The reason that was given, or the legal ground; null when forgotten too")
    origin: str | None = Field(description="Network address of the caller, or a process of ours")


class AuditRows(BaseModel):
    items: list[AuditRow]
    next: str | None = Field(description="Cursor of the next page; null on the last")


def make_router(parts: Callable[[Request], tuple[asyncpg.Pool, CivilClock]], read: Allow) -> APIRouter:
    """Return the route of a service; ``read`` is its action."""
    router = APIRouter(tags=["audit"], responses=responses(400, 401, 403, 422))

    @router.get("/audit")
    async def read_audit(
        auditor: Annotated[Principal, Depends(read)],
        request: Request,
        response: Response,
        youth_id: Annotated[UUID | None, Query(description="About whom")] = None,
        actor: Word = None,
        action: Word = None,
        since: Annotated[AwareDatetime | None, Query(description="Civil time, included")] = None,
        until: Annotated[AwareDatetime | None, Query(description="Civil time, not included")] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> AuditRows:
        """Who did or read what in this service, about whom, when, why and from where; the latest first."""
        pool, clock = parts(request)
        before = _position(cursor)
        async with transaction(pool) as conn:
            rows = await conn.fetch(PAGE, before, youth_id, actor, action, since, until, limit + 1)
            await audit.record(
                conn, actor=auditor.subject, role=auditor.role, action="audit.read", at=clock.now(),
                youth_id=youth_id,
            )  # fmt: skip
        response.headers["Cache-Control"] = "no-store"
        items = [AuditRow.model_validate({**row, "at": row["at"].astimezone(STOCKHOLM)}) for row in rows[:limit]]
        return AuditRows(items=items, next=encode_cursor(rows[limit - 1]["id"]) if len(rows) > limit else None)

    return router


def _position(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    return cursor_number(decode_cursor(cursor, 1)[0])
