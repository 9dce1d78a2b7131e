"""Transactions that move many rows: longer limits than a request's, and COPY."""

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from chassis.postgres import Connection, transaction

BULK_SECONDS = 900.0  # per statement; a nation's load takes minutes

Row = tuple[Any, ...]


@asynccontextmanager
async def bulk_transaction(pool: asyncpg.Pool) -> AsyncIterator[Connection]:
    """Give a connection inside a transaction in which statements, and thinking between them, may take long."""
    async with transaction(pool) as conn:
        milliseconds = int(BULK_SECONDS * 1000)
        await conn.execute(f"set local statement_timeout = {milliseconds}")
        await conn.execute(f"set local lock_timeout = {milliseconds}")
        await conn.execute(f"set local idle_in_transaction_session_timeout = {milliseconds}")
        yield conn


async def copy(
    conn: Connection, table: str, columns: Sequence[str], rows: Iterable[Row] | AsyncIterable[Row]
) -> None:
    """COPY rows into a table."""
    await conn.copy_records_to_table(table, columns=list(columns), records=rows, timeout=BULK_SECONDS)


async def execute(conn: Connection, statement: str, *values: object) -> int:
    """Execute a statement and return how many rows it touched."""
    status: str = await conn.execute(statement, *values, timeout=BULK_SECONDS)
    return int(status.rpartition(" ")[2]) if status[-1].isdigit() else 0


async def fetch(conn: Connection, statement: str, *values: object) -> list[asyncpg.Record]:
    rows: list[asyncpg.Record] = await conn.fetch(statement, *values, timeout=BULK_SECONDS)
    return rows
