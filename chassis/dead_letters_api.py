"""Dead letters over HTTP: operators see what waits, replay it when the cause is gone, or discard it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import structlog
from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from chassis import audit, dead_letters
from chassis.access import Allow
from chassis.auth import Principal
from chassis.clock import CivilClock
from chassis.dead_letters import Group
from chassis.paging import Cursor, Limit, cursor_number, decode_cursor, encode_cursor
from chassis.postgres import transaction
from chassis.problems import Problem, not_found, responses

log = structlog.get_logger(__name__)

PAGE = """
select id, consumer, event_id, topic, partition, "offset", key, type, time, cause from dead_letters
where resolved_at is null and id > $1 order by id limit $2
"""
CONSUMERS_OF = """
select distinct consumer from dead_letters where key = $1 and resolved_at is null order by consumer
"""


class DeadLetter(BaseModel):
    consumer: str
    event_id: UUID
    topic: str
    partition: int
    offset: int
    key: UUID = Field(description="The youth's opaque id")
    type: str
    time: datetime
    cause: str = Field(description="The kind of error; 'parked' when it waits behind an earlier one")


class DeadLetters(BaseModel):
    items: list[DeadLetter]
    next: str | None


class Replay(BaseModel):
    done: int = Field(description="Events handled now")
    left: int = Field(description="Events that still wait")


@dataclass(frozen=True, slots=True)
class DeadLetterParts:
    """What the routes work with."""

    pool: asyncpg.Pool
    clock: CivilClock
    groups: Mapping[str, Group]


def make_router(parts: Callable[..., DeadLetterParts], read: Allow, resolve: Allow) -> APIRouter:
    """Return the routes. ``parts`` is a FastAPI dependency; ``read`` and ``resolve`` are their actions."""
    routes = APIRouter(prefix="/dead-letters", tags=["operations"], responses=responses(401, 403, 422))
    parts_of = Depends(parts)

    async def record(conn: Any, principal: Principal, parts: DeadLetterParts, action: str, **about: Any) -> None:
        await audit.record(
            conn, actor=principal.subject, role=principal.role, action=action, at=parts.clock.now(), **about
        )

    @routes.get("", responses=responses(400))
    async def list_dead_letters(
        _: Annotated[Principal, Depends(read)],
        parts: Annotated[DeadLetterParts, parts_of],
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> DeadLetters:
        """The events that wait, oldest first."""
        after = cursor_number(decode_cursor(cursor, 1)[0]) if cursor is not None else 0
        rows = await parts.pool.fetch(PAGE, after, limit + 1)
        more = encode_cursor(rows[limit - 1]["id"]) if len(rows) > limit else None
        return DeadLetters(items=[DeadLetter.model_validate(dict(row)) for row in rows[:limit]], next=more)

    @routes.post("/{key}/replay", responses=responses(404, 409))
    async def replay_dead_letters(
        key: UUID, principal: Annotated[Principal, Depends(resolve)], parts: Annotated[DeadLetterParts, parts_of]
    ) -> Replay:
        """Handle the waiting events of one youth again, in order; stops at the first that fails again."""
        waiting = await parts.pool.fetch(CONSUMERS_OF, key)
        if not waiting:
            raise not_found("dead letter")
        async with transaction(parts.pool) as conn:
            await record(conn, principal, parts, "dead_letter.replay", youth_id=key)
        done = left = 0
        for row in waiting:
            group = parts.groups[row["consumer"]]
            try:
                replayed = await dead_letters.replay(parts.pool, group.name, key, group.handle, group.before)
            except Exception as error:
                log.warning("replay_failed", consumer=group.name, exc_info=error)
                raise Problem(
                    409,
                    "replay-failed",
                    "The first waiting event could not be handled this time either",
                    f"Remove the cause first: {type(error).__name__} (the log has more).",
                ) from None
            done, left = done + replayed.done, left + replayed.left
        return Replay(done=done, left=left)

    @routes.post("/events/{event_id}/discard", status_code=204, responses=responses(404))
    async def discard_dead_letter(
        event_id: UUID,
        consumer: str,
        principal: Annotated[Principal, Depends(resolve)],
        parts: Annotated[DeadLetterParts, parts_of],
    ) -> None:
        """Let an event have no effect, for good. Those behind it still want a replay."""
        async with transaction(parts.pool) as conn:
            if not await dead_letters.discard(conn, consumer, event_id):
                raise not_found("dead letter")
            await record(conn, principal, parts, "dead_letter.discard", subject=str(event_id))

    return routes
