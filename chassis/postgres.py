"""PostgreSQL: the pool of a process, and a connection for long listening."""

import json
from typing import Any
from urllib.parse import urlsplit

import asyncpg

Connection = asyncpg.pool.PoolConnectionProxy | asyncpg.Connection


async def prepare_connection(conn: Any) -> None:
    """Make json and jsonb travel as Python values."""
    for kind in ("json", "jsonb"):
        await conn.set_type_codec(kind, encoder=json.dumps, decoder=json.loads, schema="pg_catalog")


async def create_pool(url: str, *, application_name: str, min_size: int = 1, max_size: int = 8) -> asyncpg.Pool:
    """Return a pool on a service's database.

    Statements are limited to 60 s and idle transactions to 60 s, so that nothing hangs for ever on
    a lock that a dead process left behind.
    """
    return await asyncpg.create_pool(
        url,
        min_size=min_size,
        max_size=max_size,
        init=prepare_connection,
        server_settings={
            "application_name": application_name,
            "statement_timeout": "60000",
            "idle_in_transaction_session_timeout": "60000",
            "timezone": "Europe/Stockholm",
        },
    )


def without_password(url: str) -> str:
    """Return a database URL fit for a log line."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.username or ''}@{parts.hostname or 'socket'}:{parts.port or ''}{parts.path}"
