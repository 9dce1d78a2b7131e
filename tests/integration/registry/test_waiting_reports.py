"""Reports about whom nobody was known: matched when the person comes, forgotten when nobody does."""

from datetime import date, datetime, timedelta
from uuid import UUID

import asyncpg
import httpx
import pytest

from chassis.clock import STOCKHOLM, CivilClock, ClockSpec
from chassis.postgres import transaction
from services.registry.db.evidence import NOW
from services.registry.db.school_reports import TOLD_SINCE, reports_for
from services.registry.waiting_reports import Matched, match_waiting
from tests.integration.registry.city import City
from tests.integration.registry.reports import (
    COVERED,
    ENROLLED,
    SCHOOL,
    STRANGER,
    SchoolOf,
    absence,
    ago,
    dropout,
    hand_in,
    populate,
)
from tests.unit.registry.files import made_up_number, placement, resident

pytestmark = pytest.mark.stack
CLOCK = CivilClock(ClockSpec())


async def match(pool: asyncpg.Pool, at: datetime | None = None) -> Matched:
    async with transaction(pool) as conn:
        return await match_waiting(conn, at or CLOCK.now())


async def standing(pool: asyncpg.Pool) -> list[tuple[UUID | None, int, str]]:
    rows = await pool.fetch(
        "select person_id, times_told, event_date::text from school_reports "
        "where superseded_by is null order by event_date"
    )
    return [(row[0], row[1], row[2]) for row in rows]


async def test_a_report_waits_for_its_person(
    api: httpx.AsyncClient, city: City, pool: asyncpg.Pool, school: SchoolOf
) -> None:
    await populate(city)
    told = await hand_in(api, school(SCHOOL), absence(STRANGER))
    assert await match(pool) == Matched(matched=0, forgotten=0)
    city.residents.append(resident(STRANGER))
    city.placements.append(placement(STRANGER))
    await city.next_day()
    await match(pool)  # also when the run has done it already
    youth_id = await city.youth(STRANGER)
    assert await standing(pool) == [(youth_id, 1, ago(10))]
    assert await pool.fetchval("select count(*) from waiting_school_reports") == 0
    told_of = [data for kind, data in await city.events() if kind == "school-report-received"]
    assert [(one["youth_id"], one["report_id"]) for one in told_of] == [(str(youth_id), told["report_id"])]
    assert await match(pool) == Matched(matched=0, forgotten=0)
    # The school tells again: the same report, now of a known person.
    assert (await hand_in(api, school(SCHOOL), absence(STRANGER), 200))["report_id"] == told["report_id"]
    matches = await pool.fetchval("select count(*) from audit where action = 'school-report.match'")
    assert matches == 1


async def test_a_number_that_nobody_comes_for_is_forgotten(
    api: httpx.AsyncClient, city: City, pool: asyncpg.Pool, school: SchoolOf
) -> None:
    await populate(city)
    await hand_in(api, school(SCHOOL), dropout(STRANGER))
    last = CLOCK.now() + timedelta(days=90)
    assert await match(pool, last) == Matched(matched=0, forgotten=0)
    assert await match(pool, last + timedelta(days=1)) == Matched(matched=0, forgotten=1)
    number = made_up_number(STRANGER)
    tables = await pool.fetch("select tablename from pg_tables where schemaname = 'public'")
    for table in tables:
        found = await pool.fetchval(f"select count(*) from {table[0]} t where t::text like $1", f"%{number}%")
        assert found == 0, table[0]
    # What is left tells of a school and a date, for its lateness.
    assert await standing(pool) == [(None, 1, ago(10))]


async def test_reports_under_two_numbers_of_one_person_become_one(
    api: httpx.AsyncClient, city: City, pool: asyncpg.Pool, school: SchoolOf
) -> None:
    await populate(city)
    first = await hand_in(api, school(SCHOOL), dropout())
    await hand_in(api, school(SCHOOL), dropout(STRANGER))
    await hand_in(api, school(SCHOOL), dropout(STRANGER, event_date=ago(5)))
    # The youth's number changes to the one that was a stranger's.
    city.residents = [one for one in city.residents if one["person_number"] != made_up_number(COVERED)]
    city.residents.append(resident(STRANGER, previous_person_number=made_up_number(COVERED)))
    await city.next_day()
    await match(pool)
    youth_id = await city.youth(STRANGER)
    assert youth_id == await city.youth(COVERED)
    assert await standing(pool) == [(youth_id, 2, ago(10)), (youth_id, 1, ago(5))]
    assert await pool.fetchval("select count(*) from school_reports") == 3
    assert (await hand_in(api, school(SCHOOL), dropout(), 200))["report_id"] == first["report_id"]


async def test_reports_follow_their_number_to_another_person_and_back(
    api: httpx.AsyncClient, city: City, pool: asyncpg.Pool, school: SchoolOf
) -> None:
    city.residents.append(resident(STRANGER))
    await populate(city)
    await hand_in(api, school(SCHOOL), dropout())
    await hand_in(api, school(SCHOOL), dropout(STRANGER))
    kept = [one for one in city.residents if one["person_number"] not in _numbers(COVERED, STRANGER)]
    city.residents = [*kept, resident(STRANGER, previous_person_number=made_up_number(COVERED))]
    await city.next_day()
    await match(pool)
    youth_id = await city.youth(COVERED)
    assert await standing(pool) == [(youth_id, 2, ago(10))]
    # They were two after all.
    other = await pool.fetchval(
        "update persons set merged_into = null where merged_into = $1 returning id", youth_id
    )
    await pool.execute(
        "update person_numbers set person_id = $1 where number = $2", other, made_up_number(STRANGER)
    )
    await match(pool)
    assert {(person, date) for person, _, date in await standing(pool)} == {
        (youth_id, ago(10)),
        (other, ago(10)),
    }


def _numbers(*which: int) -> set[str]:
    return {made_up_number(one) for one in which}


async def test_evidence_is_what_stands_and_as_it_was_known(
    api: httpx.AsyncClient, city: City, pool: asyncpg.Pool, school: SchoolOf
) -> None:
    await populate(city)
    first = await hand_in(api, school(SCHOOL), dropout())
    await hand_in(api, school(SCHOOL), absence())
    await hand_in(api, school(SCHOOL), dropout(STRANGER))
    await hand_in(api, school(SCHOOL), dropout(ENROLLED, kind="started"))
    between = CLOCK.now()
    await hand_in(api, school(SCHOOL), dropout(event_date=ago(12), corrects=first["report_id"]))
    covered, enrolled = await city.youth(COVERED), await city.youth(ENROLLED)

    async def dates(known_at: datetime = NOW, *of: UUID) -> dict[UUID, list[date]]:
        async with pool.acquire() as conn:
            found = await reports_for(conn, of or [covered, enrolled], known_at)
        return {person: [one.told.event_date for one in reports] for person, reports in found.items()}

    assert await dates() == {covered: [_day(12)], enrolled: [_day(10)]}
    assert await dates(NOW, covered) == {covered: [_day(12)]}
    assert await dates(between, covered) == {covered: [_day(10)]}
    assert await dates(datetime(2026, 1, 1, tzinfo=STOCKHOLM)) == {}
    # And who is to be decided anew since.
    told_since = [row[0] for row in await pool.fetch(TOLD_SINCE, between)]
    assert told_since == [covered]


def _day(days: int) -> date:
    return date.fromisoformat(ago(days))
