"""PostgreSQL: pools and transactions."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import asyncpg

# What a use case is handed: a pooled connection or a plain one.
Connection: TypeAlias = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy


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
