"""A transaction that decides of persons outside a run: under the lock of runs, so that known times follow."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from chassis.postgres import Connection, transaction
from chassis.problems import Problem

LOCK = "select pg_advisory_xact_lock(2909)"  # the one of a run (apply_sync.py)


@asynccontextmanager
async def register_locked(pool: asyncpg.Pool) -> AsyncIterator[Connection]:
    """Give a transaction under the lock of runs. Raises a Problem 503 while a run is being applied."""
    try:
        async with transaction(pool) as conn:
            await conn.execute(LOCK)
            yield conn
    except asyncpg.LockNotAvailableError:
        raise Problem(
            503,
            "register-busy",
            "The register is just being written",
            "Nothing was changed. Send the same again in a minute.",
            headers={"Retry-After": "60"},
        ) from None
