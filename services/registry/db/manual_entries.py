"""Manual entries in SQL: the entry as it stands, and what it says of schooling as versions."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from chassis.postgres import Connection
from services.registry.db import rows
from services.registry.domain.manual import ManualFact

FACT = ("fact", "school_unit", "kind", "programme", "starts_on", "ends_on", "on_day", "municipality")
COLUMNS = (*FACT, "reason", "told_by", "known_on", "note")

_VIEW = "select m.*, n.person_id from manual_entries m join person_numbers n on n.number = m.person_number"
LIST = f"{_VIEW} where n.person_id = $1 order by m.known_on desc, m.recorded_at desc, m.id"
GET = f"{_VIEW} where n.person_id = $1 and m.id = $2"
ANY = f"{_VIEW} where m.id = $1 for update of m"
NUMBER = "select number from person_numbers where person_id = $1 order by current desc, since desc limit 1"
INSERT = f"""
insert into manual_entries (id, person_number, version, recorded_at, recorded_by, {", ".join(COLUMNS)})
values ($1, $2, 1, $3, $4, {", ".join(f"${place}" for place in range(5, 5 + len(COLUMNS)))})
"""  # noqa: S608 - constants, as below
UPDATE = f"""
update manual_entries set {", ".join(f"{name} = ${place}" for place, name in enumerate(COLUMNS, 4))},
    version = version + 1, changed_at = $2, changed_by = $3
where id = $1
"""  # noqa: S608
WITHDRAW = """
update manual_entries set withdrawn_at = $2, withdrawn_by = $3, withdrawn_why = $4, version = version + 1
where id = $1
"""
# Whether a register has the person at a school, so that there is something to deny.
HAS_ENROLMENT = """
select exists (
    select from person_numbers n join enrolments e on e.person_number = n.number
    where n.person_id = $1 and e.school_unit = $2 and e.known_until is null and e.source <> 'manual'
        and e.kind <> 'compulsory' and e.starts_on <= $3
)
"""
VERSION_TABLES = ("enrolments", "enrolment_denials", "exams")
CLOSE = "update {table} set known_until = $2 where feed = $1 and known_until is null"
# $1 feed, $2 since when it is known; the rest as the entry has it.
_ENTRY = "from manual_entries where id = $3"
OPEN = {
    ManualFact.ENROLLED: f"""
insert into enrolments (source, feed, person_number, school_unit, kind, programme, starts_on, ends_on, file_date,
    known_from)
select 'manual', $1, person_number, coalesce(school_unit, ''), kind, programme, starts_on, ends_on, known_on, $2
{_ENTRY}
""",
    ManualFact.NOT_ENROLLED: f"""
insert into enrolment_denials (feed, person_number, school_unit, ends_on, file_date, known_from)
select $1, person_number, school_unit, ends_on, known_on, $2 {_ENTRY}
""",
    ManualFact.EXAM: f"""
insert into exams (feed, person_number, kind, issued_on, file_date, known_from)
select $1, person_number, kind, on_day, known_on, $2 {_ENTRY}
""",
}


async def insert(
    conn: Connection, entry_id: UUID, person_id: UUID, values: Mapping[str, Any], at: datetime, by: str
) -> asyncpg.Record:
    number = await conn.fetchval(NUMBER, person_id)
    await conn.execute(INSERT, entry_id, number, at, by, *(values[name] for name in COLUMNS))
    row = await rows.one(conn, ANY, entry_id)
    await open_version(conn, row, at)
    return row


async def update(
    conn: Connection, entry_id: UUID, values: Mapping[str, Any], at: datetime, by: str
) -> asyncpg.Record:
    await conn.execute(UPDATE, entry_id, at, by, *(values[name] for name in COLUMNS))
    row = await rows.one(conn, ANY, entry_id)
    await close_version(conn, entry_id, at)
    await open_version(conn, row, at)
    return row


async def withdraw(conn: Connection, entry_id: UUID, at: datetime, by: str, why: str) -> asyncpg.Record:
    await conn.execute(WITHDRAW, entry_id, at, by, why)
    await close_version(conn, entry_id, at)
    return await rows.one(conn, ANY, entry_id)


async def open_version(conn: Connection, row: asyncpg.Record, at: datetime) -> None:
    """Let the register know from ``at`` what an entry says. That somebody moved away says nothing to it."""
    if (statement := OPEN.get(ManualFact(row["fact"]))) is not None:
        await conn.execute(statement, feed(row["id"]), at, row["id"])


async def close_version(conn: Connection, entry_id: UUID, at: datetime) -> None:
    for table in VERSION_TABLES:
        await conn.execute(CLOSE.format(table=table), feed(entry_id), at)


def feed(entry_id: UUID) -> str:
    return f"manual:{entry_id}"
