"""Replaying dead letters: by hand, after the cause is gone, in order per key."""

from dataclasses import dataclass
from uuid import UUID

import asyncpg

from chassis.consumer import Before, Handle, Incoming, take_once

OPEN = """
select id, event_id, topic, key, type, time, data, traceparent from dead_letters
where consumer = $1 and key = $2 and resolved_at is null order by id
"""


@dataclass(frozen=True, slots=True)
class Replayed:
    done: int
    left: int


async def replay(
    pool: asyncpg.Pool, group: str, key: UUID, handle: Handle, before: Before | None = None
) -> Replayed:
    """Handle the dead and parked events of one key again, oldest first; stops at the first that fails.

    Returns how many were done and are left. The failing one's exception is raised when none was done.
    """
    rows = await pool.fetch(OPEN, group, key)
    for done, row in enumerate(rows):
        event = Incoming(
            row["event_id"], row["type"], row["topic"], row["key"], row["time"], row["data"], row["traceparent"]
        )
        try:
            if before is not None:
                await before(event)
            async with pool.acquire() as conn, conn.transaction():
                await take_once(conn, group, event, handle)
                await conn.execute("update dead_letters set resolved_at = now() where id = $1", row["id"])
        except Exception:
            if done == 0:
                raise
            return Replayed(done, len(rows) - done)
    return Replayed(len(rows), 0)
