"""The inbox: each event has its effect once, and an event that cannot be handled stops nobody else.

Inbox row and effect are one transaction. An event that cannot be handled goes to ``dead_letters`` with its
cause, and later events of the same key are parked behind it, so that order per youth holds and nobody else
waits. `chassis.dead_letters` replays them by hand.

Inbox rows are kept for good: they are what makes it safe to read a topic from its start again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import structlog
from opentelemetry import trace
from opentelemetry.propagate import extract
from prometheus_client import Counter

from chassis.incoming import Incoming, parse
from chassis.postgres import AWAY

log = structlog.get_logger(__name__)
tracer = trace.get_tracer(__name__)
handled = Counter("events_handled_total", "Events handled, by result", ["consumer", "result"])

TRIES = 5
# The database is away, restarting, out of room or in conflict: that passes, and is no fault of the event.
TRANSIENT: tuple[type[Exception], ...] = (
    OSError,
    *AWAY,
    asyncpg.exceptions.InsufficientResourcesError,
    asyncpg.exceptions.TransactionRollbackError,
    asyncpg.exceptions.LockNotAvailableError,
    asyncpg.exceptions.ReadOnlySQLTransactionError,
)


STANDING = """
select exists (select from inbox where consumer = $1 and event_id = $2) as seen,
       exists (select from dead_letters where consumer = $1 and key = $3 and resolved_at is null) as blocked
"""
# Serialises the parking behind a key with the replay of that key: none is parked behind nothing.
LOCK_KEY = "select pg_advisory_xact_lock(hashtextextended($1 || $2::uuid::text, 0))"
PARK = """
insert into dead_letters
    (consumer, event_id, topic, partition, "offset", key, type, time, data, traceparent, cause)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
on conflict (consumer, event_id) do nothing
"""


Handle = Callable[[asyncpg.Connection, Incoming], Awaitable[None]]
Before = Callable[[Incoming], Awaitable[None]]


class Transient(Exception):
    """Raise from a handler when the cause is outside and will pass: the event is tried until it works."""


def passes(error: Exception) -> bool:
    """Return whether an error is no fault of the event's: it is tried until it works, and others wait."""
    # asyncpg calls an argument that does not fit an InterfaceError too; that does not pass.
    return isinstance(error, (Transient, *TRANSIENT)) and not isinstance(error, ValueError)


class Inbox:
    """Takes the events of one consumer group."""

    def __init__(self, pool: asyncpg.Pool, group: str, handle: Handle, before: Before | None = None) -> None:
        """``handle`` works in the inbox's transaction. ``before`` is a side effect outside of it (a
        Temporal signal), run first: it must be safe to repeat."""
        self._pool, self._group = pool, group
        self._handle, self._before = handle, before

    async def take(self, record: Any) -> None:
        """Handle a record, once, or set it aside. Returns when that is written down, however long it takes."""
        try:
            event = parse(record)
        except (KeyError, ValueError) as error:
            # Not one of our events: there is no key to park behind, and nothing to handle.
            log.error(
                "not_an_event", topic=record.topic, partition=record.partition, offset=record.offset,
                error=type(error).__name__,
            )  # fmt: skip
            handled.labels(self._group, "not_an_event").inc()
            return
        carrier = {"traceparent": event.traceparent} if event.traceparent else {}
        with tracer.start_as_current_span(f"{self._group} {event.type}", context=extract(carrier)):
            await self._handle_with_retries(event, record)

    async def _handle_with_retries(self, event: Incoming, record: Any) -> None:
        tries, pause = 0, 0.2
        while True:
            try:
                result = await self._once(event, record)
                handled.labels(self._group, result).inc()
                return
            except Exception as error:
                if passes(error):
                    log.warning("event_waits", consumer=self._group, type=event.type, error=type(error).__name__)
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, 10)
                    continue
                tries += 1
                if tries >= TRIES:
                    await self._park(self._pool, event, record, type(error).__name__)
                    log.error("event_dead", consumer=self._group, event_id=str(event.event_id), exc_info=error)
                    handled.labels(self._group, "dead").inc()
                    return
                await asyncio.sleep(0.1 * 2**tries)

    async def _once(self, event: Incoming, record: Any) -> str:
        seen, blocked = await self._standing(self._pool, event)
        if seen:
            return "seen"
        if blocked and await self._park_behind(event, record):
            return "parked"
        if self._before is not None:
            await self._before(event)
        async with self._pool.acquire() as conn, conn.transaction():
            return "handled" if await take_once(conn, self._group, event, self._handle) else "seen"

    async def _park_behind(self, event: Incoming, record: Any) -> bool:
        """Park an event behind a dead one of its key; False when that has been replayed meanwhile."""
        async with self._pool.acquire() as conn, conn.transaction():
            await conn.execute(LOCK_KEY, self._group, event.key)
            _, blocked = await self._standing(conn, event)
            if blocked:
                await self._park(conn, event, record, "parked")
            return blocked

    async def _standing(self, conn: Any, event: Incoming) -> tuple[bool, bool]:
        """Return whether the event has been handled, and whether it has a dead one of its key before it."""
        row = await conn.fetchrow(STANDING, self._group, event.event_id, event.key)
        return row["seen"], row["blocked"]

    async def _park(self, conn: Any, event: Incoming, record: Any, cause: str) -> None:
        await conn.execute(
            PARK, self._group, event.event_id, event.topic, record.partition, record.offset,
            event.key, event.type, event.time, event.data, event.traceparent, cause,
        )  # fmt: skip


async def take_once(conn: Any, group: str, event: Incoming, handle: Handle) -> bool:
    """Write the inbox row and do the effect in the caller's transaction; False when it was done before."""
    inserted = await conn.fetchval(
        "insert into inbox (consumer, event_id) values ($1, $2) on conflict do nothing returning true",
        group,
        event.event_id,
    )
    if inserted:
        await handle(conn, event)
    return bool(inserted)
