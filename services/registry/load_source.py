"""Use case: read a source's newest file into staging, judge it, and say what it gave."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

import asyncpg

from chassis.clock import CivilClock
from chassis.postgres import Connection
from contracts.registry_activities import Source, SourceReport
from services.registry.db import bulk, loads, runs
from services.registry.domain.holding import (
    LOST_SCHOOLING_PERCENT,
    MAX_LOSS_PERCENT,
    LoadedFile,
    counts_for_nothing,
    why_held,
)
from services.registry.read_ss12000 import read_ss12000
from services.registry.settings import Settings
from services.registry.sources import drop_folder, line_digests
from services.registry.sources.drop_folder import SourceFile
from services.registry.sources.layouts import LAYOUTS
from services.registry.sources.reader import Reader
from services.registry.sources.unchanged import unchanged
from services.registry.ss12000_settings import configured

SHRINKING_ACCEPTED = """
select 'schools' = any(accept_shrunk) from sync_runs where run_id = $1 and state = 'running'
"""
ROWS_AT_A_TIME = 1_000


class RunNotOpen(Exception):
    """The run is unknown or abandoned: nothing may be done in it any more."""


async def load_source(
    pool: asyncpg.Pool, clock: CivilClock, settings: Settings, run_id: UUID, source: Source
) -> SourceReport:
    """Read a source: its file, and of schools also their SS 12000 servers. Raises RunNotOpen."""
    servers = settings.registry_ss12000_file if source is Source.SCHOOLS else None
    folder, today = settings.registry_drop_folder, clock.today()
    report = await _load_file(pool, folder, run_id, source, today, optional=servers is not None)
    if servers is not None and (accepted := await pool.fetchval(SHRINKING_ACCEPTED, run_id)) is not None:
        config = (await configured(servers)).config
        if config is not None:
            await read_ss12000(pool, config, clock, run_id, shrinking_accepted=accepted)
    return report


async def _load_file(
    pool: asyncpg.Pool, folder: Path, run_id: UUID, source: Source, today: date, *, optional: bool
) -> SourceReport:
    """Read a source's file in one transaction. Repeated for the same run, it replaces what it read before;
    in a run that is done, it gives what was read. Raises RunNotOpen, and FileChanged: to be read again."""
    await pool.execute(runs.TOUCH, run_id)
    async with bulk.bulk_transaction(pool) as conn:
        # Sources are read at the same time; the run is applied (for update) when none is being read.
        run = await conn.fetchrow(f"{runs.GET} for key share", run_id)
        if run is None or run["state"] == "abandoned":
            raise RunNotOpen
        if run["state"] == "done":
            return next(one for one in await runs.source_reports(conn, run_id) if one.source is source)
        await loads.clear(conn, run_id, source)
        found = await asyncio.to_thread(drop_folder.newest, folder, source, max(today, run["as_of"]))
        good = (await runs.last_good(conn, run_id)).get(source)
        last_good = None if good is None else int(good["accepted"])
        accepted_shrinking = source in run["accept_shrunk"]
        standing = await loads.standing_lines(conn, source)
        file, unread = await _opened(found, None if good is None else good["file_date"])
        if file is None:
            await loads.stage_removed(conn, run_id, source, line_digests.split(standing))
            never_had_one = found is None and optional and not last_good
            held = None if never_had_one else why_held(unread, last_good)
            return await _store(conn, run_id, source, found, None, held)
        with file, unchanged(file):
            reader = await asyncio.to_thread(Reader, file, LAYOUTS[source], standing)
            await loads.stage(conn, source, _rows(reader, run_id))
        await loads.store_rejects(conn, run_id, source, reader.rejects, reader.rejected_numbers)
        await loads.stage_removed(conn, run_id, source, reader.removed)
        read = LoadedFile(
            readable=reader.readable,
            missing_columns=reader.missing_columns,
            cut=reader.shape.cut,
            read=reader.read,
            accepted=reader.accepted,
            stood=len(standing) // line_digests.SIZE,
            lost=len(reader.removed),  # at most
            lost_percent=MAX_LOSS_PERCENT if source is Source.POPULATION else LOST_SCHOOLING_PERCENT,
        )
        if read.is_of_others:
            read = replace(read, lost=await loads.lost(conn, run_id, source))
        held = why_held(read, last_good, accepted_shrinking)
        if counts_for_nothing(held):
            await loads.unstage(conn, run_id, source)
            await loads.stage_removed(conn, run_id, source, line_digests.split(standing))
        return await _store(conn, run_id, source, found, reader, held)


async def _opened(found: SourceFile | None, last_good: date | None) -> tuple[BinaryIO | None, LoadedFile]:
    """Open a source's newest file; None, and why, when it is not to be read. ``last_good``: the day of the one
    that was good last, which tells more than an older one."""
    if found is None:
        return None, LoadedFile(found=False)
    if last_good is not None and found.file_date < last_good:
        return None, LoadedFile(older=(found.file_date, last_good))
    try:
        return await asyncio.to_thread(found.path.open, "rb"), LoadedFile()
    except OSError as error:
        return None, LoadedFile(unopened=type(error).__name__)


async def _rows(reader: Reader, run_id: UUID) -> AsyncIterator[bulk.Row]:
    """Give the rows to stage. Read in a thread: the worker has other things to do."""
    records = reader.records()
    while some := await asyncio.to_thread(lambda: list(islice(records, ROWS_AT_A_TIME))):
        for row, line, record in some:
            yield (run_id, row, line, *record)


async def _store(
    conn: Connection,
    run_id: UUID,
    source: Source,
    file: SourceFile | None,
    reader: Reader | None,
    held: str | None,
) -> SourceReport:
    await loads.store_counts(
        conn,
        run_id,
        source,
        file_name=None if file is None else file.path.name,
        file_date=None if file is None else file.file_date,
        encoding=None if reader is None else reader.shape.encoding,
        read=0 if reader is None else reader.read,
        rejected=0 if reader is None else reader.rejected,
        accepted=0 if reader is None else reader.accepted,
        unidentified=0 if reader is None else reader.unidentified,
        held=held,
    )
    return SourceReport(
        source=source,
        read=0 if reader is None else reader.read,
        rejected=0 if reader is None else reader.rejected,
        accepted=0 if reader is None else reader.accepted,
        held=held,
    )
