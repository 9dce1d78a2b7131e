"""Dead letters: events that could not be handled, and those parked behind them.

They wait until somebody has removed the cause and replays them, in order per key; or until somebody
decides that an event shall have no effect, and discards it.
"""

from dataclasses import dataclass
from uuid import UUID

import asyncpg

from chassis.inbox import LOCK_KEY, Before, Handle, take_once
from chassis.incoming import Incoming
from chassis.postgres import Connection

FIRST = """
select id, event_id, topic, key, type, time, data, traceparent from dead_letters
where consumer = $1 and key = $2 and resolved_at is null order by id limit 1
"""
LEFT = "select count(*) from dead_letters where consumer = $1 and key = $2 and resolved_at is null"
RESOLVE = "update dead_letters set resolved_at = now() where id = $1"
DISCARD = """
update dead_letters set resolved_at = now()
where consumer = $1 and event_id = $2 and resolved_at is null returning true
"""
SEEN = "insert into inbox (consumer, event_id) values ($1, $2) on conflict do nothing"


@dataclass(frozen=True, slots=True)
class Group:
    """A consumer group and how it handles an event (as for `chassis.inbox.Inbox`)."""

    name: str
    handle: Handle
    before: Before | None = None


@dataclass(frozen=True, slots=True)
class Replayed:
    done: int
    left: int


async def replay(
    pool: asyncpg.Pool, group: str, key: UUID, handle: Handle, before: Before | None = None
) -> Replayed:
    """Handle the dead and parked events of one key again, oldest first; stops at the first that fails.

    Also those that are parked meanwhile: when none is left, the consumer handles the next by itself.
    Returns how many were done and are left. The failing one's exception is raised when none was done.
    """
    done = 0
    while row := await pool.fetchrow(FIRST, group, key):
        event = Incoming(
            row["event_id"], row["type"], row["topic"], row["key"], row["time"], row["data"], row["traceparent"]
        )
        try:
            if before is not None:
                await before(event)
            async with pool.acquire() as conn, conn.transaction():
                await conn.execute(LOCK_KEY, group, key)  # nothing is parked behind it from here on
                await take_once(conn, group, event, handle)
                await conn.execute(RESOLVE, row["id"])
        except Exception:
            if done == 0:
                raise
            return Replayed(done, await pool.fetchval(LEFT, group, key))
        done += 1
    return Replayed(done, 0)


async def discard(conn: Connection, group: str, event_id: UUID) -> bool:
    """Let an event have no effect, for good, in the caller's transaction (which audits who decided so).

    Returns False when it does not wait (any more). Those parked behind it still want a `replay`.
    """
    if not await conn.fetchval(DISCARD, group, event_id):
        return False
    await conn.execute(SEEN, group, event_id)  # or reading the topic again would bring it back
    return True
