"""What schools tell besides in files, within the transaction of a run: their data APIs, and their reports."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from chassis.postgres import Connection
from contracts.school_reports import SchoolReportKind
from services.registry import school_reports
from services.registry.db import bulk, ss12000_merge, ss12000_staging, ss12000_state
from services.registry.db import school_reports as db
from services.registry.domain.person_number import parse
from services.registry.domain.school_reports import Channel, Reporter, Told
from services.registry.school_reports import Sender, Submission
from services.registry.waiting_reports import match_waiting

BY_THE_RUN = Sender("registry", "service", Channel.API)
UNDER_WAY = timedelta(days=1)  # a report that was being written when the last run looked
LAST_RUN = "select max(started_at) from sync_runs where state = 'done'"
WHOLE_UNTIL = """
select min(coalesce(whole_on + 1, date '0001-01-02')::timestamp at time zone 'Europe/Stockholm')
from ss12000_servers
"""
EARLIEST = datetime(1, 1, 2, tzinfo=UTC)


async def merge(conn: Connection, run_id: UUID, at: datetime, *, waiting_days: int) -> None:
    """Merge what servers told, match reports that waited for their person, and say whom it concerns.

    To be called when the population has been matched; adds to the temporary table ``affected``.
    """
    await ss12000_merge.merge(conn, run_id, at)
    await conn.execute(db.LOCK)
    await match_waiting(conn, at)
    absences = [_report(one, at) for one in await ss12000_state.absences(conn, run_id)]
    await school_reports.take_in(conn, absences, BY_THE_RUN, at, waiting_days=waiting_days)
    await ss12000_staging.clear_staging(conn)
    since = await conn.fetchval(LAST_RUN)
    told = EARLIEST if since is None else since - UNDER_WAY
    await bulk.execute(conn, f"insert into affected {db.TOLD_SINCE}", told)


async def servers_known_until(conn: Connection) -> datetime | None:
    """Return until when every server has told of everybody: in between it tells of changes, and a newcomer's
    schooling there is none. None when there is no server."""
    known_until: datetime | None = await conn.fetchval(WHOLE_UNTIL)
    return known_until


def _report(one: ss12000_state.AbsenceReport, at: datetime) -> Submission:
    """A considerable absence that a server's figures show, as the school would have reported it."""
    told = Told(
        school_unit=one.school_unit,
        kind=SchoolReportKind.INVALID_ABSENCE,
        event_date=one.to_day,
        absence_from=one.from_day,
        absence_percent=max(1, round(100 * one.invalid_minutes / one.offered_minutes)),
    )
    return Submission(parse(one.person_number), told, Reporter.SYSTEM, at.date())
