"""PostgreSQL: pools and transactions."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import asyncpg

# What a use case is handed: a pooled connection or a plain one.
Connection: TypeAlias = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy

# What is raised while a server is killed, restarts or cannot be reached.
AWAY: tuple[type[Exception], ...] = (
    ConnectionError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the connection broke in the midst of a statement
    asyncpg.exceptions.AdminShutdownError,
    asyncpg.exceptions.CrashShutdownError,
    asyncpg.exceptions.CannotConnectNowError,
    asyncpg.exceptions.TooManyConnectionsError,
)
# For loops that go on whatever the database says: also a fault of ours must not end them for ever.
TROUBLE: tuple[type[Exception], ...] = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)


def is_away(error: Exception) -> bool:
    """Return whether an error says that the database cannot be asked just now."""
    # asyncpg calls an argument that does not fit an InterfaceError too; that is no outage.
    return isinstance(error, AWAY) and not isinstance(error, ValueError)


async def prepare_connection(conn: Any) -> None:
    """Read and write json and jsonb as Python values."""
    for name in ("json", "jsonb"):
        await conn.set_type_codec(name, encoder=json.dumps, decoder=json.loads, schema="pg_catalog")


async def create_pool(url: str, *, application_name: str, min_size: int = 1, max_size: int = 10) -> asyncpg.Pool:
    """Return an open pool. Statements may take 60 s (a bulk load sets its own limit)."""
    pool = await asyncpg.create_pool(
        url,
        min_size=min_size,
        max_size=max_size,
        command_timeout=60,
        init=prepare_connection,
        server_settings={
            "application_name": application_name,
            "statement_timeout": "60s",
            "timezone": "Europe/Stockholm",
            "lock_timeout": "10s",
            "idle_in_transaction_session_timeout": "60s",
        },
    )
    assert pool is not None
    return pool


@asynccontextmanager
async def transaction(pool: asyncpg.Pool) -> AsyncIterator[Connection]:
    """Give a connection inside a transaction: one use case, one transaction."""
    async with pool.acquire() as conn, conn.transaction():
        yield conn


async def check_database(pool: asyncpg.Pool) -> None:
    """Raise when the database does not answer (for readiness)."""
    await pool.fetchval("select 1", timeout=3)
