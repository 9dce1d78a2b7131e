"""Sync runs: at most one is open, and one that nobody touches is abandoned."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import asyncpg

from chassis.postgres import Connection
from contracts.registry_activities import Source, SourceReport, SyncReport
from services.registry.db import bulk

# Real time, not civil: how long a worker may be away before another run may begin.
UNTOUCHED = "15 minutes"

ABANDON_UNTOUCHED = f"""
update sync_runs set state = 'abandoned'
where state in ('requested', 'running') and touched_at < now() - interval '{UNTOUCHED}'
"""  # noqa: S608 - a constant
ABANDON = "update sync_runs set state = 'abandoned' where run_id = $1 and state in ('requested', 'running')"
OPEN_RUN = """
select run_id, workflow_id, touched_at < now() - interval '30 seconds' as quiet
from sync_runs where state in ('requested', 'running')
"""
INSERT = """
insert into sync_runs (run_id, as_of, requested_by, accept_shrunk, workflow_id, state, started_at)
values ($1, $2, $3, $4, $5, $6, $7)
"""
START = """
update sync_runs set state = 'running', workflow_id = $2, touched_at = now()
where run_id = $1 and state in ('requested', 'running') returning as_of
"""
TOUCH = "update sync_runs set touched_at = now() where run_id = $1"
GET = "select * from sync_runs where run_id = $1"
LIST = """
select * from sync_runs
where $1::timestamptz is null or (started_at, run_id) < ($1, $2)
order by started_at desc, run_id desc limit $3
"""
LOADS = """
select run_id, source, file_name, file_date, encoding, read, rejected, accepted, unidentified, held
from source_loads where run_id = any($1::uuid[])
"""
FINISH = "update sync_runs set state = 'done', finished_at = $2, report = $3, touched_at = now() where run_id = $1"
REJECTS = """
select id, source, row, field, reason, kept from rejects
where run_id = $1 and id > $2 and ($3::text is null or source = $3) order by id limit $4
"""
# The accepted rows of the last run that finished and in which the source was good, since when it is known, and
# the day of its file.
LAST_GOOD = """
select distinct on (source) source, accepted, finished_at, file_date
from source_loads join sync_runs using (run_id)
where state = 'done' and held is null and run_id <> $1
order by source, started_at desc
"""


class RunOpen(Exception):
    """Another run is under way. ``quiet`` when nobody has touched it for a while."""

    def __init__(self, run_id: UUID, workflow_id: str | None, quiet: bool = False) -> None:
        super().__init__(str(run_id))
        self.run_id, self.workflow_id, self.quiet = run_id, workflow_id, quiet


async def open_run(
    conn: Connection,
    *,
    run_id: UUID,
    as_of: date,
    requested_by: str,
    accept_shrunk: Sequence[Source],
    workflow_id: str | None,
    state: str,
    at: datetime,
) -> None:
    """Insert a run. Raises RunOpen when another is under way."""
    await conn.execute(ABANDON_UNTOUCHED)
    other = await conn.fetchrow(OPEN_RUN)
    if other is not None:
        raise RunOpen(other["run_id"], other["workflow_id"], other["quiet"])
    accepted = [str(source) for source in accept_shrunk]
    try:
        await conn.execute(INSERT, run_id, as_of, requested_by, accepted, workflow_id, state, at)
    except asyncpg.UniqueViolationError:  # two at the same moment
        raise RunOpen(run_id, None) from None


async def last_good(conn: Connection, run_id: UUID) -> dict[Source, asyncpg.Record]:
    """Return the last good load of each source before ``run_id``."""
    return {Source(row["source"]): row for row in await conn.fetch(LAST_GOOD, run_id)}


async def source_reports(conn: Connection, run_id: UUID) -> tuple[SourceReport, ...]:
    """Return what a run read, in the order of `Source`."""
    rows = {row["source"]: row for row in await conn.fetch(LOADS, [run_id])}
    return tuple(source_report(rows[source]) for source in Source if source in rows)


def source_report(row: asyncpg.Record) -> SourceReport:
    return SourceReport(
        source=Source(row["source"]),
        read=row["read"],
        rejected=row["rejected"],
        accepted=row["accepted"],
        held=row["held"],
    )


async def finish(conn: Connection, report: SyncReport) -> None:
    await bulk.execute(conn, FINISH, report.run_id, report.finished_at, report.model_dump(mode="json"))
