"""A town on a running stack: its people, its clock, and the extracts that its register is synced from.

For the end-to-end tests and the fault tests. Everything goes through HTTP.
"""

import asyncio
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from chassis.clock import STOCKHOLM, CivilClock, ClockSpec
from contracts.registry_activities import Source
from contracts.roles import Role
from deploy.demo.client import Caller, Stack
from deploy.demo.views import SyncRun
from deploy.local import config, stack
from deploy.local.config import Config
from deploy.sample.extract import Row, write
from deploy.sample.people import Person

BEGIN = datetime(2025, 9, 1, 8, tzinfo=STOCKHOLM)
FAR_FROM_TWENTY = date(2006, 12, 1)  # born later than this: a year at least from the end of the duty


@contextmanager
def configured_stack(
    *, policy: Mapping[str, Any], day: timedelta, begins_in: timedelta, environment: Mapping[str, str]
) -> Iterator[Config]:
    """Yield a stack in a folder of its own and on free ports; stop it at the end and delete the folder.

    ``day`` and ``begins_in`` are real time: how long a civil day takes, and when the clock shows `BEGIN`.
    ``environment`` is passed to each of our processes. ``UPPSOK_TEST_KEEP=1`` leaves the stack running, to
    look at what went wrong; ``python -m deploy.local down --dir FOLDER`` stops it.
    """
    folder = Path(tempfile.mkdtemp(prefix="uppsok-e2e-"))
    folder.chmod(0o711)  # as root, PostgreSQL runs as another user and must get through
    policy_file = folder / "policy.json"
    policy_file.write_text(json.dumps(policy))
    now = datetime.now(UTC)  # noqa: TID251 - the clock's anchor in real time
    clock = ClockSpec(speed=timedelta(days=1) / day, real_anchor=now + begins_in, civil_anchor=BEGIN)
    found = config.load(
        folder,
        clock=clock.model_dump_json(),
        policy=str(policy_file),
        sample=False,
        environment=dict(environment),
    )
    try:
        yield found.with_free_ports()
    finally:
        if os.environ.get("UPPSOK_TEST_KEEP"):
            sys.stderr.write(f"\nthe stack in {folder} was left running\n")
        else:
            stack.down(folder)
            shutil.rmtree(folder, ignore_errors=True)


def policy_of(name: str, **changes: Any) -> dict[str, Any]:
    """Return one of the policies that come with the code, with changes."""
    document: dict[str, Any] = json.loads((config.POLICIES / f"{name}.json").read_text())
    return document | changes


@dataclass
class Town:
    """The running stack and the sample's people on it. ``rows`` is what the sources know."""

    config: Config
    api: Stack
    rows: dict[Source, list[Row]]
    covered: tuple[Person, ...]
    taken: set[int] = field(default_factory=set)

    @property
    def clock(self) -> CivilClock:
        return clock_of(self.config)

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

    async def deliver(self) -> date:
        """Put the town's files for today into the drop folder; return today."""
        today = self.clock.today()
        await asyncio.to_thread(write, self.rows, today, Path(self.api.facts["folders"]["drop"]))
        return today

    async def sync(self) -> SyncRun:
        """Deliver the town's files and sync the register."""
        return await self.caller(Role.REGISTER_SUPERUSER).sync(await self.deliver())


def clock_of(configured: Config) -> CivilClock:
    assert configured.clock is not None
    return CivilClock(ClockSpec.model_validate_json(configured.clock))
