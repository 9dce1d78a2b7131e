"""Nights on which school servers are read into a real database, and what the register would hold after each."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import asyncpg

from chassis.postgres import transaction
from services.registry.db import ss12000_merge, ss12000_staging, ss12000_state
from services.registry.db.ss12000_merge import Merged
from services.registry.db.ss12000_state import AbsenceReport
from services.registry.read_ss12000 import ServerReport, read_ss12000
from services.registry.sources.ss12000.config import FeedConfig
from tests.integration.registry.ss12000.conftest import FixedClock, Served

KEY = ("server", "person_number", "school_unit", "kind", "starts_on")
STANDING = """
select substr(feed, 9) as server, e.* from enrolments e where feed like 'ss12000:%' and known_until is null
"""
NEW_RUN = """
insert into sync_runs (run_id, as_of, requested_by, state, started_at) values ($1, $2, 'test', 'abandoned', $3)
"""


class RowKey(NamedTuple):
    server: str
    person_number: str
    school_unit: str
    kind: str
    starts_on: date


@dataclass
class Nights:
    """``register`` is what stands of the schools' servers, by (server, number, school, kind, first day)."""

    pool: asyncpg.Pool
    schools: dict[str, Served]
    how: dict[str, Any] = field(default_factory=dict)  # of every server's configuration
    clock: FixedClock = field(default_factory=FixedClock)
    whole_every_days: int = 7
    register: dict[RowKey, asyncpg.Record] = field(default_factory=dict)
    removed: list[RowKey] = field(default_factory=list)  # last night
    affected: set[UUID] = field(default_factory=set)  # last night
    absences: list[AbsenceReport] = field(default_factory=list)  # last night

    @property
    def noon(self) -> datetime:
        """Of the day before the next night."""
        return self.clock.at - timedelta(hours=16)

    def config(self) -> FeedConfig:
        servers = tuple(served.config(name=name, page_size=3, **self.how) for name, served in self.schools.items())
        return FeedConfig(servers=servers, whole_every_days=self.whole_every_days)

    async def new_run(self) -> UUID:
        run_id = uuid4()
        await self.pool.execute(NEW_RUN, run_id, self.clock.at.date(), self.clock.at)
        return run_id

    async def read(self, run_id: UUID, *, shrinking_accepted: bool = False) -> dict[str, ServerReport]:
        reports = await read_ss12000(
            self.pool,
            self.config(),
            self.clock,
            run_id,
            shrinking_accepted=shrinking_accepted,
            sleep=next(iter(self.schools.values())).sleep,
        )
        return {one.server: one for one in reports}

    async def apply(self, run_id: UUID) -> Merged:
        async with transaction(self.pool) as conn:
            await conn.execute("create temporary table affected (person_id uuid not null) on commit drop")
            merged = await ss12000_merge.merge(conn, run_id, self.clock.at)
            self.absences = await ss12000_state.absences(conn, run_id)
            self.affected = {row["person_id"] for row in await conn.fetch("select person_id from affected")}
            await ss12000_staging.clear_staging(conn)
        stood = set(self.register)
        self.register = {RowKey(*(row[name] for name in KEY)): row for row in await self.pool.fetch(STANDING)}
        self.removed = sorted(stood - set(self.register))
        assert merged.removed == len(self.removed)
        return merged

    async def next(self, **how: Any) -> dict[str, ServerReport]:
        """Read and apply, and go on to the next night."""
        run_id = await self.new_run()
        reports = await self.read(run_id, **how)
        await self.apply(run_id)
        self.clock.at += timedelta(days=1)
        return reports
