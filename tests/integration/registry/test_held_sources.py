"""A source that cannot be believed deregisters nobody, registers nobody, and says so."""

from collections.abc import Callable

import pytest

from contracts.registry_activities import Source
from tests.integration.registry.city import City, counts, report_of
from tests.unit.registry.files import content, made_up_number, placement, resident

pytestmark = pytest.mark.stack


@pytest.fixture
async def settled(city: City) -> City:
    """A city with ten covered youths after a good run."""
    city.residents += [resident(which) for which in range(10)]
    city.drop_all()
    assert (await city.sync()).covered == 10
    return city


BROKEN: dict[str, Callable[[bytes], bytes | None]] = {
    "missing": lambda data: None,
    "empty": lambda data: b"",
    "only a header": lambda data: data.splitlines(keepends=True)[0] + b"#END;0\n",
    "half": lambda data: data[: len(data) // 2],
    "without trailer": lambda data: data[: data.rindex(b"#END")],
    "a column short": lambda data: data.replace(b"person_number", b"pnr"),
    "a tenth and more lost": lambda data: content(Source.POPULATION, [resident(100 + n) for n in range(40)]),
}


@pytest.mark.parametrize("how", BROKEN)
async def test_a_broken_population_file_ends_nobody(settled: City, how: str) -> None:
    path = settled.drop(Source.POPULATION, settled.residents)
    data = BROKEN[how](path.read_bytes())
    if data is None:
        path.unlink()
    else:
        path.write_bytes(data)
    report = await settled.sync()
    source = report_of(report, Source.POPULATION)
    assert source.held
    assert (report.ended, report.covered) == (0, 10)
    in_file = 0 if how != "without trailer" else 10
    assert report.ends_held == 10 - in_file
    again = await settled.next_day()  # whole again
    assert (counts(again), again.ends_held, report_of(again, Source.POPULATION).held) == ((0, 0, 0), 0, None)


async def test_what_a_cut_file_does_say_counts(settled: City) -> None:
    """The good rows go on: a death is believed, an absence is not."""
    dead = resident(3, status="dead", status_date="2026-10-01")
    settled.drop(Source.POPULATION, [dead, resident(50)], trailer=False)
    report = await settled.sync()
    assert (counts(report), report.ends_held) == ((1, 0, 1), 9)


@pytest.mark.parametrize("source", [Source.PLACEMENTS, Source.EXAMS, Source.SCHOOLS])
async def test_silent_schools_register_nobody_who_is_new(settled: City, source: Source) -> None:
    settled.remove(source)
    settled.residents.append(resident(60))
    settled.drop(Source.POPULATION, settled.residents)
    report = await settled.sync()
    assert report_of(report, source).held
    assert (counts(report), report.registrations_held) == ((0, 0, 0), 1)
    assert counts(await settled.next_day()) == (1, 0, 0)


async def test_the_first_run_registers_nobody_without_placements(city: City) -> None:
    city.drop_all()
    city.remove(Source.PLACEMENTS)
    report = await city.sync()
    assert (counts(report), report.registrations_held) == ((0, 0, 0), 40)


async def test_a_youth_who_leaves_is_registered_though_the_file_is_cut(settled: City) -> None:
    left = placement(100, ends_on="2026-09-30", end_kind="dropout")
    settled.drop(Source.PLACEMENTS, [left], trailer=False)
    report = await settled.sync()
    assert counts(report) == (1, 0, 0)


async def test_a_loss_that_a_person_found_right_is_carried_out(settled: City) -> None:
    settled.residents = settled.residents[:40]
    settled.day = settled.day.replace(day=2)
    settled.drop_all()
    assert (await settled.sync()).ends_held == 10
    report = await settled.sync(accept_shrunk=(Source.POPULATION,))
    assert (report.ended, report.covered, report_of(report, Source.POPULATION).held) == (10, 0, None)


async def test_whose_row_was_rejected_is_not_missing(settled: City) -> None:
    settled.residents[-1] = resident(9, status="gone")  # we know who, not what
    report = await settled.next_day()
    assert (report.ended, report_of(report, Source.POPULATION).rejected, report.ends_held) == (0, 1, 0)


async def test_an_unreadable_number_may_be_anybody_who_is_missing(settled: City) -> None:
    settled.residents[-1] = resident(9, person_number="200803019999")
    report = await settled.next_day()
    assert (report.ended, report.ends_held) == (0, 1)


async def test_whose_placement_was_rejected_is_not_registered_for_it(city: City) -> None:
    city.residents += [resident(1)]
    city.placements += [placement(1, school_unit="?")]
    city.drop_all()
    report = await city.sync()
    assert (counts(report), report.registrations_held) == ((0, 0, 0), 1)


async def test_rejects_are_kept_with_row_field_and_reason(city: City) -> None:
    city.residents[3:5] = [resident(103, status="gone"), resident(104, phone="12")]
    city.drop_all()
    report = await city.sync()
    rows = await city.pool.fetch("select source, row, field, reason, kept from rejects order by row")
    assert [tuple(row) for row in rows] == [
        ("population", 5, "status", "unknown_code", False),
        ("population", 6, "phone", "phone", True),
    ]
    source = report_of(report, Source.POPULATION)
    assert (source.read, source.rejected, source.accepted) == (40, 1, 39)


async def test_an_old_and_a_new_number_in_one_file_are_one_person(settled: City) -> None:
    settled.residents[-1] = resident(70, previous_person_number=made_up_number(9))
    await settled.next_day()
    settled.residents.append(resident(9))
    report = await settled.next_day()
    source = report_of(report, Source.POPULATION)
    assert (counts(report), source.rejected, source.accepted) == ((0, 0, 0), 1, 50)
