"""Gathering what the sources say, person by person, in one query: for a sync and for a question alike."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg

from chassis.postgres import Connection
from contracts.reasons import Sex, SpecialTrack
from contracts.registry_activities import Source
from services.registry.domain.episodes import OpenEpisode, Person
from services.registry.domain.facts import (
    EndKind,
    Enrolment,
    EnrolmentKind,
    Exam,
    ExamKind,
    PersonFacts,
    Protection,
    Status,
)

# Aggregated once and joined, not looked up person by person: in a first run the tables have no statistics
# yet, and the planner would read them from end to end for each person.
EVIDENCE = """
with e as materialized (
    select n.person_id, json_agg(json_build_array(e.source, e.file_date, e.kind, e.starts_on, e.ends_on,
        e.end_kind, e.compulsory_completed_on) order by e.starts_on) as items
    from person_numbers n join enrolments e on e.person_number = n.number {of_numbers} group by n.person_id
), x as materialized (
    select n.person_id, json_agg(json_build_array(x.file_date, x.kind, x.issued_on) order by x.issued_on) as items
    from person_numbers n join exams x on x.person_number = n.number {of_numbers} group by n.person_id
)
select p.id, p.birth_date, p.sex, p.municipality, p.status, p.status_date, p.protection, p.immigrated_on,
    p.moved_in_on, p.absent_since, p.file_date, p.first_seen_at, p.district, p.merged_into is not null as merged,
    e.items as enrolments, x.items as exams, o.id as episode_id, o.registered_on, o.district as told_district,
    o.tracks as told_tracks, o.protected as told_protected, o.last_covered_day as told_last_day
from persons p
left join e on e.person_id = p.id
left join x on x.person_id = p.id
left join episodes o on o.person_id = p.id and o.ended_on is null
where {of_persons}
"""
# Nobody else can be covered, and nobody else's duty can end.
OF_CONCERN = EVIDENCE.format(of_numbers="", of_persons="p.birth_date > $1 or o.id is not null")
OF_PERSON = EVIDENCE.format(of_numbers="where n.person_id = $1", of_persons="p.id = $1")
PREFETCH = 5_000


@dataclass(frozen=True, slots=True)
class Gathered:
    person: Person
    first_seen_at: datetime


async def of_concern(conn: Connection, born_after: date) -> AsyncIterator[Sequence[Gathered]]:
    """Yield in batches everybody born after a day, and everybody whose duty holds. Needs a transaction."""
    cursor = await conn.cursor(OF_CONCERN, born_after)
    while rows := await cursor.fetch(PREFETCH, timeout=600):
        yield [_gathered(row) for row in rows]


async def of_person(conn: Connection, person_id: UUID) -> Gathered | None:
    row = await conn.fetchrow(OF_PERSON, person_id)
    return None if row is None else _gathered(row)


def _gathered(row: asyncpg.Record) -> Gathered:
    facts = PersonFacts(
        person_id=row["id"],
        birth_date=row["birth_date"],
        file_date=row["file_date"],
        municipality=row["municipality"],
        status=Status(row["status"]),
        status_date=row["status_date"],
        protection=Protection(row["protection"]),
        immigrated_on=row["immigrated_on"],
        moved_in_on=row["moved_in_on"],
        absent_since=row["absent_since"],
        merged=row["merged"],
        enrolments=tuple(_enrolment(item) for item in row["enrolments"] or ()),
        exams=tuple(_exam(item) for item in row["exams"] or ()),
    )
    return Gathered(Person(facts, Sex(row["sex"]), row["district"], _open_episode(row)), row["first_seen_at"])


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


def _enrolment(item: list[Any]) -> Enrolment:
    source, file_date, kind, starts_on, ends_on, end_kind, completed_on = item
    return Enrolment(
        source=Source(source),
        file_date=date.fromisoformat(file_date),
        kind=EnrolmentKind(kind),
        starts_on=date.fromisoformat(starts_on),
        ends_on=_day(ends_on),
        end_kind=None if end_kind is None else EndKind(end_kind),
        compulsory_completed_on=_day(completed_on),
    )


def _exam(item: list[Any]) -> Exam:
    file_date, kind, issued_on = item
    return Exam(date.fromisoformat(file_date), ExamKind(kind), date.fromisoformat(issued_on))


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
