"""Merging what SS 12000 servers told: each server is a feed of its own within the schools' enrolments.

As with files (`db.schooling`), nothing is overwritten: a version that is not told any more is closed, and
another begins. What is not told any more is known by the rows that a server's entities stood behind.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.postgres import Connection
from services.registry.db import bulk

_SAME_ROW = """
e.source = 'schools' and e.feed = s.feed and e.known_until is null and e.person_number = s.person_number
    and e.school_unit = s.school_unit and e.kind = s.kind and e.starts_on = s.starts_on
"""
_CONTENT = ("programme", "ends_on", "end_kind", "compulsory_completed_on", "phone", "email")
_E_CONTENT, _S_CONTENT = (", ".join(f"{one}.{name}" for name in _CONTENT) for one in "es")
_COLUMNS = ", ".join(("feed", "person_number", "school_unit", "kind", "starts_on", *_CONTENT))
_AFFECTED = (
    "insert into affected select n.person_id from {0} join person_numbers n on n.number = {0}.person_number"
)

CLOSE_CHANGED = f"""
with closed as (
    update enrolments e set known_until = $2 from ss12000_staged s
    where s.run_id = $1 and {_SAME_ROW} and ({_E_CONTENT}) is distinct from ({_S_CONTENT})
    returning e.person_number
)
{_AFFECTED.format("closed")}
"""  # noqa: S608 - constants
ADD = f"""
with added as (
    insert into enrolments ({_COLUMNS}, source, file_date, known_from)
    select {", ".join(f"s.{name}" for name in _COLUMNS.split(", "))}, 'schools', s.file_date, $2
    from ss12000_staged s join person_numbers n on n.number = s.person_number
    where s.run_id = $1 and not exists (select from enrolments e where {_SAME_ROW})
    returning person_number
)
{_AFFECTED.format("added")}
"""  # noqa: S608

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
    returning r.server, r.person_number, r.school_unit, r.kind, r.starts_on
)
select distinct server, person_number, school_unit, kind, starts_on from forgotten
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
# Another entity of the server may still tell of the same enrolment.
CLOSE_REMOVED = """
with closed as (
    update enrolments e set known_until = $1 from ss12000_forgotten f
    where e.source = 'schools' and e.feed = 'ss12000:' || f.server and e.known_until is null
        and e.person_number = f.person_number and e.school_unit = f.school_unit and e.kind = f.kind
        and e.starts_on = f.starts_on
        and not exists (
            select from ss12000_rows r
            where r.server = f.server and r.person_number = f.person_number and r.school_unit = f.school_unit
                and r.kind = f.kind and r.starts_on = f.starts_on
        )
    returning e.person_number
)
insert into affected select n.person_id from closed join person_numbers n on n.number = closed.person_number
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


@dataclass(frozen=True, slots=True)
class Merged:
    """How many enrolments of persons we know were told anew or otherwise (versions begun), and told no more."""

    begun: int
    removed: int


async def merge(conn: Connection, run_id: UUID, known_from: datetime) -> Merged:
    """Bring the enrolments up to what a run has read of servers, and the servers' state with them.

    To be called when the population has been matched; adds whom it concerns to the temporary table
    ``affected``. Without a finished reading in the run it does nothing.
    """
    await bulk.execute(conn, ADD_SERVERS, run_id)
    await bulk.execute(conn, CLOSE_CHANGED, run_id, known_from)
    begun = await bulk.execute(conn, ADD, run_id, known_from)
    await bulk.execute(conn, FORGET, run_id)
    await bulk.execute(conn, REMEMBER, run_id)
    removed = await bulk.execute(conn, CLOSE_REMOVED, known_from)
    await bulk.execute(conn, ADVANCE, run_id)
    await bulk.execute(conn, TELL_HELD, run_id)
    await bulk.execute(conn, "drop table ss12000_forgotten")
    return Merged(begun, removed)
