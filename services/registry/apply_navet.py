"""Use case: apply the Navet files that are new, within the transaction of a run.

Navet tells sooner than the extract. What it tells stands until the extract's own line about the person
changes; that line is then the later word.
"""

import asyncio
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from chassis.postgres import Connection
from contracts.registry_activities import Source
from services.registry.db import bulk, navet, population
from services.registry.load_navet import Batch, batches
from services.registry.sources.layouts import LAYOUTS
from services.registry.sources.navet.files import Found, NavetFile, in_folder, is_still
from services.registry.sources.navet.reader import Reader
from services.registry.sources.navet.resident import population_row
from services.registry.sources.unchanged import FileChanged

CLEAR = "delete from staging_population where run_id = $1"


async def apply_navet(
    conn: Connection, folder: Path, run_id: UUID, municipality: str, known_from: datetime, *, until: date
) -> Found:
    """Apply new files of days up to ``until`` in their order, each once; return them. Raises FileChanged.

    To be called after the run's extract has been matched, whose staged rows are done with; adds whom it
    concerns to the temporary table ``affected``.
    """
    found = await asyncio.to_thread(in_folder, folder, until)
    files = await navet.unapplied(conn, found.files)
    for file in files:
        await bulk.execute(conn, CLEAR, run_id)
        await _apply(conn, file, run_id, municipality, known_from)
    return replace(found, files=files)


async def _apply(conn: Connection, file: NavetFile, run_id: UUID, municipality: str, known_from: datetime) -> None:
    done: list[Batch] = []
    with await asyncio.to_thread(file.path.open, "rb") as opened:
        reader = Reader(opened)
        async for batch in batches(conn, reader.outcomes(), home=municipality, file_date=file.file_date):
            await _write(conn, batch, run_id, file, known_from)
            done.append(batch)
        if not await asyncio.to_thread(is_still, file, opened):
            raise FileChanged
    refused = sum(batch.refused for batch in done)
    await navet.record(conn, file, run_id, reader, refused, known_from)
    rejects = [one for batch in done for one in batch.rejects]
    await navet.store_rejects(conn, file.id, rejects, [one for batch in done for one in batch.notes])


async def _write(conn: Connection, batch: Batch, run_id: UUID, file: NavetFile, known_from: datetime) -> None:
    rows = [(run_id, index, *population_row(one)) for index, one in enumerate(batch.people)]
    await bulk.copy(conn, "staging_population", ("run_id", "row", *LAYOUTS[Source.POPULATION].stored), rows)
    await population.match(conn, run_id, file.file_date, known_from)
    await bulk.execute(conn, CLEAR, run_id)
    await navet.remember(conn, [one.resident for one in batch.people])
    marked = await navet.mark(conn, batch.rejects)
    await bulk.execute(conn, "insert into affected select unnest($1::uuid[])", marked)
