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
INSERT = """
insert into source_loads
    (run_id, source, file_name, file_date, encoding, read, rejected, accepted, unidentified, held)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""


async def clear(conn: Connection, run_id: UUID, source: Source) -> None:
    """Forget an earlier attempt at reading this source in this run."""
    for table in ("source_loads", "rejects", "staging_rejected"):
        await bulk.execute(conn, f"delete from {table} where run_id = $1 and source = $2", run_id, source)  # noqa: S608
    await bulk.execute(conn, f"delete from {STAGING[source]} where run_id = $1", run_id)  # noqa: S608


async def clear_staging(conn: Connection) -> None:
    """Empty the staging tables: what has been applied, and what abandoned runs left."""
    for table in (*STAGING.values(), "staging_rejected"):
        await bulk.execute(conn, f"delete from {table}")  # noqa: S608 - our own names


async def stage(conn: Connection, source: Source, rows: AsyncIterable[bulk.Row]) -> None:
    """COPY rows (run id, row number, record) into the source's staging table."""
    await bulk.copy(conn, STAGING[source], ("run_id", "row", *LAYOUTS[source].stored), rows)


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
    await conn.execute(
        INSERT, run_id, source, file_name, file_date, encoding, read, rejected, accepted, unidentified, held
    )
