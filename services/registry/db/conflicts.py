"""Conflicts in SQL: of whom sources may disagree, what each says, and the list for the superuser."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from chassis.postgres import Connection
from contracts.registry_activities import Source
from services.registry.db import bulk, school_reports
from services.registry.db.evidence import NOW
from services.registry.domain.conflicts import Conflict, FromFeed, Patience, Sourced
from services.registry.domain.facts import (
    EVIDENCE_SOURCES,
    EndKind,
    Enrolment,
    EnrolmentKind,
    Exam,
    ExamKind,
    SchoolSource,
    Statement,
    Status,
)
from services.registry.domain.manual import Denial, MovedAway

STILL_NEWS = timedelta(days=30)  # beyond any patience with the extract, Navet's word is no news

# Looser than the rules: of these the pure module decides. $1 as of, $2 last day on which a report is old enough,
# $3 the same of an exam, $4 since when Navet's word is news. Time alone opens a conflict, and never closes one:
# who has one is looked at again when something new is told of them.
CANDIDATES = """
select n.person_id
from (select distinct person_id from affected) a
join person_numbers n on n.person_id = a.person_id
join enrolments e on e.person_number = n.number and e.known_until is null
group by n.person_id, e.school_unit, e.kind
having min(e.source || e.feed) <> max(e.source || e.feed)
    and min(coalesce(e.ends_on, 'infinity')) <> max(coalesce(e.ends_on, 'infinity'))
union
select r.person_id
from school_reports r
join person_numbers n on n.person_id = r.person_id
join enrolments e on e.person_number = n.number and e.known_until is null and e.school_unit = r.school_unit
where r.kind in ('dropout', 'moved_school') and r.received_on <= $2 and r.superseded_at is null
    and r.withdrawn_at is null and e.starts_on <= r.event_date and (e.ends_on is null or e.ends_on > r.event_date)
union
select n.person_id
from enrolments e join person_numbers n on n.number = e.person_number
where e.known_until is null and e.end_kind = 'exam' and e.ends_on <= $3 and not exists (
    select from person_numbers m join exams x on x.person_number = m.number and x.known_until is null
    where m.person_id = n.person_id and x.kind = 'gymnasieexamen' and x.feed not like 'manual:%'
) and not exists (
    select from conflicts c
    where c.person_id = n.person_id and c.kind = 'exam_not_registered' and c.closed_at is null
        and c.said @> jsonb_build_array(
            jsonb_build_array('school_unit', e.school_unit), jsonb_build_array('kind', e.kind)
        )
)
union
select p.id
from affected a
join persons p on p.id = a.person_id and p.status <> 'active'
join person_numbers n on n.person_id = p.id
join enrolments e on e.person_number = n.number and e.known_until is null
where e.starts_on > coalesce(p.status_date, p.file_date) and e.starts_on <= $1
union select person_id from two_lines
union select person_id from population_statements where from_navet and known_from > $4
union
select c.person_id from conflicts c
where c.closed_at is null
    and (c.kind = 'two_numbers_in_force' or c.person_id in (select person_id from affected))
union
select n.person_id from manual_entries m join person_numbers n on n.number = m.person_number
where m.withdrawn_at is null
"""
STATEMENTS = """
select s.person_id, s.file_date, s.municipality, s.status, s.status_date, s.immigrated_on, s.moved_in_on, s.absent,
    s.known_from, s.from_navet
from population_statements s join persons p on p.id = s.person_id and p.merged_into is null
where s.person_id = any($1::uuid[]) order by s.id
"""
ENROLMENTS = """
select n.person_id, e.source, e.feed, e.file_date, e.kind, e.starts_on, e.ends_on, e.end_kind, e.school_unit,
    e.known_from
from person_numbers n join enrolments e on e.person_number = n.number and e.known_until is null
where n.person_id = any($1::uuid[]) order by e.starts_on, e.id
"""
EXAMS = """
select n.person_id, x.file_date, x.kind, x.issued_on, x.known_from, x.feed
from person_numbers n join exams x on x.person_number = n.number and x.known_until is null
where n.person_id = any($1::uuid[])
"""
DENIALS = """
select n.person_id, d.school_unit, d.ends_on, d.file_date, d.known_from
from person_numbers n join enrolment_denials d on d.person_number = n.number and d.known_until is null
where n.person_id = any($1::uuid[])
"""
MOVED_AWAY = """
select n.person_id, m.on_day, m.municipality, m.recorded_at
from person_numbers n join manual_entries m on m.person_number = n.number
where n.person_id = any($1::uuid[]) and m.fact = 'moved_away' and m.withdrawn_at is null
"""
TWO_LINES = "select person_id from two_lines where person_id = any($1::uuid[])"

STANDING = """
select id, person_id, kind, said from conflicts where closed_at is null and person_id = any($1::uuid[])
"""
CLOSE = "update conflicts set closed_at = $2, closed_by = $3 where id = any($1::uuid[])"
OPEN = """
insert into conflicts (person_id, kind, sources, said, rule, known_from, opened_at, opened_by)
values ($1, $2, $3, $4, $5, $6, $7, $8)
"""
COUNT_OPEN = "select count(*) from conflicts where closed_at is null and settled_at is null"

_VIEW = """
select c.*, p.protection <> 'none' as protected, p.district
from conflicts c join persons p on p.id = c.person_id
"""
# $1, $2 before; $3 limit; $4 kind; $5 open; $6 opens protected. A filter by kind would tell what is masked.
PAGE = f"""
{_VIEW}
where ($1::timestamptz is null or (c.opened_at, c.id) < ($1, $2))
    and ($4::text is null or c.kind = $4 and (p.protection = 'none' or $6::boolean))
    and ($5::boolean is null or (c.closed_at is null and c.settled_at is null) = $5)
order by c.opened_at desc, c.id desc limit $3
"""
GET = f"{_VIEW} where c.id = $1 for update of c"
SETTLE = "update conflicts set settled_at = $2, settled_by = $3, settled_why = $4 where id = $1"


async def candidates(conn: Connection, as_of: date, at: datetime, patience: Patience) -> list[UUID]:
    """Return of whom sources may disagree. To be called in a run, when all is merged."""
    rows = await bulk.fetch(
        conn,
        CANDIDATES,
        as_of,
        as_of - timedelta(days=patience.register),
        as_of - timedelta(days=patience.exams),
        at - STILL_NEWS,
    )
    return [row["person_id"] for row in rows]


async def sourced(conn: Connection, ids: Sequence[UUID]) -> dict[UUID, Sourced]:
    """Return what each source says of persons; of those who are merged into another nothing."""
    statements = _by_person(
        await bulk.fetch(conn, STATEMENTS, ids), lambda row: (row["from_navet"], _statement(row))
    )
    enrolments = _by_person(await bulk.fetch(conn, ENROLMENTS, ids), _enrolment)
    exams = _by_person(await bulk.fetch(conn, EXAMS, ids), _exam)
    denials = _by_person(await bulk.fetch(conn, DENIALS, ids), _denial)
    moved_away = _by_person(await bulk.fetch(conn, MOVED_AWAY, ids), _moved_away)
    two_lines = {row["person_id"] for row in await bulk.fetch(conn, TWO_LINES, ids)}
    reports = await school_reports.reports_for(conn, ids, NOW)
    return {
        one: Sourced(
            said,
            enrolments=enrolments.get(one, ()),
            reports=tuple(reports.get(one, ())),
            exams=exams.get(one, ()),
            denials=denials.get(one, ()),
            moved_away=moved_away.get(one, ()),
            two_lines=one in two_lines,
        )
        for one, said in statements.items()
    }


async def open_all(conn: Connection, run_id: UUID, at: datetime, found: Iterable[tuple[UUID, Conflict]]) -> None:
    """Open conflicts."""
    rows = [
        (
            person,
            one.kind,
            list(one.sources),
            [list(pair) for pair in one.said],
            one.rule,
            one.known_from,
            at,
            run_id,
        )
        for person, one in found
    ]
    await conn.executemany(OPEN, rows)


def _by_person(rows: Iterable[Any], read: Any) -> dict[UUID, tuple[Any, ...]]:
    found: defaultdict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        found[row["person_id"]].append(read(row))
    return {person: tuple(items) for person, items in found.items()}


def _statement(row: Any) -> Statement:
    return Statement(
        file_date=row["file_date"],
        municipality=row["municipality"],
        status=Status(row["status"]),
        status_date=row["status_date"],
        immigrated_on=row["immigrated_on"],
        moved_in_on=row["moved_in_on"],
        absent=row["absent"],
        known_from=row["known_from"],
    )


def _enrolment(row: Any) -> FromFeed:
    one_feed = row["feed"] == "file" or row["source"] == SchoolSource.MANUAL  # else one of several servers
    feed = row["source"] if one_feed else row["feed"]
    return FromFeed(
        feed,
        Enrolment(
            source=EVIDENCE_SOURCES[row["source"]],
            file_date=row["file_date"],
            kind=EnrolmentKind(row["kind"]),
            starts_on=row["starts_on"],
            ends_on=row["ends_on"],
            end_kind=None if row["end_kind"] is None else EndKind(row["end_kind"]),
            school_unit=row["school_unit"],
            known_from=row["known_from"],
        ),
    )


def _exam(row: Any) -> Exam:
    source = SchoolSource.MANUAL if row["feed"].startswith("manual:") else Source.EXAMS
    return Exam(row["file_date"], ExamKind(row["kind"]), row["issued_on"], row["known_from"], source)


def _denial(row: Any) -> Denial:
    return Denial(row["school_unit"], row["ends_on"], row["file_date"], row["known_from"])


def _moved_away(row: Any) -> MovedAway:
    return MovedAway(row["on_day"], row["municipality"], row["recorded_at"])
