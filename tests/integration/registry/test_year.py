"""A year of the sample, night by night: the register's totals are those of the raw extracts, for ever."""

import calendar
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeAlias

import asyncpg
import pytest

from chassis.clock import STOCKHOLM
from chassis.postgres import create_pool
from contracts.registry_activities import Source
from deploy.local.databases import Database
from deploy.sample.extract import extract, write
from services.registry.db import periods
from services.registry.db.evidence import NOW
from tests.integration.registry import recomputation
from tests.integration.registry.city import City
from tests.integration.registry.recomputation import Row

pytestmark = pytest.mark.stack
START = date(2025, 9, 1)
SEED, COVERED, RESIDENTS = 11, 40, 240
CORRECTED_ON = date(2026, 2, 2)  # from then on, schools tell another last day of some who left
DAY = timedelta(days=1)
Totals: TypeAlias = tuple[int, dict[str | None, int]]


def nights() -> Iterator[date]:
    """The working days of a year, as the schedule has them."""
    return (day for day in (START + number * DAY for number in range(365)) if day.weekday() < 5)


def extract_of(day: date) -> dict[Source, list[Row]]:
    rows = extract(SEED, COVERED, day, start=START, residents=RESIDENTS)
    if day >= CORRECTED_ON:
        for source in (Source.PLACEMENTS, Source.SCHOOLS):
            rows[source] = [corrected(row) for row in rows[source]]
    return rows


def corrected(row: Row) -> Row:
    """Every third pupil of those who dropped out in the autumn had left three weeks later than was told."""
    if row[6] != "dropout" or row[5] < START.isoformat() or int(row[0][-2]) % 3:
        return row
    later = date.fromisoformat(row[5]) + timedelta(weeks=3)
    return (*row[:5], later.isoformat(), *row[6:])


def end_of(day: date) -> datetime:
    return datetime.combine(day, time(23, 59), STOCKHOLM)


def months() -> list[tuple[date, date]]:
    found = []
    for number in range(12):
        year, month = START.year + (START.month - 1 + number) // 12, (START.month - 1 + number) % 12 + 1
        found.append((date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])))
    return found


@dataclass(frozen=True)
class Year:
    """The raw extracts by night, and what the register answered in some nights on the time until then."""

    pool: asyncpg.Pool
    raw: dict[date, dict[Source, list[Row]]]
    answers: dict[date, Totals]

    async def totals(self, first: date, last: date, known_at: datetime = NOW) -> Totals:
        async with self.pool.acquire() as conn:
            youths, districts = await periods.totals(conn, first, last, known_at)
        return youths, {one.district: one.youths for one in districts}


@pytest.fixture(scope="module")
async def year(
    service_database: Callable[[str], Awaitable[Database]], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Year]:
    database, folder = await service_database("registry"), tmp_path_factory.mktemp("drop")
    async with await create_pool(database.app_url, application_name="test", max_size=6) as pool:
        city, year = City.of(pool, database, folder), Year(pool, {}, {})
        for night in nights():
            year.raw[night] = rows = extract_of(night)
            for path in folder.iterdir():
                path.unlink()
            write(rows, night, folder)
            city.night_of(night)
            report = await city.sync()
            assert not any(source.held or source.rejected for source in report.sources)
            if night.day <= 7 and night.weekday() == 0:
                year.answers[night] = await year.totals(START - 30 * DAY, night)
        yield year


async def test_every_month_and_district_is_as_recomputed_from_the_raw_extracts(year: Year) -> None:
    for first, last in months():
        expected = recomputation.totals(year.raw, first, last)
        assert expected[0] > COVERED // 2
        assert await year.totals(first, last) == expected, first


async def test_what_was_known_on_a_day_stays_the_answer_for_ever(year: Year) -> None:
    """Though schools told late, took back and corrected what they had told."""
    changed = 0
    for night, answer in year.answers.items():
        assert await year.totals(START - 30 * DAY, night, end_of(night)) == answer
        raw = {day: rows for day, rows in year.raw.items() if day <= night}
        assert answer == recomputation.totals(raw, START - 30 * DAY, night), night
        changed += answer != await year.totals(START - 30 * DAY, night)
    assert len(year.answers) == 12
    assert changed > 3, "the later knowledge is another"


async def test_the_episodes_tell_the_same_as_the_periods(year: Year) -> None:
    """Whoever is registered is covered today, and the other way round."""
    last = max(year.raw)
    covered = await year.pool.fetch(
        "select person_id from coverage_periods where known_until is null and starts_on <= $1 and ends_on > $1",
        last,
    )
    registered = await year.pool.fetch("select person_id from episodes where ended_on is null")
    assert {row["person_id"] for row in covered} == {row["person_id"] for row in registered}
