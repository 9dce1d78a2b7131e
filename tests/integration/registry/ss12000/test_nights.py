"""From servers to the register's staging and state, night after night, on a real database."""

import random
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.registry.sources.ss12000.config import AbsenceRule
from services.registry.sources.ss12000.delivery import Kind
from services.registry.sources.ss12000.mapping import LAYOUT, map_person
from services.registry.sources.ss12000.references import Programme, References
from tests.integration.registry.city import City
from tests.integration.registry.ss12000.conftest import MakeSchool
from tests.integration.registry.ss12000.nights import KEY, Nights, RowKey
from tests.integration.registry.ss12000.school import UNIT, enrolment, id_of, pupil, sums
from tests.integration.registry.ss12000.school_server import Entity, SchoolServer
from tests.unit.registry.files import made_up_number, resident

pytestmark = pytest.mark.stack

VERSIONS = """
select ends_on, known_from, known_until from enrolments where person_number = $1 and feed = $2 order by id
"""
KNOWN = 12  # residents; pupils beyond live elsewhere


@pytest.fixture
async def residents(city: City) -> City:
    city.residents += [resident(which) for which in range(KNOWN)]
    city.drop_all()
    await city.sync()
    return city


@pytest.fixture
async def nights(residents: City, make_school: MakeSchool) -> Nights:
    north = await make_school(persons=[pupil(which) for which in range(8)])
    south = await make_school(persons=[pupil(which) for which in range(8, 16)])
    return Nights(residents.pool, {"north": north, "south": south})


def numbers(nights: Nights) -> list[str]:
    return sorted(key.person_number for key in nights.register)


def change(nights: Nights, person: Entity, **changes: Any) -> None:
    """Change a person at noon, as the server sees it."""
    person |= {"meta": {**person["meta"], "modified": nights.noon.isoformat()}, **changes}


def delete(nights: Nights, school: SchoolServer, place: int) -> None:
    gone = school.persons.pop(place)
    school.deleted.append((nights.noon, UUID(gone["id"])))


async def test_only_residents_rows_come_and_only_changes_are_asked_for(nights: Nights) -> None:
    reports = await nights.next()
    assert {one.kind for one in reports.values()} == {Kind.WHOLE}
    assert numbers(nights) == sorted(made_up_number(which) for which in range(KNOWN))
    north = nights.schools["north"].school
    change(nights, north.persons[0], enrolments=[enrolment(cancelled=True, endDate="2026-02-03")])
    change(nights, north.persons[1], enrolments=[])
    delete(nights, north, 2)
    reports = await nights.next()
    counts = reports["north"].counts
    assert counts is not None
    assert (reports["north"].kind, counts.persons, counts.gone) == (Kind.CHANGES, 2, 1)
    assert sorted(key.person_number for key in nights.removed) == sorted([made_up_number(1), made_up_number(2)])
    dropout = next(row for key, row in nights.register.items() if key.person_number == made_up_number(0))
    assert (dropout["end_kind"], dropout["ends_on"]) == ("dropout", date(2026, 2, 3))


async def test_a_whole_reading_finds_what_no_change_told(nights: Nights) -> None:
    nights.whole_every_days = 2
    await nights.next()
    nights.schools["north"].school.persons.pop()  # without a word in /deletedEntities
    await nights.next()
    assert len(nights.register) == KNOWN
    assert (await nights.next(shrinking_accepted=True))["north"].kind is Kind.WHOLE
    assert [key.person_number for key in nights.removed] == [made_up_number(7)]


async def test_a_server_that_fails_loses_nothing_and_is_told_of(nights: Nights) -> None:
    await nights.next()
    north, south = (one.school for one in nights.schools.values())
    change(nights, north.persons[0], enrolments=[])
    change(nights, south.persons[0], enrolments=[])
    north.trouble["/persons"] = ["ok", *["status 503"] * 9]
    for which in range(1, 6):
        change(nights, north.persons[which])  # so that there is a second page
    reports = await nights.next()
    assert (reports["north"].failed, reports["south"].failed) == ("/persons: http_503", None)
    assert [key.person_number for key in nights.removed] == [made_up_number(8)]
    failed = "select server, failed from ss12000_servers order by server"
    rows = [tuple(row) for row in await nights.pool.fetch(failed)]
    assert rows == [("north", "/persons: http_503"), ("south", None)]
    north.trouble.clear()
    assert (await nights.next())["north"].kind is Kind.CHANGES  # from where it was
    assert [key.person_number for key in nights.removed] == [made_up_number(0)]
    assert [row["failed"] for row in await nights.pool.fetch(failed)] == [None, None]


async def test_a_server_that_has_lost_many_takes_nothing_away_until_somebody_looked(nights: Nights) -> None:
    nights.whole_every_days = 1
    await nights.next()
    school = nights.schools["north"].school
    del school.persons[4:]
    school.persons.append(pupil(20))
    reports = await nights.next()
    assert reports["north"].held == "The server tells of 5 enrolments, of 8 when it was last read as a whole."
    assert (nights.removed, reports["south"].held) == ([], None)
    assert await nights.pool.fetchval("select held from ss12000_servers where server = 'north'") is not None
    reports = await nights.next(shrinking_accepted=True)
    assert reports["north"].held is None
    assert [key.person_number for key in nights.removed] == [made_up_number(which) for which in range(4, 8)]
    assert await nights.pool.fetchval("select count(*) from ss12000_servers where held is not null") == 0


async def test_reading_again_for_a_run_replaces_what_it_read(nights: Nights) -> None:
    run_id = await nights.new_run()
    nights.schools["south"].school.strays = True
    nights.schools["south"].school.persons.append(pupil(9, enrolment("GYX"), id=str(id_of("person", "twin"))))
    for _ in range(2):
        await nights.read(run_id)
        assert await nights.pool.fetchval("select count(*) from staging_ss12000") == 16
        assert await nights.pool.fetchval("select count(*) from ss12000_rejects") == 1
        # Of whom something was not understood: their registration waits, as with a file.
        unsure = await nights.pool.fetch("select source, person_number from staging_rejected")
        assert [tuple(row) for row in unsure] == [("ss12000:south", made_up_number(9))]
    await nights.apply(run_id)
    assert len(nights.register) == KNOWN
    rejects = await nights.pool.fetch("select entity, entity_id, field, reason, kept, row from ss12000_rejects")
    twin = ("person", id_of("person", "twin"), "enrolments.schoolType", "unknown_code", False, 9)
    assert [tuple(one) for one in rejects] == [twin]


async def test_what_was_not_applied_is_read_again(nights: Nights) -> None:
    """A run that died between reading and applying: the next one begins where the last good one did."""
    await nights.next()
    change(nights, nights.schools["north"].school.persons[0], enrolments=[])
    await nights.read(await nights.new_run())
    await nights.next()
    assert [key.person_number for key in nights.removed] == [made_up_number(0)]


async def test_of_a_person_that_is_not_understood_any_more_nothing_is_taken(nights: Nights) -> None:
    nights.whole_every_days = 1
    await nights.next()
    school = nights.schools["north"].school
    school.strays = True
    change(nights, school.persons[0], civicNo={"value": "20080301TF01"})
    change(nights, school.persons[1], enrolments=[enrolment("GYX")])
    reports = await nights.next(shrinking_accepted=True)
    assert reports["north"].counts is not None
    assert (reports["north"].counts.rejected, nights.removed, len(nights.register)) == (2, [], KNOWN)


async def test_an_enrolment_of_which_another_entity_tells_stays(nights: Nights) -> None:
    """A person that the school has twice, as happens when an interim number gets a real one."""
    north = nights.schools["north"].school
    north.persons.append(pupil(0, enrolment(endDate="2026-06-12"), id=str(id_of("person", "twin"))))
    await nights.next()
    (row,) = [row for key, row in nights.register.items() if key.person_number == made_up_number(0)]
    assert row["ends_on"] is None  # the one that goes on longest
    delete(nights, north, 0)
    await nights.next()
    assert nights.removed == []
    delete(nights, north, -1)
    await nights.next()
    assert [key.person_number for key in nights.removed] == [made_up_number(0)]


async def test_each_server_tells_for_itself(nights: Nights) -> None:
    south = nights.schools["south"].school
    south.persons.append(pupil(0, enrolment(endDate="2026-06-12"), id=str(id_of("person", "twin"))))
    await nights.next()
    told = {key.server: row["ends_on"] for key, row in nights.register.items() if key[1] == made_up_number(0)}
    assert told == {"north": None, "south": date(2026, 6, 12)}
    delete(nights, south, -1)
    await nights.next()
    assert [(key.server, key.person_number) for key in nights.removed] == [("south", made_up_number(0))]


async def test_what_was_known_is_never_changed(nights: Nights) -> None:
    """A version that is not told any more is closed, and another begins; only then is anybody looked at anew."""
    await nights.next()
    first = nights.clock.at
    assert len(nights.affected) == KNOWN
    person = nights.schools["north"].school.persons[0]
    change(nights, person, givenName="Otherwise")  # of no concern to us
    await nights.next()
    assert nights.affected == set()
    change(nights, person, enrolments=[enrolment(cancelled=True, endDate="2026-02-04")])
    await nights.next()
    change(nights, person, enrolments=[])
    await nights.next()
    versions = await nights.pool.fetch(VERSIONS, made_up_number(0), "ss12000:north")
    days = [first + timedelta(days=which) for which in (-1, 1, 2)]
    assert [tuple(one) for one in versions] == [
        (None, days[0], days[1]),
        (date(2026, 2, 4), days[1], days[2]),
    ]
    assert len(nights.affected) == 1


async def test_a_new_number_moves_the_row(nights: Nights) -> None:
    await nights.next()
    change(nights, nights.schools["north"].school.persons[0], civicNo={"value": made_up_number(11)})
    await nights.next()
    assert [key.person_number for key in nights.removed] == [made_up_number(0)]
    assert numbers(nights).count(made_up_number(0)) == 0


async def test_absences_are_of_pupils_whom_we_know(nights: Nights) -> None:
    nights.how = {"absence": AbsenceRule(weeks=4)}
    nights.schools["north"].school.attendance = [sums(0, "maths", 1000, 500), sums(99, "maths", 1000, 500)]
    await nights.next()
    (found,) = nights.absences
    assert (found.person_number, found.school_unit) == (made_up_number(0), UNIT)
    assert (found.from_day, found.to_day) == (date(2026, 1, 5), date(2026, 2, 1))
    assert (found.offered_minutes, found.invalid_minutes) == (1000, 500)
    person = await nights.pool.fetchval(
        "select person_id from person_numbers where number = $1", made_up_number(0)
    )
    assert found.person_id == person
    await nights.next()
    assert nights.absences == []  # once for the weeks


async def test_who_is_erased_leaves_no_trace_here(nights: Nights) -> None:
    await nights.next()
    for statement in ("enrolments where person_number", "person_numbers where number"):
        await nights.pool.execute(f"delete from {statement} = $1", made_up_number(0))
    assert await nights.pool.fetchval("select count(*) from ss12000_rows") == KNOWN - 1
    for table in ("staging_ss12000", "staging_ss12000_told", "ss12000_readings"):
        assert await nights.pool.fetchval(f"select count(*) from {table}") == 0  # nobody stays in staging


def told_now(nights: Nights) -> dict[RowKey, list[tuple[Any, ...]]]:
    """What the servers tell now of residents, recomputed from all of their persons."""
    programmes = {id_of("programme", "NA"): Programme("Yrkesprogram", "NA", None)}
    refs = References({id_of("organisation", "school"): UNIT}, None, programmes)
    known = {made_up_number(which) for which in range(KNOWN)}
    found: dict[RowKey, list[tuple[Any, ...]]] = {}
    for name, served in nights.schools.items():
        for person in served.school.persons:
            for row in map_person(person, refs, nights.clock.at.date()).rows:
                if row.values[0] in known:
                    key = RowKey(name, *(row.values[LAYOUT.stored.index(column)] for column in KEY[1:]))
                    found.setdefault(key, []).append(row.values)
    return found


@pytest.mark.parametrize("seed", range(6))
async def test_night_after_night_the_register_holds_what_the_servers_tell(nights: Nights, seed: int) -> None:
    """Pupils come, change, get other numbers and go, and servers fail on some nights."""
    chance = random.Random(seed)
    nights.whole_every_days = 4
    for night in range(12):
        for name, served in nights.schools.items():
            served.school.trouble["/persons"] = ["status 503"] * 9 if chance.random() < 0.2 else []
            for n in range(chance.randrange(4)):
                one_change(nights, served.school, chance, f"{name}-{night}-{n}")
        await nights.next(shrinking_accepted=True)
    for served in nights.schools.values():
        served.school.trouble["/persons"] = []
    await nights.next(shrinking_accepted=True)
    assert set(nights.register) == set(told_now(nights))
    # Which of two who tell of the same enrolment is believed can be a whole reading behind.
    nights.whole_every_days = 1
    await nights.next(shrinking_accepted=True)
    told = told_now(nights)
    assert set(nights.register) == set(told)
    for key, row in nights.register.items():
        assert tuple(row[name] for name in LAYOUT.stored) in told[key]


def one_change(nights: Nights, school: SchoolServer, chance: random.Random, new_id: str) -> None:
    which = chance.randrange(KNOWN + 3)
    match chance.randrange(4):
        case 0:
            new = pupil(which, id=str(id_of(new_id)))
            change(nights, new, enrolments=[some_enrolment(chance)])
            school.persons.insert(chance.randrange(len(school.persons) + 1), new)
        case 1:
            if len(school.persons) > 1:
                delete(nights, school, chance.randrange(len(school.persons)))
        case 2:
            listed = [some_enrolment(chance) for _ in range(chance.randrange(3))]
            change(nights, chance.choice(school.persons), enrolments=listed)
        case _:
            change(nights, chance.choice(school.persons), civicNo={"value": made_up_number(which)})


def some_enrolment(chance: random.Random) -> Entity:
    ends: list[Entity] = [{}, {"endDate": "2025-06-12"}, {"endDate": "2025-11-04", "cancelled": True}]
    start = date(2024, chance.choice([1, 8]), 19)
    return enrolment(chance.choice(["GY", "GYS", "FHS"]), startDate=str(start), **chance.choice(ends))
