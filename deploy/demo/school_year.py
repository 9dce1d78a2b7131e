"""The civil time of the demonstration: 15 August to 30 June, in minutes; and the extracts on their days."""

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from chassis.clock import STOCKHOLM, CivilClock, ClockSpec
from deploy.demo.client import Caller
from deploy.demo.municipality import FIRST_DAY, LAST_DAY, Municipality, extract_days
from deploy.demo.views import SyncRun
from deploy.sample.extract import write

# Beginning at six in the morning, before anybody is at work.
BEGIN = datetime.combine(FIRST_DAY, time(6), STOCKHOLM)
END = datetime.combine(LAST_DAY, time(18), STOCKHOLM)


def fast_clock(year_takes: timedelta, begins_in: timedelta) -> ClockSpec:
    """Return a clock whose school year begins ``begins_in`` from now and takes ``year_takes`` (both real)."""
    now = datetime.now(UTC)  # noqa: TID251 - the one place where the demonstration's clock is made
    speed = (END.astimezone(UTC) - BEGIN.astimezone(UTC)) / year_takes
    return ClockSpec(speed=speed, real_anchor=now + begins_in, civil_anchor=BEGIN)


async def sleep_until(clock: CivilClock, civil: datetime) -> None:
    """Sleep until a civil instant has come."""
    left = clock.spec.real(civil) - clock.spec.real(clock.now())
    await asyncio.sleep(max(left.total_seconds(), 0.0))


class Extracts:
    """Drops the extracts of the sources each fortnight, and has the register synced over them."""

    def __init__(self, clock: CivilClock, caller: Caller, drop: Path, municipality: Municipality) -> None:
        self._clock, self._caller, self._drop, self._municipality = clock, caller, drop, municipality
        self.runs: list[SyncRun] = []

    async def deliver(self) -> None:
        """Deliver and sync on the first day, and every fortnight after it; returns after the last."""
        for day in extract_days():
            await asyncio.to_thread(self._drop_files, day)
            await sleep_until(self._clock, datetime.combine(day, BEGIN.time(), STOCKHOLM))
            self.runs.append(await self._caller.sync(day))

    def _drop_files(self, day: date) -> None:
        write(self._municipality.extract(day), day, self._drop)
