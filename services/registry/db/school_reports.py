"""School reports in SQL: those of a person, writing many, lists, lateness."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import asyncpg

from chassis.postgres import Connection
from contracts.school_reports import SchoolReportKind
from services.registry.domain.report_dedupe import Known
from services.registry.domain.school_reports import Pupil, SchoolReport, Told

# One at a time: the decision needs all that was told of a person. Milliseconds, and some thousands a year.
LOCK = "select pg_advisory_xact_lock(1515)"
PUPILS = """
select n.number, p.id as to_person, p.district, p.protection <> 'none' as protected, o.id as episode_id
from person_numbers n
join persons p on p.id = n.person_id and p.merged_into is null
left join episodes o on o.person_id = p.id and o.ended_on is null
where n.number = any($1::text[])
"""
# Also what waits for a person who has come since: it is about the same number.
KNOWN = """
select r.*, coalesce(r.person_number, w.person_number) as number
from school_reports r left join waiting_school_reports w on w.report_id = r.id
where r.person_id = any($1::uuid[]) or w.person_number = any($2::text[])
order by r.recorded_at, r.id
"""
INSERT = """
insert into school_reports (
    id, person_id, person_number, school_unit, kind, event_date, absence_from, absence_percent, reported_by,
    channel, received_on, first_told_on, times_told, superseded_by, superseded_at, recorded_at, recorded_by,
    matched_at
)
select id, person_id, case when person_id is not null then number end,
    school_unit, kind, event_date, absence_from, absence_percent, reported_by, $1,
    received_on, first_told_on, times_told, superseded_by,
    case when superseded_by is not null then $2::timestamptz end, $2, $3,
    case when person_id is not null then $2 end
from unnest($4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::date[], $9::date[], $10::int[], $11::text[],
    $12::date[], $13::date[], $14::int[], $15::uuid[], $16::text[]) as r (
    id, person_id, school_unit, kind, event_date, absence_from, absence_percent, reported_by,
    received_on, first_told_on, times_told, superseded_by, number)
"""
WAIT = """
insert into waiting_school_reports (report_id, person_number, forget_on)
select report_id, person_number, $3::date from unnest($1::uuid[], $2::text[]) as w (report_id, person_number)
"""
UPDATE = """
update school_reports r set first_told_on = k.first_told_on, times_told = k.times_told,
    superseded_by = k.superseded_by,
    superseded_at = case when k.superseded_by is null then null else coalesce(r.superseded_at, $1) end
from unnest($2::uuid[], $3::date[], $4::int[], $5::uuid[]) as k (id, first_told_on, times_told, superseded_by)
where r.id = k.id
"""
# Who is enrolled on the last day of a period of absence, as far as the sources tell.
ENROLLED = """
select distinct a.report_id
from unnest($1::uuid[], $2::uuid[], $3::date[]) as a (report_id, person_id, day)
join person_numbers n on n.person_id = a.person_id
join enrolments e on e.person_number = n.number
where e.known_until is null and e.kind <> 'compulsory' and e.starts_on <= a.day
    and (e.ends_on is null or a.day <= e.ends_on)
"""
REMEMBER = """
insert into school_report_requests (key, report_id, outcome, at) values ($1, $2, $3, $4)
"""
REMEMBERED = """
select q.outcome, r.*, coalesce(r.person_number, w.person_number) as number
from school_report_requests q
join school_reports r on r.id = q.report_id
left join waiting_school_reports w on w.report_id = r.id
where q.key = $1
"""
WITHDRAW = """
update school_reports set withdrawn_at = $2, withdrawn_by = $3, withdrawn_why = $4
where id = $1 and withdrawn_at is null
"""
# The number of a withdrawn report, and of those that it had put right, needs not be matched any more.
STOP_WAITING = """
with recursive chain as (
    select $1::uuid as id
    union
    select r.id from school_reports r join chain c on r.superseded_by = c.id
)
delete from waiting_school_reports where report_id in (select id from chain)
"""
# Which reports r stood at an instant $1, and tell of a start or a leaving: evidence, source `reports`.
STOOD = """
r.recorded_at <= $1 and r.matched_at <= $1 and (r.superseded_at is null or r.superseded_at > $1)
    and (r.withdrawn_at is null or r.withdrawn_at > $1) and r.kind <> 'invalid_absence'
"""
STANDING = f"""
select r.person_id, r.id, r.school_unit, r.kind, r.event_date, r.absence_from, r.absence_percent, r.received_on,
    greatest(r.recorded_at, r.matched_at) as known_since
from school_reports r where r.person_id = any($2::uuid[]) and {STOOD}
order by r.person_id, r.event_date, r.id
"""  # noqa: S608 - a constant
# Of whom something was told, put right, withdrawn or matched since: to be decided anew by the next run.
TOLD_SINCE = """
select distinct person_id from school_reports
where person_id is not null and kind <> 'invalid_absence'
    and greatest(recorded_at, matched_at, superseded_at, withdrawn_at) >= $1
"""
_VIEW = """
select r.*, w.person_number as waiting_number, p.district, coalesce(p.protection <> 'none', false) as protected
from school_reports r
left join persons p on p.id = r.person_id
left join waiting_school_reports w on w.report_id = r.id
"""
GET = f"{_VIEW} where r.id = $1"
OF_PERSON = f"{_VIEW} where r.person_id = $1 order by r.event_date desc, r.recorded_at desc, r.id"
# $1, $2 before; $3 limit; $4 school unit; $5 kind; $6 matched; $7 own district codes; $8 sees unprotected;
# $9 knows of protected; $10 opens protected. As in the list of youths: a filter would tell of a protected
# youth what is masked. Who waits is in no district: seen by who is limited to none.
PAGE = f"""
{_VIEW}
where ($1::timestamptz is null or (r.recorded_at, r.id) < ($1, $2))
    and ($4::text is null or r.school_unit = $4)
    and ($5::text is null or r.kind = $5)
    and ($6::boolean is null or (r.person_id is not null) = $6)
    and case
        when r.person_id is null then $8::boolean and $7::text[] is null
        when p.protection = 'none' then $8 and ($7 is null or p.district = any($7))
        else $10::boolean or ($9::boolean and $4 is null and $5 is null) end
order by r.recorded_at desc, r.id desc limit $3
"""
# Days from the event to the day on which the school first told of it; told ahead is 0 days. Of a protected
# identity the school is masked also in small figures.
_COUNTED = """
from school_reports r left join persons p on p.id = r.person_id
where r.superseded_by is null and r.withdrawn_at is null and coalesce(p.protection, 'none') = 'none'
"""
_DAYS = "greatest(r.first_told_on - r.event_date, 0)"
# percentile_disc gives a number of days that occurred: so many reports, or more, had come within it. What was
# deleted still counts: $1 and $2 are the first and the last day of months.
LATENESS = f"""
with told as (
    select r.school_unit, {_DAYS} as days {_COUNTED}
        and r.first_told_on between $1 and $2 and ($3::text is null or r.kind = $3)
    union all
    select n.school_unit, n.days from lateness_of_nobody n, generate_series(1, n.reports)
    where n.month between $1 and $2 and ($3::text is null or n.kind = $3)
)
select school_unit, count(*) as reports,
    percentile_disc(0.5) within group (order by days) as median_days,
    percentile_disc(0.9) within group (order by days) as p90_days,
    max(days) as max_days, count(*) filter (where days > $4) as late
from told group by school_unit order by school_unit
"""  # noqa: S608 - constants, as below
# $1 the persons who are about to be deleted, and their reports with them.
LEAVE_LATENESS = f"""
insert into lateness_of_nobody as n (school_unit, kind, month, days, reports)
select r.school_unit, r.kind, date_trunc('month', r.first_told_on)::date, {_DAYS}, count(*) {_COUNTED}
    and r.person_id = any($1::uuid[])
group by 1, 2, 3, 4
on conflict (school_unit, kind, month, days) do update set reports = n.reports + excluded.reports
"""


def known(row: asyncpg.Record) -> Known:
    return Known(
        report_id=row["id"],
        told=told(row),
        received_on=row["received_on"],
        first_told_on=row["first_told_on"],
        times_told=row["times_told"],
        superseded_by=row["superseded_by"],
        withdrawn=row["withdrawn_at"] is not None,
    )


def pupil(row: asyncpg.Record) -> Pupil:
    return Pupil(row["to_person"], row["district"], row["protected"], row["episode_id"])


def told(row: asyncpg.Record) -> Told:
    return Told(
        row["school_unit"],
        SchoolReportKind(row["kind"]),
        row["event_date"],
        row["absence_from"],
        row["absence_percent"],
    )


async def update(conn: Connection, changed: Sequence[Known], at: datetime) -> None:
    """Write what became of reports that we have."""
    await conn.execute(
        UPDATE,
        at,
        [one.report_id for one in changed],
        [one.first_told_on for one in changed],
        [one.times_told for one in changed],
        [one.superseded_by for one in changed],
    )


async def reports_for(
    conn: Connection, person_ids: Sequence[UUID], known_at: datetime
) -> dict[UUID, list[SchoolReport]]:
    """Return by person the reports that stand and tell of a start or a leaving, as known at an instant: a
    correction or withdrawal that came later is not in it."""
    found: dict[UUID, list[SchoolReport]] = {}
    rows = await conn.fetch(STANDING, known_at, person_ids)
    for row in rows:
        report = SchoolReport(row["id"], told(row), row["received_on"], row["known_since"])
        found.setdefault(row["person_id"], []).append(report)
    return found


async def lateness(
    conn: Connection, first: date, last: date, kind: SchoolReportKind | None, late_after_days: int
) -> list[asyncpg.Record]:
    """Return per school unit how late it told, of what was first told from a month's first day to one's last."""
    rows: list[asyncpg.Record] = await conn.fetch(LATENESS, first, last, kind, late_after_days)
    return rows
