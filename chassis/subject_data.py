"""What a service has about one person, table by table, for the data-subject export (GDPR art. 15).

A service lists a `Section` for each of its tables that says something about a person; whole rows are taken,
so that a later column is in the answer by itself. A test walks all tables of all services and fails for one
that neither a section nor its list of exceptions names (tests/meta/test_subject_data.py).

Who of the staff did something is not in the answer, at any depth: a person may know what was done and in
which function, not by whom (CJEU C-579/21, Pankki S).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
from pydantic import BaseModel

from chassis.postgres import Connection

Row = dict[str, Any]

# Columns and keys that hold a staff id. Whoever adds such a column adds its name here.
STAFF_KEYS = frozenset(
    {
        "actor",
        "assigned_to",
        "by",
        "changed_by",
        "checked_in_by",
        "checked_out_by",
        "claimed_by",
        "completed_by",
        "follows_up",
        "merged_by",
        "recorded_by",
        "settled_by",
        "split_by",
        "staff",
        "staff_id",
        "withdrawn_by",
    }
)


@dataclass(frozen=True, slots=True)
class Section:
    """The rows of one table that are about a person.

    ``where`` is SQL on the row ``t``; ``$1`` is an array of the person's ids. ``without`` are columns that are
    left out; ``plus`` is an SQL expression (jsonb) of what is shown in their stead.
    """

    name: str
    table: str
    where: str
    order: str
    without: tuple[str, ...] = ()
    plus: str = "null::jsonb"

    @property
    def statement(self) -> str:
        # Not jsonb: it would lose the order of the columns, in which a row is easiest to read.
        return (
            f"select row_to_json(t) as row, {self.plus} as more "  # noqa: S608 - constants
            f"from {self.table} t where {self.where} order by {self.order}"
        )

    def shown(self, record: asyncpg.Record) -> Row:
        """Return what the export holds of a row that the statement found."""
        kept = {key: value for key, value in record["row"].items() if key not in self.without}
        shown: Row = without_staff(kept | (record["more"] or {}))
        return shown


# What stands in every service's database (chassis/migrations).
COMMON = (
    Section(
        "audit",
        "audit",
        "t.youth_id = any($1::uuid[])",
        "t.id",
        # Where a member of staff sat is about them; the others are the chain's (chassis/audit_chain.py).
        without=("origin", "xid", "why_salt", "why_digest"),
    ),
    Section("events_told", "outbox", "t.key = any($1::uuid[])", "t.id", without=("traceparent",)),
    Section(
        "events_not_handled",
        "dead_letters",
        "t.key = any($1::uuid[])",
        "t.id",
        without=("data", "traceparent"),
        plus="jsonb_build_object('data', encode(t.data, 'escape'))",
    ),
)
COMMON_EXCEPTIONS = {
    "inbox": "ids of events only; what they said is in the tables of this service",
    "broker_generation": "about the broker",
    "consumer_generations": "about the broker",
    "schema_migrations": "about the database",
    "chassis_migrations": "about the database",
    "audit_seals": "hashes of many rows; the rows are in the section audit",
}


class SubjectData(BaseModel):
    """What one service has about one person id: rows by section, those of empty sections too."""

    youth_id: UUID
    sections: dict[str, list[Row]]


async def gather(conn: Connection, sections: Iterable[Section], ids: Sequence[UUID]) -> dict[str, list[Row]]:
    """Return the rows of each section that are about a person with these ids, without staff ids."""
    return {
        section.name: [section.shown(record) for record in await conn.fetch(section.statement, ids)]
        for section in sections
    }


def without_staff(value: Any) -> Any:
    """Return a JSON value without members that hold staff ids."""
    if isinstance(value, Mapping):
        return {key: without_staff(inner) for key, inner in value.items() if key not in STAFF_KEYS}
    if isinstance(value, list):
        return [without_staff(inner) for inner in value]
    return value
