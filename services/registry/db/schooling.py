"""Merging placements, enrolments and exams of persons we know; of others nothing is kept (2006:39, 3 §).

A whole file replaces what we had; of a file that is not whole, rows are added and changed only. What
we knew of a person with a rejected row stays in either case.
"""

from datetime import date
from uuid import UUID

from chassis.postgres import Connection
from contracts.registry_activities import Source
from services.registry.db import bulk

FORGET_ENROLMENTS = """
delete from enrolments e
where e.source = $2
    and not exists (
        select from {staging} s
        where s.run_id = $1 and s.person_number = e.person_number and s.school_unit = e.school_unit
            and s.kind = e.kind and s.starts_on = e.starts_on
    )
    and not exists (
        select from staging_rejected r
        where r.run_id = $1 and r.source = $2 and r.person_number = e.person_number
    )
"""
WRITE_ENROLMENTS = """
insert into enrolments (
    source, person_number, school_unit, kind, programme, starts_on, ends_on, end_kind, compulsory_completed_on,
    phone, email, file_date
)
select $2, s.person_number, s.school_unit, s.kind, s.programme, s.starts_on, s.ends_on, s.end_kind,
    s.compulsory_completed_on, s.phone, s.email, $3
from {staging} s join person_numbers n on n.number = s.person_number
where s.run_id = $1
on conflict (person_number, source, school_unit, kind, starts_on) do update set
    programme = excluded.programme, ends_on = excluded.ends_on, end_kind = excluded.end_kind,
    compulsory_completed_on = excluded.compulsory_completed_on, phone = excluded.phone, email = excluded.email,
    file_date = excluded.file_date
"""
FORGET_EXAMS = """
delete from exams e
where not exists (
        select from staging_exams s
        where s.run_id = $1 and s.person_number = e.person_number and s.kind = e.kind
            and s.issued_on = e.issued_on
    )
    and not exists (
        select from staging_rejected r
        where r.run_id = $1 and r.source = 'exams' and r.person_number = e.person_number
    )
"""
WRITE_EXAMS = """
insert into exams (person_number, kind, issued_on, file_date)
select s.person_number, s.kind, s.issued_on, $2
from staging_exams s join person_numbers n on n.number = s.person_number
where s.run_id = $1
on conflict (person_number, kind, issued_on) do update set file_date = excluded.file_date
"""


async def merge_enrolments(conn: Connection, run_id: UUID, source: Source, file_date: date, whole: bool) -> None:
    staging = {Source.PLACEMENTS: "staging_placements", Source.SCHOOLS: "staging_schools"}[source]
    if whole:
        await bulk.execute(conn, FORGET_ENROLMENTS.format(staging=staging), run_id, source)
    await bulk.execute(conn, WRITE_ENROLMENTS.format(staging=staging), run_id, source, file_date)


async def merge_exams(conn: Connection, run_id: UUID, file_date: date, whole: bool) -> None:
    if whole:
        await bulk.execute(conn, FORGET_EXAMS, run_id)
    await bulk.execute(conn, WRITE_EXAMS, run_id, file_date)
