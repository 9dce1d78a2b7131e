"""A small municipality whose files a test writes, and whose register it syncs."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from temporalio.testing import ActivityEnvironment

from chassis.clock import STOCKHOLM, CivilClock, ClockSpec
from contracts.registry_activities import LoadSource, Source, SourceReport, SyncReport, SyncRequest, SyncRun
from deploy.local.databases import Database
from services.registry.activities import RegistryActivities
from services.registry.settings import Settings
from tests.unit.registry.files import Record, content, made_up_number, placement, resident

FIRST_DAY = date(2026, 10, 1)
BYSTANDERS = 40  # residents in school, so that one person's absence is no loss of a tenth


@dataclass
class City:
    """`drop` writes files, `sync` runs the activities as the workflow does. Days go by as files come."""

    pool: asyncpg.Pool
    activities: RegistryActivities
    folder: Path
    settings: Settings
    day: date = FIRST_DAY
    residents: list[Record] = field(default_factory=list)
    placements: list[Record] = field(default_factory=list)
    exams: list[Record] = field(default_factory=list)
    schools: list[Record] = field(default_factory=list)

    @classmethod
    def of(cls, pool: asyncpg.Pool, database: Database, folder: Path) -> "City":
        """A city with a database and a drop folder of its own."""
        settings = Settings.model_validate(
            {"environment": "test", "database_url": database.app_url, "registry_drop_folder": folder}
        )
        return cls(pool, RegistryActivities(pool, settings.clock, settings), folder, settings)

    def __post_init__(self) -> None:
        self.residents += [resident(100 + which) for which in range(BYSTANDERS)]
        self.placements += [placement(100 + which) for which in range(BYSTANDERS)]
        self.exams += [exam(900, "ib")]  # of nobody who lives here
        self.schools += [schooling(900)]

    def drop_all(self) -> None:
        self.drop(Source.POPULATION, self.residents)
        self.drop(Source.PLACEMENTS, self.placements)
        self.drop(Source.SCHOOLS, self.schools)
        self.drop(Source.EXAMS, self.exams)

    def drop(self, source: Source, records: Iterable[Record], **how: Any) -> Path:
        return self.drop_bytes(source, content(source, records, **how))

    def drop_bytes(self, source: Source, data: bytes) -> Path:
        path = self.folder / f"{source}_{self.day:%Y%m%d}.csv"
        path.write_bytes(data)
        return path

    def remove(self, source: Source) -> None:
        for path in self.folder.glob(f"{source}_*.csv"):
            path.unlink()

    def night_of(self, day: date) -> None:
        """It is four o'clock of a day: what a run then learns is known from that instant."""
        self.day = day
        real = datetime.now(UTC)  # noqa: TID251 - where the night's clock starts
        at = datetime.combine(day, time(4), STOCKHOLM)
        clock = CivilClock(ClockSpec(speed=1.0001, real_anchor=real, civil_anchor=at))
        self.activities = RegistryActivities(self.pool, clock, self.settings)

    async def next_day(self) -> SyncReport:
        """A day goes by: new files of all sources, and a run."""
        self.day += timedelta(days=1)
        self.drop_all()
        return await self.sync()

    async def sync(self, run_id: UUID | None = None, accept_shrunk: tuple[Source, ...] = ()) -> SyncReport:
        request = SyncRequest(run_id=run_id or uuid4(), as_of=self.day, accept_shrunk=accept_shrunk)
        run = await self.open(request)
        await asyncio.gather(*(self.load(run, source) for source in Source))
        return await self.apply(run)

    async def open(self, request: SyncRequest) -> SyncRun:
        run: SyncRun = await ActivityEnvironment().run(self.activities.open_sync_run, request)
        return run

    async def load(self, run: SyncRun, source: Source) -> SourceReport:
        load = LoadSource(run_id=run.run_id, source=source)
        report: SourceReport = await ActivityEnvironment().run(self.activities.load_source, load)
        return report

    async def apply(self, run: SyncRun) -> SyncReport:
        report: SyncReport = await ActivityEnvironment().run(self.activities.apply_sync, run)
        return report

    async def events(self) -> list[tuple[str, dict[str, Any]]]:
        """All events so far as (short type, data), in the order in which they go out."""
        rows = await self.pool.fetch("select type, data from outbox order by id")
        return [(row["type"].split(".")[3], row["data"]) for row in rows]

    async def youth(self, which: int) -> UUID:
        """The id of a made-up person."""
        youth_id: UUID = await self.pool.fetchval(
            "select person_id from person_numbers where number = $1", made_up_number(which)
        )
        return youth_id


def report_of(report: SyncReport, source: Source) -> SourceReport:
    return next(one for one in report.sources if one.source is source)


def counts(report: SyncReport) -> tuple[int, int, int]:
    """Registered, changed, ended."""
    return report.registered, report.changed, report.ended


def exam(which: int, kind: str, issued_on: str = "2026-06-10") -> Record:
    return {"person_number": made_up_number(which), "kind": kind, "issued_on": issued_on}


def schooling(which: int, **changes: str) -> Record:
    return {
        "person_number": made_up_number(which),
        "school_unit": "87654321",
        "kind": "compulsory",
        "starts_on": "2015-08-17",
        "ends_on": "2024-06-11",
        "compulsory_completed_on": "2024-06-11",
        **changes,
    }
