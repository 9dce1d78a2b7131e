"""The night of a city and of a nation: from files to committed register and outbox, against a floor; and then
the evidence of why a youth is covered (`coverage_read`).

The floor, measured in the same run: a bare COPY of the same files into unlogged tables, and one hash join.
"""

import asyncio
import json
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import asyncpg

from contracts.registry_activities import Source
from deploy.sample.extract import COLUMNS, Row, extract, write
from tests.bench import coverage_read
from tests.stack import choice

START = date(2025, 9, 1)
NIGHTS = 3
CHANGED = 0.03  # of the people, each night
Rows = dict[Source, list[Row]]


@dataclass(frozen=True, slots=True)
class Size:
    name: str
    residents: int
    covered: int
    nights: int = NIGHTS


CITY = Size("city", 45_000, 7_500)
NATION = Size("nation", 500_000, 65_000, nights=2)


def changed(rows: Rows, rng: random.Random, today: date) -> Rows:
    """Let something happen to some of the people: half move within the city, the others leave a school."""
    population = list(rows[Source.POPULATION])
    chosen = {row[0] for row in rng.sample(population, round(len(population) * CHANGED))}
    movers = {number for number in chosen if int(number[-2]) % 2}
    street, district = COLUMNS[Source.POPULATION].index("street"), COLUMNS[Source.POPULATION].index("district")
    for at, row in enumerate(population):
        if row[0] in movers and row[street]:
            moved = list(row)
            moved[street] = f"Nygatan {rng.randrange(1, 200)}"
            moved[district] = rng.choice(["farsta", "bromma", "jarva"])
            population[at] = tuple(moved)
    placements = list(rows[Source.PLACEMENTS])
    for at, row in enumerate(placements):
        if row[0] in chosen and row[0] not in movers and not row[5] and row[4] < today.isoformat():
            placements[at] = (*row[:5], today.isoformat(), "dropout")
    return {**rows, Source.POPULATION: population, Source.PLACEMENTS: placements}


async def floor(admin_url: str, folder: Path) -> float:
    """Seconds for a bare COPY of the files' rows into unlogged tables, all at once, and one hash join."""
    files = {source: next(folder.glob(f"{source}_*.csv")) for source in Source}
    bare: dict[Source, Path] = {}
    for source, path in files.items():  # without header and trailer; not counted
        bare[source] = path.with_suffix(".bare")
        lines = path.read_bytes().split(b"\n")
        bare[source].write_bytes(b"\n".join(lines[1:-2]) + b"\n")
    conn = await asyncpg.connect(admin_url)
    try:
        for source in Source:
            await conn.execute(f"drop table if exists floor_{source}")
            columns = ", ".join(f"{name} text" for name in COLUMNS[source])
            await conn.execute(f"create unlogged table floor_{source} ({columns})")
    finally:
        await conn.close()
    began = time.perf_counter()
    await asyncio.gather(*(_copy(admin_url, source, bare[source]) for source in Source))
    conn = await asyncpg.connect(admin_url)
    try:
        await conn.execute("set enable_mergejoin = off; set enable_nestloop = off")
        await conn.fetchval(
            "select count(*) from floor_population p left join floor_placements e using (person_number) "
            "left join floor_schools s using (person_number) left join floor_exams x using (person_number)"
        )
    finally:
        await conn.close()
    seconds = time.perf_counter() - began
    for path in bare.values():
        path.unlink()
    return seconds


async def _copy(admin_url: str, source: Source, path: Path) -> None:
    conn = await asyncpg.connect(admin_url)
    try:
        await conn.copy_to_table(f"floor_{source}", source=path, format="csv", delimiter=";")
    finally:
        await conn.close()


def one_night(url: str, folder: Path, day: date) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.bench.one_night", url, str(folder), day.isoformat()]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


async def measure(size: Size) -> Mapping[str, float]:
    folder = Path(tempfile.mkdtemp(prefix="uppsok-bench-"))
    folder.chmod(0o711)
    drop = folder / "drop"
    try:
        with choice.postgres(folder) as server:
            database = await server.service_database("registry")
            say(f"{size.name}: making the files of {size.residents} residents")
            rows: Rows = extract(7, size.covered, START, residents=size.residents)
            write(rows, START, drop)
            first = one_night(database.app_url, drop, START)
            say(f"{size.name}: first night, everything new: {first['seconds']:.1f} s for {first['rows']} rows")
            rng = random.Random(7)
            floors, found = [], []
            for number in range(1, size.nights + 1):
                day = START + timedelta(days=number)
                rows = changed(rows, rng, day)
                shutil.rmtree(drop)
                write(rows, day, drop)
                floors.append(await floor(server.admin_url, drop))
                found.append(one_night(database.app_url, drop, day))
                last = found[-1]
                say(
                    f"{size.name}: night {number}: {last['seconds']:.2f} s (load {last['load_seconds']:.2f}, "
                    f"apply {last['apply_seconds']:.2f}), floor {floors[-1]:.2f} s, {last['changed']} changed, "
                    f"{last['registered']} registered, {last['ended']} ended"
                )
            reads = await coverage_read.measure(database, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    seconds = statistics.median(one["seconds"] for one in found)
    return {
        "rows": found[-1]["rows"],
        "seconds": seconds,
        "floor_seconds": statistics.median(floors),
        "ratio": statistics.median(one["seconds"] / bare for one, bare in zip(found, floors, strict=True)),
        "microseconds_a_row": seconds / found[-1]["rows"] * 1e6,
        "peak_mb": max(one["peak_mb"] for one in found),
        "first_seconds": first["seconds"],
        "first_peak_mb": first["peak_mb"],
        **reads,
    }


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sizes = {"city": CITY, "nation": NATION}
    for name in sys.argv[1:] or ["city"]:
        result = asyncio.run(measure(sizes[name]))
        say(json.dumps({key: round(value, 3) for key, value in result.items()}))
