"""What a run reads of SS 12000 servers, staged batch by batch until it is applied."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from chassis.postgres import Connection
from services.registry.db import bulk
from services.registry.sources.ss12000.delivery import Batch, Delivery, Reject
from services.registry.sources.ss12000.mapping import LAYOUT

MOST_REJECTS = 10_000  # kept per server and run; beyond, they are only counted

CLEAR = (
    "ss12000_readings",
    "staging_ss12000",
    "staging_ss12000_told",
    "staging_ss12000_absences",
    "ss12000_rejects",
)
READING = """
insert into ss12000_readings (run_id, server, kind, read_at, next_since, absences_until, counts, held)
values ($1, $2, $3, $4, $5, $6, $7, $8)
"""
FAILED = """
insert into ss12000_servers (server, failed, failed_at) values ($1, $2, $3)
on conflict (server) do update set failed = excluded.failed, failed_at = excluded.failed_at
"""
WELL_AGAIN = "update ss12000_servers set failed = null, failed_at = null where server = $1 and failed is not null"


async def clear(conn: Connection, run_id: UUID, server: str) -> None:
    """Forget what this run has read of a server: before it is read again, and when it could not be read."""
    for table in CLEAR:
        await bulk.execute(conn, f"delete from {table} where run_id = $1 and server = $2", run_id, server)  # noqa: S608
    await bulk.execute(
        conn, "delete from staging_rejected where run_id = $1 and source = $2", run_id, _source(server)
    )


async def stage(conn: Connection, run_id: UUID, server: str, batch: Batch, rejects_before: int) -> int:
    """COPY a batch into the staging tables; return how many of its rejects were kept."""
    whose = (run_id, server)
    await _copy(
        conn,
        "staging_ss12000",
        ("run_id", "server", "entity_id", *LAYOUT.stored),
        [(*whose, row.entity_id, *row.values) for row in batch.rows],
    )
    await _copy(
        conn,
        "staging_ss12000_told",
        ("run_id", "server", "entity_id", "told"),
        [(*whose, entity_id, told) for entity_id, told in batch.told],
    )
    await _copy(
        conn,
        "staging_ss12000_absences",
        ("run_id", "server", "entity_id", "from_day", "to_day", "offered_minutes", "invalid_minutes"),
        [
            (*whose, one.entity_id, one.from_day, one.to_day, one.offered_minutes, one.invalid_minutes)
            for one in batch.absences
        ],
    )
    await _copy(
        conn,
        "staging_rejected",
        ("run_id", "source", "person_number"),
        [(run_id, _source(server), number) for number in batch.unsure],
    )
    kept = batch.rejects[: max(0, MOST_REJECTS - rejects_before)]
    await _store_rejects(conn, run_id, server, kept)
    return len(kept)


async def finish(conn: Connection, run_id: UUID, delivery: Delivery, held: str | None) -> None:
    """A server has been read to its end. Only now does what was staged of it count."""
    await conn.execute(
        READING,
        run_id,
        delivery.server,
        delivery.kind,
        delivery.read_at,
        delivery.next_since,
        None if "/aggregatedAttendance" in delivery.counts.not_read else delivery.absences_until,
        delivery.counts.as_json(),
        held,
    )
    await conn.execute(WELL_AGAIN, delivery.server)


async def fail(conn: Connection, run_id: UUID, server: str, why: str, at: datetime) -> None:
    """A server could not be read: nothing of it counts, and what is known of its pupils stays."""
    await clear(conn, run_id, server)
    await conn.execute(FAILED, server, why, at)


async def clear_staging(conn: Connection) -> None:
    """Empty the staging tables: what has been applied, and what abandoned runs left."""
    for table in ("staging_ss12000", "staging_ss12000_told", "staging_ss12000_absences", "ss12000_readings"):
        await bulk.execute(conn, f"delete from {table}")  # noqa: S608 - our own names


async def _store_rejects(conn: Connection, run_id: UUID, server: str, rejects: Iterable[Reject]) -> None:
    await _copy(
        conn,
        "ss12000_rejects",
        ("run_id", "server", "entity", "row", "entity_id", "field", "reason", "kept"),
        [(run_id, server, one.entity, one.row, one.entity_id, one.field, one.reason, one.kept) for one in rejects],
    )


async def _copy(conn: Connection, table: str, columns: tuple[str, ...], rows: list[bulk.Row]) -> None:
    if rows:
        await bulk.copy(conn, table, columns, rows)


def _source(server: str) -> str:
    return f"ss12000:{server}"
