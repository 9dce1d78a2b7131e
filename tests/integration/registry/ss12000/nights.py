"""Nights on which school servers are read into a real database, and what the register would hold after each."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from chassis.postgres import transaction
from services.registry.db import ss12000_state
from services.registry.db.ss12000_state import AbsenceReport, RowKey
from services.registry.read_ss12000 import ServerReport, read_ss12000
from services.registry.sources.ss12000.config import FeedConfig
from tests.integration.registry.ss12000.conftest import FixedClock, Served

KEY = ("person_number", "school_unit", "kind", "starts_on")
STAGED = """
select s.* from ss12000_staged s join person_numbers n on n.number = s.person_number where s.run_id = $1
"""
NEW_RUN = """
insert into sync_runs (run_id, as_of, requested_by, state, started_at) values ($1, $2, 'test', 'abandoned', $3)
"""


@dataclass
class Nights:
    """``register`` is kept as the sync run keeps it: staged rows of persons we know in, removed ones out."""

    pool: asyncpg.Pool
    schools: dict[str, Served]
    how: dict[str, Any] = field(default_factory=dict)  # of every server's configuration
    clock: FixedClock = field(default_factory=FixedClock)
    whole_every_days: int = 7
    register: dict[RowKey, dict[str, Any]] = field(default_factory=dict)
    removed: list[RowKey] = field(default_factory=list)  # last night
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
            self.pool, self.config(), self.clock, run_id, shrinking_accepted=shrinking_accepted
        )
        return {one.server: one for one in reports}

    async def apply(self, run_id: UUID) -> None:
        async with transaction(self.pool) as conn:
            staged = [dict(row) for row in await conn.fetch(STAGED, run_id)]
            self.removed = await ss12000_state.apply(conn, run_id)
            self.absences = await ss12000_state.absences(conn, run_id)
            await ss12000_state.clear_staging(conn)
        for key in self.removed:
            self.register.pop(key)
        self.register |= {RowKey(*(row[name] for name in KEY)): row for row in staged}

    async def next(self, **how: Any) -> dict[str, ServerReport]:
        """Read and apply, and go on to the next night."""
        run_id = await self.new_run()
        reports = await self.read(run_id, **how)
        await self.apply(run_id)
        self.clock.at += timedelta(days=1)
        return reports
