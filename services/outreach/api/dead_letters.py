"""Events that could not be handled: for operators, who replay them when the cause is gone."""

from typing import Annotated
from uuid import UUID

import structlog
from fastapi import APIRouter, Depends

from chassis import audit, dead_letters
from chassis.access import allow
from chassis.auth import Principal
from chassis.paging import Cursor, Limit, cursor_number, decode_cursor, encode_cursor
from chassis.postgres import transaction
from chassis.problems import Problem, not_found, responses
from contracts.actions import Action
from services.outreach.api.models import DeadLetter, DeadLetters, Replay
from services.outreach.api.parts import TheParts
from services.outreach.db import letters

router = APIRouter(prefix="/dead-letters", tags=["operations"], responses=responses(401, 403, 422))
log = structlog.get_logger(__name__)
Reader = Annotated[Principal, Depends(allow(Action.DEAD_LETTERS_READ))]
Resolver = Annotated[Principal, Depends(allow(Action.DEAD_LETTERS_RESOLVE))]


@router.get("", responses=responses(400))
async def list_dead_letters(_: Reader, parts: TheParts, cursor: Cursor = None, limit: Limit = 50) -> DeadLetters:
    """The events that wait, oldest first."""
    after = _position(cursor) if cursor is not None else 0
    rows = await parts.pool.fetch(letters.PAGE, after, limit + 1)
    shown = rows[:limit]
    more = encode_cursor(shown[-1]["id"]) if len(rows) > limit else None
    return DeadLetters(items=[DeadLetter.model_validate(dict(row)) for row in shown], next=more)


@router.post("/{key}/replay", responses=responses(404, 409))
async def replay_dead_letters(key: UUID, operator: Resolver, parts: TheParts) -> Replay:
    """Handle the waiting events of one youth again, in order; stops at the first that fails again."""
    waiting = await parts.pool.fetch(letters.CONSUMERS_OF, key)
    if not waiting:
        raise not_found("dead letter")
    async with transaction(parts.pool) as conn:
        await audit.record(
            conn,
            actor=operator.subject,
            role=operator.role,
            action="dead_letter.replay",
            at=parts.clock.now(),
            youth_id=key,
        )
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


def _position(cursor: str) -> int:
    return cursor_number(decode_cursor(cursor, 1)[0])
