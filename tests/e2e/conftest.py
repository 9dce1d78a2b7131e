"""The whole stack on its own folder and ports, with a clock on which a civil day takes two seconds."""

import asyncio
import json
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from chassis.clock import STOCKHOLM, CivilClock, ClockSpec
from contracts.registry_activities import Source
from contracts.roles import Role
from deploy.demo.client import Caller, Stack
from deploy.demo.school_year import sleep_until
from deploy.demo.views import SyncRun
from deploy.local import config, stack
from deploy.local.config import Config
from deploy.sample.extract import Row, extract, people, write
from deploy.sample.people import Person

DAY_SECONDS = 2.0
BEGINS_IN = timedelta(seconds=15)  # the parts start meanwhile; if they take longer, it is some days later
FAR_FROM_TWENTY = date(2006, 12, 1)  # born later than this
BEGIN = datetime(2025, 9, 1, 8, tzinfo=STOCKHOLM)
SEED, COVERED, RESIDENTS = 5, 24, 60


def policy(folder: Path) -> Path:
    """Stockholm's policy, with starts at once and shorter windows: the same course in fewer days."""
    document = json.loads((config.POLICIES / "stockholm.json").read_text())
    document |= {
        "version": "e2e-1",
        "start_spread_days": 0,
        "answer_window": "P3D",
        "call_gap": "P1D",
        "tried_window": "P2D",
        "visit_lead_time": "P2D",
        "working_days_only": False,
    }
    file = folder / "policy.json"
    file.write_text(json.dumps(document))
    return file


@dataclass
class Town:
    """The running stack and the sample's people on it. Everything goes through HTTP."""

    config: Config
    clock: CivilClock
    api: Stack
    rows: dict[Source, list[Row]]
    covered: tuple[Person, ...]
    taken: set[int] = field(default_factory=set)

    def caller(self, role: Role, *districts: str, subject: str = "") -> Caller:
        return self.api.caller(role, districts, subject)

    def somebody(self, *, phone: bool | None = None, protected: bool = False) -> Person:
        """Return a covered youth of the sample whom no other test has, a year at least from twenty."""
        for person in self.covered:
            guarded = person.protected_from is not None
            fits = guarded is protected and phone in (None, bool(person.phone))
            if fits and person.key not in self.taken and person.born > FAR_FROM_TWENTY:
                self.taken.add(person.key)
                return person
        raise LookupError("the sample has nobody left who fits")

    async def youth_id(self, person: Person) -> UUID:
        found = await self.caller(Role.REGISTER_SUPERUSER).look_up(person.number_on(BEGIN.date()))
        return found.youth_id

    async def sync(self) -> SyncRun:
        """Drop the town's files for today and sync the register."""
        today = self.clock.today()
        await asyncio.to_thread(write, self.rows, today, Path(self.api.facts["folders"]["drop"]))
        return await self.caller(Role.REGISTER_SUPERUSER).sync(today)


@pytest.fixture(scope="module")
def configured() -> Iterator[Config]:
    folder = Path(tempfile.mkdtemp(prefix="uppsok-e2e-"))
    folder.chmod(0o711)  # as root, PostgreSQL runs as another user and must get through
    now = datetime.now(UTC)  # noqa: TID251 - the clock's anchor in real time
    speed = timedelta(days=1).total_seconds() / DAY_SECONDS
    clock = ClockSpec(speed=speed, real_anchor=now + BEGINS_IN, civil_anchor=BEGIN)
    found = config.load(folder, clock=clock.model_dump_json(), policy=str(policy(folder)), sample=False)
    yield found.with_free_ports()
    stack.down(folder)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
async def town(configured: Config) -> AsyncIterator[Town]:
    """A stack that is up, with the first extracts synced."""
    assert configured.clock is not None
    clock = CivilClock(ClockSpec.model_validate_json(configured.clock))
    facts = await asyncio.to_thread(stack.up, configured)
    async with Stack(facts) as api:
        await sleep_until(clock, BEGIN)
        rows = extract(SEED, COVERED, BEGIN.date(), residents=RESIDENTS)
        covered = people(SEED, COVERED, BEGIN.date(), RESIDENTS)[:COVERED]
        yield Town(configured, clock, api, rows, covered)


@pytest.fixture(scope="module")
async def first_sync(town: Town) -> SyncRun:
    return await town.sync()
