"""Merging placements, enrolments and exams of persons we know; of others nothing is kept (2006:39, 3 §).

A whole file replaces what we had; of a file that is not whole, rows are added and changed only. What
we knew of a person with a rejected row stays in either case. Nothing is overwritten: a version that is
not told any more is closed, and another begins.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from chassis.postgres import Connection
from contracts.registry_activities import Source
from services.registry.db import bulk


@dataclass(frozen=True, slots=True)
class Table:
    """Where a source's rows come from and go. ``key`` says which row is which, ``content`` what may change."""

    name: str
    staging: str
    key: Sequence[str]
    content: Sequence[str]
    source: Source | None = None  # of a table that two sources share

    def sql(self, statement: str) -> str:
        of_source = "true" if self.source is None else f"e.source = '{self.source}'"
        return statement.format(
            table=self.name,
            staging="staged",
            columns=", ".join((*self.key, *self.content)),
            staged=", ".join(f"s.{name}" for name in (*self.key, *self.content)),
            same_key=" and ".join(f"e.{name} = s.{name}" for name in self.key),
            e_content=", ".join(f"e.{name}" for name in self.content) or "1",
            s_content=", ".join(f"s.{name}" for name in self.content) or "1",
            current=f"{of_source} and e.feed = 'file' and e.known_until is null",
            source_column="" if self.source is None else ", source",
            source_value="" if self.source is None else f", '{self.source}'",
        )


_ENROLMENT_KEY = ("person_number", "school_unit", "kind", "starts_on")
_ENROLMENT_CONTENT = ("programme", "ends_on", "end_kind", "compulsory_completed_on", "phone", "email")
TABLES = {
    Source.PLACEMENTS: Table(
        "enrolments", "staging_placements", _ENROLMENT_KEY, _ENROLMENT_CONTENT, Source.PLACEMENTS
    ),
    Source.SCHOOLS: Table("enrolments", "staging_schools", _ENROLMENT_KEY, _ENROLMENT_CONTENT, Source.SCHOOLS),
    Source.EXAMS: Table("exams", "staging_exams", ("person_number", "kind", "issued_on"), ()),
}

# With statistics, which the staging table cannot have: else a plan reads all enrolments for each new row.
STAGED = "create temporary table staged on commit drop as select * from {0} where run_id = $1"
# A row that tells of what a line that stands tells of already.
DROP_DOUBLES = """
delete from {staging} s using {table} e
where s.run_id = $1 and {same_key} and {current} and e.line is not null
    and e.line not in (select line from staging_removed where run_id = $1 and source = $2)
returning s.row
"""
REJECT_DOUBLES = """
insert into rejects (run_id, source, row, field, reason, kept)
select $1, $2, row, null, 'duplicate_row', false from unnest($3::int[]) as row
"""
COUNT_DOUBLES = """
update source_loads set rejected = rejected + $3, accepted = accepted - $3 where run_id = $1 and source = $2
"""
# Told in other words: the same content in another line.
KEEP = """
update {table} e set line = s.line from {staging} s
where s.run_id = $1 and {same_key} and {current} and ({e_content}) is not distinct from ({s_content})
"""
CLOSE_CHANGED = """
with closed as (
    update {table} e set known_until = $2 from {staging} s
    where s.run_id = $1 and {same_key} and {current} and ({e_content}) is distinct from ({s_content})
    returning e.person_number
)
insert into affected select n.person_id from closed join person_numbers n on n.number = closed.person_number
"""
ADD = """
with added as (
    insert into {table} ({columns}{source_column}, line, file_date, known_from)
    select {staged}{source_value}, s.line, $2, $3
    from {staging} s join person_numbers n on n.number = s.person_number
    where s.run_id = $1 and not exists (select from {table} e where {same_key} and {current})
    returning person_number
)
insert into affected select n.person_id from added join person_numbers n on n.number = added.person_number
"""
CLOSE_REMOVED = """
with closed as (
    update {table} e set known_until = $3
    where {current}
        and (e.line is null or e.line in (select line from staging_removed where run_id = $1 and source = $2))
        and not exists (
            select from staging_rejected r
            where r.run_id = $1 and r.source = $2 and r.person_number = e.person_number
        )
    returning e.person_number
)
insert into affected select n.person_id from closed join person_numbers n on n.number = closed.person_number
"""


async def merge(
    conn: Connection, run_id: UUID, source: Source, file_date: date, known_from: datetime, whole: bool
) -> None:
    """Bring a school source up to the run's file; adds whom it concerns to the temporary table ``affected``."""
    table = TABLES[source]
    await bulk.execute(conn, "drop table if exists staged")
    await bulk.execute(conn, STAGED.format(table.staging), run_id)
    await bulk.execute(conn, "analyze staged")
    doubles = [row["row"] for row in await bulk.fetch(conn, table.sql(DROP_DOUBLES), run_id, source)]
    if doubles:
        await bulk.execute(conn, REJECT_DOUBLES, run_id, source, doubles)
        await bulk.execute(conn, COUNT_DOUBLES, run_id, source, len(doubles))
    await bulk.execute(conn, table.sql(KEEP), run_id)
    await bulk.execute(conn, table.sql(CLOSE_CHANGED), run_id, known_from)
    await bulk.execute(conn, table.sql(ADD), run_id, file_date, known_from)
    if whole:
        await bulk.execute(conn, table.sql(CLOSE_REMOVED), run_id, source, known_from)
