"""How far SS 12000 servers have been read, and which rows of ours their entities stand behind."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from chassis.postgres import Connection
from services.registry.db import bulk
from services.registry.sources.ss12000.plan import Progress

PROGRESS = "select server, whole_on, whole_rows, since, absences_until from ss12000_servers"

ADD_SERVERS = """
insert into ss12000_servers (server) select server from ss12000_readings where run_id = $1 on conflict do nothing
"""
# A held reading takes nothing away; of an entity that was not wholly understood nothing is taken away.
FORGET = """
create temporary table ss12000_forgotten on commit drop as
with forgotten as (
    delete from ss12000_rows r using ss12000_readings d
    where d.run_id = $1 and d.server = r.server and d.held is null
        and not exists (
            select from staging_ss12000_told t
            where t.run_id = $1 and t.server = r.server and t.entity_id = r.entity_id and t.told = 'kept'
        )
        and (
            d.kind = 'whole' or exists (
                select from staging_ss12000_told t
                where t.run_id = $1 and t.server = r.server and t.entity_id = r.entity_id
            )
        )
        and not exists (
            select from staging_ss12000 s
            where s.run_id = $1 and s.server = r.server and s.entity_id = r.entity_id
                and s.person_number = r.person_number and s.school_unit = r.school_unit and s.kind = r.kind
                and s.starts_on = r.starts_on
        )
    returning r.person_number, r.school_unit, r.kind, r.starts_on
)
select distinct person_number, school_unit, kind, starts_on from forgotten
"""
REMEMBER = """
insert into ss12000_rows (server, entity_id, person_number, school_unit, kind, starts_on)
select s.server, s.entity_id, s.person_number, s.school_unit, s.kind, s.starts_on
from staging_ss12000 s
    join ss12000_readings d using (run_id, server)
    join person_numbers n on n.number = s.person_number
where s.run_id = $1
on conflict (server, entity_id, school_unit, kind, starts_on) do update set person_number = excluded.person_number
where ss12000_rows.person_number <> excluded.person_number
"""
# Another entity, or another server, may still tell of the same enrolment.
REMOVED = """
select f.person_number, f.school_unit, f.kind, f.starts_on from ss12000_forgotten f
where not exists (
    select from ss12000_rows r
    where r.person_number = f.person_number and r.school_unit = f.school_unit and r.kind = f.kind
        and r.starts_on = f.starts_on
)
order by f.person_number, f.school_unit, f.kind, f.starts_on
"""
# A whole reading that is held must be made again: the server stays where it was.
ADVANCE = """
update ss12000_servers p set
    whole_on = case
        when d.kind = 'whole' then (d.read_at at time zone 'Europe/Stockholm')::date else p.whole_on
    end,
    whole_rows = case when d.kind = 'whole' then (d.counts ->> 'rows')::int else p.whole_rows end,
    since = d.next_since,
    absences_until = coalesce(d.absences_until, p.absences_until),
    read_at = d.read_at, counts = d.counts, held = null
from ss12000_readings d
where d.run_id = $1 and d.server = p.server and d.held is null
"""
TELL_HELD = """
update ss12000_servers p set held = d.held
from ss12000_readings d where d.run_id = $1 and d.server = p.server and d.held is not null
"""
# Of pupils whom we know; at the school where they were in that period, or last.
ABSENCES = """
select distinct on (a.server, a.entity_id)
    a.server, a.entity_id, n.person_id, r.person_number, r.school_unit, a.from_day, a.to_day, a.offered_minutes,
    a.invalid_minutes
from staging_ss12000_absences a
    join ss12000_readings d using (run_id, server)
    join ss12000_rows r on r.server = a.server and r.entity_id = a.entity_id and r.starts_on <= a.to_day
    join person_numbers n on n.number = r.person_number
where a.run_id = $1
order by a.server, a.entity_id, r.starts_on desc, r.kind
"""


class RowKey(NamedTuple):
    """What an enrolment is known by, beside its source."""

    person_number: str
    school_unit: str
    kind: str
    starts_on: date


class AbsenceReport(NamedTuple):
    """Considerable absence (15 kap. 15 §) of a person we know. Days inclusive; ``school_unit`` eight digits."""

    server: str
    entity_id: UUID
    person_id: UUID
    person_number: str
    school_unit: str
    from_day: date
    to_day: date
    offered_minutes: int
    invalid_minutes: int


@dataclass(frozen=True, slots=True)
class ServerProgress:
    progress: Progress
    whole_rows: int | None


async def progress(conn: Connection) -> dict[str, ServerProgress]:
    """Return how far each server has been read and applied."""
    return {
        row["server"]: ServerProgress(
            Progress(row["whole_on"], row["since"], row["absences_until"]), row["whole_rows"]
        )
        for row in await conn.fetch(PROGRESS)
    }


async def apply(conn: Connection, run_id: UUID) -> list[RowKey]:
    """Take over what a run has read, in the transaction in which the rows of ``ss12000_staged`` are merged.

    To be called after the population has been matched. Returns the enrolments of which no server tells any more.
    """
    await bulk.execute(conn, ADD_SERVERS, run_id)
    await bulk.execute(conn, FORGET, run_id)
    await bulk.execute(conn, REMEMBER, run_id)
    await bulk.execute(conn, ADVANCE, run_id)
    await bulk.execute(conn, TELL_HELD, run_id)
    removed = [RowKey(*row) for row in await bulk.fetch(conn, REMOVED)]
    await bulk.execute(conn, "drop table ss12000_forgotten")
    return removed


async def absences(conn: Connection, run_id: UUID) -> list[AbsenceReport]:
    """Return a run's reports of considerable absence; after `apply`."""
    return [AbsenceReport(*row) for row in await bulk.fetch(conn, ABSENCES, run_id)]


async def clear_staging(conn: Connection) -> None:
    """Empty the staging tables: what has been applied, and what abandoned runs left."""
    for table in ("staging_ss12000", "staging_ss12000_told", "staging_ss12000_absences", "ss12000_readings"):
        await bulk.execute(conn, f"delete from {table}")  # noqa: S608 - our own names
