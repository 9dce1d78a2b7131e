"""Gathering what is (or was) known of persons, in one query: for a sync and for a question alike.

``$1`` is the instant of knowledge: what came later is left out. `NOW` asks for what is known at present.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import asyncpg

from chassis.postgres import Connection
from contracts.reasons import Sex, SpecialTrack
from contracts.school_reports import SchoolReportKind
from services.registry.db import periods
from services.registry.db.school_reports import STOOD
from services.registry.domain.episodes import OpenEpisode, Person
from services.registry.domain.facts import (
    EVIDENCE_SOURCES,
    EndKind,
    Enrolment,
    EnrolmentKind,
    Exam,
    ExamKind,
    PersonFacts,
    Protection,
    Statement,
    Status,
)
from services.registry.domain.manual import Denial, with_manual
from services.registry.domain.school_reports import SchoolReport, Told, with_reports
from services.registry.domain.timeline import Period

NOW = datetime.max.replace(tzinfo=UTC)
# Aggregated once and joined, not looked up person by person: in a first run the tables have no statistics
# yet, and the planner would read them from end to end for each person.
#
# Numbers that came by a merge belong to the other person before it, and again after a split. Whose they were:
# of the merges that were not taken back by then, the last one that had been made tells, else the first to come.
EVIDENCE = """
with who as materialized ({who}), moved as materialized (
    select distinct on (number) number,
        case when m.known_from <= $1 then m.into_id else m.person_id end as person_id
    from person_merges m, unnest(m.numbers) as number
    where (m.split_at is null or m.split_at > $1)
        and (m.person_id in (select person_id from who) or m.into_id in (select person_id from who))
    order by number, case when m.known_from <= $1 then m.id else -m.id end desc
), numbers as materialized (
    select n.person_id, n.number from who join person_numbers n on n.person_id = who.person_id
    where not exists (select from moved where moved.number = n.number)
    union all
    select moved.person_id, moved.number from who join moved on moved.person_id = who.person_id
), s as materialized (
    select s.person_id, json_agg(json_build_array(s.file_date, s.municipality, s.district, s.status, s.status_date,
        s.immigrated_on, s.moved_in_on, s.absent, s.known_from) order by s.id) as items
    from who join population_statements s on s.person_id = who.person_id
    where s.known_from <= $1 group by s.person_id
), e as materialized (
    select n.person_id, json_agg(json_build_array(e.source, e.file_date, e.kind, e.starts_on, e.ends_on,
        e.end_kind, e.compulsory_completed_on, e.school_unit, e.known_from) order by e.starts_on, e.id) as items
    from numbers n join enrolments e on e.person_number = n.number
    where e.known_from <= $1 and (e.known_until is null or e.known_until > $1) group by n.person_id
), x as materialized (
    select n.person_id, json_agg(json_build_array(x.file_date, x.kind, x.issued_on, x.known_from,
        case when x.feed like 'manual:%' then 'manual' else 'exams' end) order by x.issued_on, x.id) as items
    from numbers n join exams x on x.person_number = n.number
    where x.known_from <= $1 and (x.known_until is null or x.known_until > $1) group by n.person_id
), d as materialized (
    select n.person_id, json_agg(json_build_array(d.school_unit, d.ends_on, d.file_date, d.known_from)
        order by d.id) as items
    from numbers n join enrolment_denials d on d.person_number = n.number
    where d.known_from <= $1 and (d.known_until is null or d.known_until > $1) group by n.person_id
), r as materialized (
    select r.person_id, json_agg(json_build_array(r.id, r.school_unit, r.kind, r.event_date, r.received_on,
        greatest(r.recorded_at, r.matched_at)) order by r.event_date, r.id) as items
    from who join school_reports r on r.person_id = who.person_id
    where {stood} group by r.person_id
), c as materialized (
    select c.person_id, json_agg(json_build_array(c.id, c.starts_on, c.ends_on, c.district)
        order by c.starts_on) as items
    from who join coverage_periods c on c.person_id = who.person_id
    where c.known_until is null group by c.person_id
)
select p.id, p.birth_date, p.sex, p.protection, p.first_seen_at,
    case when exists (select from person_merges m where m.person_id = p.id) then exists (
        select from person_merges m
        where m.person_id = p.id and m.known_from <= $1 and (m.split_at is null or m.split_at > $1)
    ) else p.merged_into is not null end as merged,
    s.items as statements, e.items as enrolments, x.items as exams, d.items as denials,
    r.items as reports, c.items as periods,
    o.id as episode_id, o.registered_on, o.district as told_district,
    o.tracks as told_tracks, o.protected as told_protected, o.last_covered_day as told_last_day {besides}
from who join persons p on p.id = who.person_id
join s on s.person_id = p.id
left join e on e.person_id = p.id
left join x on x.person_id = p.id
left join d on d.person_id = p.id
left join r on r.person_id = p.id
left join c on c.person_id = p.id
left join episodes o on o.person_id = p.id and o.ended_on is null
"""
AFFECTED = EVIDENCE.format(who="select distinct person_id from affected", stood=STOOD, besides="")
_ONE = "select $2::uuid as person_id"
OF_PERSON = EVIDENCE.format(who=_ONE, stood=STOOD, besides="")
# Together with who may see it, and the versions that answer for day $3: a question costs one round trip.
FOR_DAY = EVIDENCE.format(
    who=_ONE,
    stood=STOOD,
    besides=f""",
    p.district, p.protection <> 'none' as protected, p.merged_into is null as present,
    array(select row(v.known_from, v.known_until) from ({periods.OF_DAY}) v) as versions""",  # noqa: S608 - a constant
)
PREFETCH = 2_000


@dataclass(frozen=True, slots=True)
class Gathered:
    """``periods`` are the present ones of the register, with their row ids."""

    person: Person
    first_seen_at: datetime
    periods: tuple[tuple[int, Period], ...]


async def of_affected(conn: Connection) -> AsyncIterator[Sequence[Gathered]]:
    """Yield in batches those in the temporary table ``affected``. Needs a transaction."""
    cursor = await conn.cursor(AFFECTED, NOW)
    while rows := await cursor.fetch(PREFETCH, timeout=600):
        yield [_gathered(row) for row in rows]


async def of_person(conn: Connection, person_id: UUID, known_at: datetime = NOW) -> Gathered | None:
    """Return what was known of a person at an instant; None when nothing was."""
    row = await conn.fetchrow(OF_PERSON, known_at, person_id)
    return None if row is None else _gathered(row)


@dataclass(frozen=True, slots=True)
class OfDay:
    """What was known at an instant of a person on a day. ``district`` (a code as the register has it) and
    ``protected`` say who may see it, as it is now; ``known_since`` as `periods.known_since`."""

    gathered: Gathered
    district: str | None
    protected: bool
    known_since: datetime | None


async def for_day(conn: Connection, person_id: UUID, day: date, known_at: datetime) -> OfDay | None:
    """Return what was known of a person on a day; None of who is unknown, or is another person now."""
    row = await conn.fetchrow(FOR_DAY, known_at, person_id, day)
    if row is None or not row["present"]:
        return None
    since = periods.known_since(row["versions"], known_at)
    return OfDay(_gathered(row), row["district"], row["protected"], since)


def _gathered(row: asyncpg.Record) -> Gathered:
    facts = PersonFacts(
        person_id=row["id"],
        birth_date=row["birth_date"],
        statements=tuple(_statement(item) for item in row["statements"]),
        protection=Protection(row["protection"]),
        merged=row["merged"],
        enrolments=_enrolments(row),
        exams=tuple(_exam(item) for item in row["exams"] or ()),
    )
    periods = tuple((item[0], Period(_date(item[1]), _date(item[2]), item[3])) for item in row["periods"] or ())
    return Gathered(Person(facts, Sex(row["sex"]), _open_episode(row)), row["first_seen_at"], periods)


def _open_episode(row: asyncpg.Record) -> OpenEpisode | None:
    if row["episode_id"] is None:
        return None
    return OpenEpisode(
        episode_id=row["episode_id"],
        registered_on=row["registered_on"],
        district=row["told_district"],
        tracks=tuple(SpecialTrack(track) for track in row["told_tracks"]),
        protected=row["told_protected"],
        last_covered_day=row["told_last_day"],
    )


def _statement(item: list[Any]) -> Statement:
    file_date, municipality, district, status, status_date, immigrated_on, moved_in_on, absent, known_from = item
    return Statement(
        file_date=_date(file_date),
        municipality=municipality,
        district=district,
        status=Status(status),
        status_date=_day(status_date),
        immigrated_on=_day(immigrated_on),
        moved_in_on=_day(moved_in_on),
        absent=absent,
        known_from=datetime.fromisoformat(known_from),
    )


def _enrolments(row: asyncpg.Record) -> tuple[Enrolment, ...]:
    """As the registers, staff and the schools' reports tell of them together."""
    told = with_manual(
        [_enrolment(item) for item in row["enrolments"] or ()], [_denial(item) for item in row["denials"] or ()]
    )
    return with_reports(told, [_report(item) for item in row["reports"] or ()])


def _report(item: list[Any]) -> SchoolReport:
    report_id, school_unit, kind, event_date, received_on, known_since = item
    told = Told(school_unit, SchoolReportKind(kind), _date(event_date))
    return SchoolReport(UUID(report_id), told, _date(received_on), datetime.fromisoformat(known_since))


def _denial(item: list[Any]) -> Denial:
    school_unit, last_day, told_on, known_from = item
    return Denial(school_unit, _day(last_day), _date(told_on), datetime.fromisoformat(known_from))


def _enrolment(item: list[Any]) -> Enrolment:
    source, file_date, kind, starts_on, ends_on, end_kind, completed_on, school_unit, known_from = item
    return Enrolment(
        source=EVIDENCE_SOURCES[source],
        file_date=_date(file_date),
        kind=EnrolmentKind(kind),
        starts_on=_date(starts_on),
        ends_on=_day(ends_on),
        end_kind=None if end_kind is None else EndKind(end_kind),
        compulsory_completed_on=_day(completed_on),
        school_unit=school_unit,
        known_from=datetime.fromisoformat(known_from),
    )


def _exam(item: list[Any]) -> Exam:
    file_date, kind, issued_on, known_from, source = item
    known = datetime.fromisoformat(known_from)
    return Exam(_date(file_date), ExamKind(kind), _date(issued_on), known, EVIDENCE_SOURCES[source])


def _date(text: str) -> date:
    return date.fromisoformat(text)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
