"""Rows that staff keep: made and changed under an id of the client's, never deleted. One way for all of them.

A table of such rows has ``id``, ``person_id``, its own columns, and ``version``, ``recorded_at``,
``recorded_by``, ``changed_at``, ``changed_by``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import asyncpg

from chassis.postgres import Connection
from chassis.preconditions import check_seen
from chassis.problems import Problem


class Done(StrEnum):
    CREATED = "create"
    CHANGED = "change"
    NOTHING = "nothing"  # it was so already


@dataclass(frozen=True, slots=True)
class Table:
    """A table of kept rows, with the columns that staff write."""

    name: str
    columns: tuple[str, ...]

    @property
    def insert(self) -> str:
        names = ("id", "person_id", "version", "recorded_at", "recorded_by", *self.columns)
        values = ("$1, $2, 1, $3, $4", *(f"${place}" for place in range(5, 5 + len(self.columns))))
        return (
            f"insert into {self.name} ({', '.join(names)}) values ({', '.join(values)}) "  # noqa: S608 - constants
            "on conflict (id) do nothing returning *"
        )

    @property
    def update(self) -> str:
        pairs = ", ".join(f"{column} = ${place}" for place, column in enumerate(self.columns, 4))
        return (
            f"update {self.name} set {pairs}, version = version + 1, changed_at = $2, changed_by = $3 "  # noqa: S608
            "where id = $1 returning *"
        )


@dataclass(frozen=True, slots=True)
class Put:
    row: asyncpg.Record
    done: Done


async def put(
    conn: Connection,
    table: Table,
    row_id: UUID,
    person_id: UUID,
    values: Mapping[str, Any],
    *,
    seen: int | None,
    at: datetime,
    by: str,
) -> Put:
    """Make a row be ``values`` (one per column of the table), in the caller's transaction.

    The same again does nothing, whatever ``seen`` (the version that the caller has seen) is. Raises a
    Problem: 409 when the id is another person's, 412 or 428 as `chassis.preconditions.check_seen`.
    """
    columns = [values[column] for column in table.columns]
    found = await _locked(conn, table, row_id)
    if found is None:
        check_seen(seen, None)
        made = await conn.fetchrow(table.insert, row_id, person_id, at, by, *columns)
        if made is not None:
            return Put(made, Done.CREATED)
        found = await _locked(conn, table, row_id)  # another request was first
    assert found is not None
    if found["person_id"] != person_id:
        raise Problem(409, "id-taken", "The id is in use already", "Choose a new UUID for what is new.")
    if all(found[column] == values[column] for column in table.columns):
        return Put(found, Done.NOTHING)
    check_seen(seen, found["version"])
    changed = await conn.fetchrow(table.update, row_id, at, by, *columns)
    assert changed is not None
    return Put(changed, Done.CHANGED)


async def _locked(conn: Connection, table: Table, row_id: UUID) -> asyncpg.Record | None:
    return await conn.fetchrow(f"select * from {table.name} where id = $1 for update", row_id)  # noqa: S608
