"""Each file source, broken on purpose in every way that we know of; and the forms in which it may come.

`docs/sources/faults.md` has the table.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from contracts.registry_activities import Source, SyncRequest
from deploy.local.databases import Database
from services.registry.domain.attention import AttentionReason
from services.registry.sources.unchanged import FileChanged
from tests.integration.registry.city import BYSTANDERS, City, counts, exam, report_of, schooling
from tests.unit.registry.files import Record, content, resident

pytestmark = pytest.mark.stack
OPEN = "select source, reason from attentions where closed_at is null order by source, reason"
REJECTS = "select row, field, reason from rejects join sync_runs using (run_id) where source = $1 order by row"
WAITING = "select count(*) from pg_locks where not granted and locktype = 'advisory' and objid = 77"
# COPY waits until the test lets it go.
GATE = """
create function wait_at_gate() returns trigger language plpgsql as
    'begin perform pg_advisory_xact_lock_shared(77); return null; end';
create trigger gate before insert on staging_population for each statement execute function wait_at_gate();
"""
COVERED = 10
RUN = UUID("0b6f5e0e-6f5c-4d0f-8f0a-3f4f1c0f7a01")
DAMAGED, MISSING, SHRUNK, STALE = (
    *(AttentionReason.DAMAGED, AttentionReason.MISSING, AttentionReason.SHRUNK, AttentionReason.STALE),
)


@pytest.fixture
async def settled(city: City) -> City:
    """Ten covered youths; of the others there are rows in every source."""
    city.residents += [resident(which) for which in range(COVERED)]
    city.exams += [exam(100 + which, "studiebevis") for which in range(BYSTANDERS)]
    city.schools += [schooling(100 + which) for which in range(BYSTANDERS)]
    city.drop_all()
    assert (await city.sync()).covered == COVERED
    return city


def records(city: City, source: Source) -> list[Record]:
    found: list[Record] = getattr(city, "residents" if source is Source.POPULATION else source.value)
    return found


async def looked_at(city: City) -> list[tuple[str, str]]:
    return [(row["source"], row["reason"]) for row in await city.pool.fetch(OPEN)]


def without_rows(data: bytes, keep: float) -> bytes:
    header, *rows, _ = data.splitlines(keepends=True)
    rows = rows[: int(len(rows) * keep)]
    return b"".join([header, *rows, f"#END;{len(rows)}\n".encode()])


def with_column_twice(data: bytes) -> bytes:
    header, _, rest = data.partition(b"\n")
    return header.rpartition(b";")[0] + b";person_number\n" + rest


FAULTS: dict[str, tuple[AttentionReason, Callable[[bytes], bytes]]] = {
    "empty": (DAMAGED, lambda data: b""),
    "only a header": (DAMAGED, lambda data: without_rows(data, 0)),
    "half": (DAMAGED, lambda data: data[: len(data) // 2]),
    "without its trailer": (DAMAGED, lambda data: data[: data.rindex(b"#END")]),
    "a trailer of more rows": (DAMAGED, lambda data: data.replace(b"#END;", b"#END;9")),
    "two files in one": (DAMAGED, lambda data: data + data),
    "a column short": (DAMAGED, lambda data: data.replace(b"person_number", b"pnr", 1)),
    "a column twice": (DAMAGED, with_column_twice),
    "no row that is good": (DAMAGED, lambda data: data.replace(b"\n2008", b"\nx008")),
    "other people": (SHRUNK, lambda data: data.replace(b"\n2008", b"\n1908")),
    "tabs": (DAMAGED, lambda data: data.replace(b";", b"\t")),
    "UTF-16": (DAMAGED, lambda data: data.decode().encode("utf-16")),
    "an encoding that nobody knows": (DAMAGED, lambda data: b"#ENCODING;koi8-r\n" + data),
    "a fifth of its rows lost": (SHRUNK, lambda data: without_rows(data, 0.8)),
}


@pytest.mark.parametrize("source", Source)
async def test_a_broken_file_ends_nobody_and_begins_nobody(settled: City, source: Source) -> None:
    """The other sources go on; the superuser is told; the next good file closes it."""
    for number, (how, (reason, broken)) in enumerate(FAULTS.items()):
        settled.day += timedelta(days=1)
        newcomer = resident(200 + number)
        settled.drop_all()
        if source is not Source.POPULATION:
            settled.drop(Source.POPULATION, [*settled.residents, newcomer])
        settled.drop_bytes(source, broken(content(source, records(settled, source))))
        await is_held(settled, source, reason, how)
        if source is not Source.POPULATION:
            settled.residents.append(newcomer)
        came = int(source is not Source.POPULATION)
        assert counts(await settled.next_day()) == (came, 0, 0), how
        assert await looked_at(settled) == [], how


async def is_held(city: City, source: Source, reason: AttentionReason, how: str) -> None:
    covered = await city.pool.fetchval("select count(*) from episodes where ended_on is null")
    report = await city.sync()
    assert {one.source for one in report.sources if one.held} == {source}, how
    assert (counts(report), report.covered) == ((0, 0, 0), covered), how
    assert report.registrations_held == int(source is not Source.POPULATION), how
    assert await looked_at(city) == [(source, reason)], how


@pytest.mark.parametrize("source", Source)
async def test_a_file_that_is_not_read_at_all(settled: City, source: Source) -> None:
    """Missing, not to be opened, older than the last one, of a day that lies ahead: each as if there were none."""
    if source is not Source.POPULATION:
        settled.residents.append(resident(200))
    good, path = content(source, records(settled, source)), settled.folder / f"{source}_20261004.csv"
    for day, how, reason in ((2, "missing", MISSING), (3, "older", STALE), (4, "unopened", DAMAGED)):
        settled.day = settled.day.replace(day=day)
        settled.drop_all()
        settled.remove(source)
        if how == "older":
            (settled.folder / f"{source}_20260930.csv").write_bytes(without_rows(good, 0.95))
        if how == "unopened":
            path.mkdir()
        await is_held(settled, source, reason, how)
    path.rmdir()
    ahead = settled.folder / f"{source}_21061004.csv"
    ahead.write_bytes(without_rows(good, 0.95))
    await is_held(settled, source, MISSING, "ahead")
    came = int(source is not Source.POPULATION)
    assert counts(await settled.next_day()) == (came, 0, 0)
    assert await looked_at(settled) == []


async def test_a_file_of_as_many_other_people_is_not_believed(settled: City) -> None:
    """Another municipality's, say. A person who finds it right has it carried out."""
    settled.residents[-COVERED:] = [resident(300 + which) for which in range(COVERED)]
    report = await settled.next_day()
    held = report_of(report, Source.POPULATION).held
    assert held == "The file has lost the people of 10 rows of 50: it tells of others."
    assert (counts(report), report.ends_held) == ((0, 0, 0), COVERED)
    assert await looked_at(settled) == [("population", SHRUNK)]
    assert await settled.youth(300) is None  # nothing is kept of them
    assert counts(await settled.sync(accept_shrunk=(Source.POPULATION,))) == (COVERED, 0, COVERED)
    assert await looked_at(settled) == []


FORMS: dict[str, Callable[[Source, list[Record]], bytes]] = {
    "with a BOM": lambda source, rows: content(source, rows, encoding="utf-8-sig"),
    "CRLF": lambda source, rows: content(source, rows).replace(b"\n", b"\r\n"),
    "commas": lambda source, rows: content(source, rows, delimiter=","),
    "Windows-1252": lambda source, rows: content(source, rows, encoding="cp1252"),
    "Windows-1252, and says so": lambda source, rows: (
        b"#ENCODING;windows-1252\r\n" + content(source, rows, encoding="cp1252").replace(b"\n", b"\r\n")
    ),
    "BOM, commas and CRLF": lambda source, rows: content(
        source, rows, delimiter=",", encoding="utf-8-sig"
    ).replace(b"\n", b"\r\n"),
    "a column that nobody knows": lambda source, rows: b"".join(
        line if line.startswith(b"#END") else b"hobby;" * (number == 0) + b"x;" * (number > 0) + line
        for number, line in enumerate(content(source, rows).splitlines(keepends=True))
    ),
}


async def test_the_same_in_any_form_is_the_same(settled: City) -> None:
    persons = "select p.*, n.number from persons p join person_numbers n on n.person_id = p.id order by number"
    known = [drop_line(row) for row in await settled.pool.fetch(persons)]
    for how, form in FORMS.items():
        settled.day += timedelta(days=1)
        for source in Source:
            settled.drop_bytes(source, form(source, records(settled, source)))
        report = await settled.sync()
        assert [(one.held, one.rejected) for one in report.sources] == [(None, 0)] * 4, how
        assert (counts(report), report.covered) == ((0, 0, 0), COVERED), how
        assert [drop_line(row) for row in await settled.pool.fetch(persons)] == known, how


def drop_line(row: asyncpg.Record) -> dict[str, object]:
    return {name: value for name, value in row.items() if name not in ("line", "file_date")}


@pytest.mark.parametrize("source", Source)
async def test_a_row_twice_and_a_row_that_contradicts_another(settled: City, source: Source) -> None:
    """What stands counts, night after night, wherever in the file the other one is."""
    rows = records(settled, source)
    contradiction = {
        Source.POPULATION: {**rows[0], "status": "dead", "status_date": "2026-10-01"},
        Source.PLACEMENTS: {**rows[0], "ends_on": "2026-09-01", "end_kind": "dropout"},
        Source.SCHOOLS: {**rows[1], "compulsory_completed_on": "2024-06-12"},
        Source.EXAMS: dict(rows[1]),  # all that a row holds tells it from others: it can be repeated only
    }[source]
    reason = "duplicate_person" if source is Source.POPULATION else "duplicate_row"
    for night, form in enumerate(([*rows, contradiction], [*rows, contradiction], [contradiction, *rows])):
        settled.day += timedelta(days=1)
        settled.drop_all()
        settled.drop(source, form)
        report = await settled.sync()
        assert counts(report) == (0, 0, 0), night
        assert report_of(report, source).model_dump(include={"rejected", "held"}) == {"rejected": 1, "held": None}
    settled.day += timedelta(days=1)
    settled.drop_all()
    settled.drop(source, [*rows, rows[0]])
    assert counts(await settled.sync()) == (0, 0, 0)
    row = len(rows) + 2
    found = [tuple(one) for one in await settled.pool.fetch(REJECTS, source)]
    # Of lines that say the same the later is told of; else the one that does not stand.
    first = 4 if source is Source.EXAMS else 2
    assert sorted(found) == [(first, None, reason), *[(row, None, reason)] * 3]


@pytest.mark.parametrize("source", Source)
async def test_one_bad_row_among_good_ones(settled: City, source: Source) -> None:
    """The row is told by number, field and reason; whose it may be keeps what they had; the rest goes on."""
    rows = records(settled, source)
    whose = {**rows[-1], "person_number": "200803019999"}
    rows[-1] = whose
    settled.residents.append(resident(60))
    if source is Source.POPULATION:
        rows[-2], rows[-1] = rows[-1], rows[-2]
    bad_row = rows.index(whose) + 2
    report = await settled.next_day()
    came = 1  # of whom every source is heard: nothing of theirs was rejected
    assert counts(report) == (came, 0, 0)
    assert report_of(report, source).model_dump(include={"rejected", "held"}) == {"rejected": 1, "held": None}
    found = [tuple(row) for row in await settled.pool.fetch(REJECTS, source)]
    assert found == [(bad_row, "person_number", "check_digit")]
    assert await looked_at(settled) == []
    assert await settled.pool.fetchval("select count(*) from persons where absent_since is not null") == 0
    closed = "select count(*) from {} where known_until is not null"
    assert [await settled.pool.fetchval(closed.format(table)) for table in ("enrolments", "exams")] == [0, 0]


class TestWrittenWhileRead:
    @pytest.fixture(autouse=True)
    async def gate(self, database: Database) -> None:
        conn = await asyncpg.connect(database.migrator_url)
        await conn.execute(GATE)
        await conn.close()

    async def reading(self, city: City, meanwhile: Callable[[], object]) -> asyncio.Task[object]:
        """Do something in the midst of the reading of the population: its shape is known, its rows are not."""
        run = await city.open(self.request(city))
        async with city.pool.acquire() as conn, conn.transaction():
            await conn.execute("select pg_advisory_xact_lock(77)")
            task: asyncio.Task[object] = asyncio.create_task(city.load(run, Source.POPULATION))
            while not await city.pool.fetchval(WAITING):
                await asyncio.sleep(0.01)
            meanwhile()
        await asyncio.wait([task])
        return task

    @staticmethod
    def request(city: City) -> SyncRequest:
        return SyncRequest(run_id=RUN, as_of=city.day)

    async def test_what_is_written_over_is_read_again(self, settled: City) -> None:
        path = settled.drop(Source.POPULATION, settled.residents)
        fewer = content(Source.POPULATION, settled.residents[:-1])
        task = await self.reading(settled, lambda: path.write_bytes(fewer))
        assert isinstance(task.exception(), FileChanged)
        assert await settled.pool.fetchval("select count(*) from source_loads where run_id = $1", RUN) == 0
        report = await settled.sync(RUN)
        source = report_of(report, Source.POPULATION)
        assert (source.read, source.held, report.ended) == (49, None, 1)

    async def test_what_is_replaced_by_another_file_is_read_to_its_end(self, settled: City) -> None:
        path = settled.drop(Source.POPULATION, settled.residents)
        other = path.with_suffix(".part")
        other.write_bytes(content(Source.POPULATION, settled.residents[:-1]))
        task = await self.reading(settled, lambda: other.replace(path))
        assert task.exception() is None
        run = await settled.open(self.request(settled))
        for source in (Source.PLACEMENTS, Source.SCHOOLS, Source.EXAMS):
            await settled.load(run, source)
        report = await settled.apply(run)
        assert (report_of(report, Source.POPULATION).read, report.ended) == (50, 0)
        assert (await settled.sync()).ended == 1  # the new one
