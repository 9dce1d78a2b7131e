"""What a run read of a source: staged rows, rejects and counts, replaced when it is read again."""

from collections.abc import AsyncIterable, Iterable
from datetime import date
from uuid import UUID

from chassis.postgres import Connection
from contracts.registry_activities import Source
from services.registry.db import bulk
from services.registry.sources.csv_file import Reject
from services.registry.sources.layouts import LAYOUTS

STAGING = {source: f"staging_{source}" for source in Source}
_ENROLMENTS = """
select string_agg(line, null) from enrolments
where source = '{source}' and feed = 'file' and known_until is null and line is not null
"""
STANDING = {
    Source.POPULATION: "select string_agg(line, null) from persons where line is not null",
    Source.PLACEMENTS: _ENROLMENTS.format(source="placements"),
    Source.SCHOOLS: _ENROLMENTS.format(source="schools"),
    Source.EXAMS: """
select string_agg(line, null) from exams where feed = 'file' and known_until is null and line is not null
""",
}
# The staging tables are unlogged: a database that was killed has emptied them, while what was loaded still stands
# in source_loads. A line that no file has is staged with each source, and is gone with the rest.
LANDMARK = "insert into staging_removed (run_id, source, line) values ($1, $2, '')"
STAGED = "select source from staging_removed where run_id = $1 and line = ''"
# Lines that are gone, of persons of whom no other line of the file tells, not even a rejected one.
LOST_PERSONS = """
select count(*) from (
    select p.id from persons p join staging_removed r on r.line = p.line
    where r.run_id = $1 and r.source = $2 and p.absent_since is null and p.merged_into is null
    except
    select n.person_id from staging_population s join person_numbers n on n.number = s.person_number
    where s.run_id = $1
    except
    select n.person_id from staging_population s join person_numbers n on n.number = s.previous_person_number
    where s.run_id = $1
    except
    select n.person_id from staging_rejected s join person_numbers n on n.number = s.person_number
    where s.run_id = $1 and s.source = $2
) as lost
"""
_LOST_ROWS = """
with gone as materialized (
    select e.person_number from {table} e join staging_removed r on r.line = e.line
    where r.run_id = $1 and r.source = $2 and {current}
), lost as (
    select person_number from gone
    except
    select person_number from {staging} where run_id = $1
    except
    select person_number from staging_rejected where run_id = $1 and source = $2
    except
    select e.person_number from {table} e
    where {current} and e.person_number in (select person_number from gone)
        and e.line not in (select line from staging_removed where run_id = $1 and source = $2)
)
select count(*) from gone where person_number in (select person_number from lost)
"""
_OF_FILES = "e.feed = 'file' and e.known_until is null and e.line is not null"
_OF_ENROLMENTS = f"e.source = $2 and {_OF_FILES}"
LOST = {
    Source.POPULATION: LOST_PERSONS,
    Source.PLACEMENTS: _LOST_ROWS.format(table="enrolments", staging="staging_placements", current=_OF_ENROLMENTS),
    Source.SCHOOLS: _LOST_ROWS.format(table="enrolments", staging="staging_schools", current=_OF_ENROLMENTS),
    Source.EXAMS: _LOST_ROWS.format(table="exams", staging="staging_exams", current=_OF_FILES),
}
INSERT = """
insert into source_loads
    (run_id, source, file_name, file_date, encoding, read, rejected, accepted, unidentified, held)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""


async def clear(conn: Connection, run_id: UUID, source: Source) -> None:
    """Forget an earlier attempt at reading this source in this run."""
    for table in ("source_loads", "rejects", "staging_rejected"):
        await bulk.execute(conn, f"delete from {table} where run_id = $1 and source = $2", run_id, source)  # noqa: S608
    await unstage(conn, run_id, source)


async def unstage(conn: Connection, run_id: UUID, source: Source) -> None:
    """Forget the rows that have been read, and which lines are gone."""
    await bulk.execute(conn, "delete from staging_removed where run_id = $1 and source = $2", run_id, source)
    await bulk.execute(conn, f"delete from {STAGING[source]} where run_id = $1", run_id)  # noqa: S608


async def clear_staging(conn: Connection) -> None:
    """Empty the staging tables: what has been applied, and what abandoned runs left."""
    for table in (*STAGING.values(), "staging_rejected", "staging_removed"):
        await bulk.execute(conn, f"delete from {table}")  # noqa: S608 - our own names


async def stage(conn: Connection, source: Source, rows: AsyncIterable[bulk.Row]) -> None:
    """COPY rows (run id, row number, digest of the line, record) into the source's staging table."""
    await bulk.copy(conn, STAGING[source], ("run_id", "row", "line", *LAYOUTS[source].stored), rows)


async def standing_lines(conn: Connection, source: Source) -> bytes:
    """Return the digests of a source's lines that stand in the register, one after the other."""
    return await conn.fetchval(STANDING[source], timeout=bulk.BULK_SECONDS) or b""


async def stage_removed(conn: Connection, run_id: UUID, source: Source, lines: Iterable[bytes]) -> None:
    """Keep the digests of lines that stood in the register and are not in the file any more."""
    rows = [(run_id, source, line) for line in lines]
    await bulk.copy(conn, "staging_removed", ("run_id", "source", "line"), rows)


async def store_rejects(
    conn: Connection, run_id: UUID, source: Source, rejects: Iterable[Reject], numbers: Iterable[str]
) -> None:
    await bulk.copy(
        conn,
        "rejects",
        ("run_id", "source", "row", "field", "reason", "kept"),
        [(run_id, source, one.row, one.field, one.reason, one.kept) for one in rejects],
    )
    await bulk.copy(
        conn,
        "staging_rejected",
        ("run_id", "source", "person_number"),
        [(run_id, source, number) for number in sorted(numbers)],
    )


async def lost(conn: Connection, run_id: UUID, source: Source) -> int:
    """Return how many lines have gone together with all that a file told of their person, once its rows,
    rejects and removed lines are staged."""
    count: int = await conn.fetchval(LOST[source], run_id, source, timeout=bulk.BULK_SECONDS)
    return count


async def staged(conn: Connection, run_id: UUID) -> set[Source]:
    """Return the sources of which what a run read is there."""
    return {Source(row["source"]) for row in await conn.fetch(STAGED, run_id)}


async def store_counts(
    conn: Connection,
    run_id: UUID,
    source: Source,
    *,
    file_name: str | None,
    file_date: date | None,
    encoding: str | None,
    read: int,
    rejected: int,
    accepted: int,
    unidentified: int,
    held: str | None,
) -> None:
    """Say that a source has been read, and what it gave."""
    await conn.execute(LANDMARK, run_id, source)
    await conn.execute(
        INSERT, run_id, source, file_name, file_date, encoding, read, rejected, accepted, unidentified, held
    )
