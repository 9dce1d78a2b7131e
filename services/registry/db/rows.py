"""Rows that must be there."""

import asyncpg

from chassis.postgres import Connection


async def one(conn: Connection, statement: str, *values: object) -> asyncpg.Record:
    """Return the row of a statement that finds one. Raises LookupError when it does not: a fault of ours."""
    row = await conn.fetchrow(statement, *values)
    if row is None:
        raise LookupError("a row that must be there is not")
    return row
