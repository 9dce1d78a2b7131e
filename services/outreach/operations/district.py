"""A district on hold: its searches stand still for some days, and go on where they were.

An emergency brake, for when what goes out in a district is wrong or nobody is there to answer. Each youth's
workflow is told, at a pace; whoever is told twice takes no notice. Run again it holds who has come since, and
after a crash who was not reached yet.
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID, uuid4

import asyncpg

from contracts.base import Contract
from contracts.ids import business_id
from contracts.outreach_facts import SIGNAL_HOLD_ENDED, SIGNAL_HOLD_PLACED, HoldCause, HoldLifted, HoldSet
from contracts.reasons import Step
from services.outreach.db import districts
from services.outreach.operations.acting import NotDone, Trail
from services.outreach.signals import NoWorkflow, Signals

PAGE = 100
NIL = UUID(int=0)
# A brake and no policy: whoever wants more says so again.
LONGEST = timedelta(days=31)
SEARCH = (
    Step.AWAITING_START,
    Step.FIRST_CONTACT,
    Step.CALLING,
    Step.TRIED_TO_REACH,
    Step.DOOR_CARD,
    Step.HOME_VISIT,
)
Rows = Sequence[asyncpg.Record]
Report = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Told:
    """``gone``: had no open workflow any more."""

    told: int
    gone: int


class District:
    """One district, as outreach's database knows it."""

    def __init__(self, pool: asyncpg.Pool, code: str) -> None:
        self._pool, self.code = pool, code
        self._hold_id = business_id("hold of a district", code)

    async def exists(self) -> None:
        """Raise NotDone when no open youth is of the district: a misspelt code must not look like success."""
        known = [row["district"] for row in await self._pool.fetch(districts.DISTRICTS)]
        if self.code not in known:
            raise NotDone(f"no open youth is of district {self.code!r}; there are: {', '.join(known) or 'none'}")

    async def to_hold(self, until: date) -> Counter[str]:
        """Return whose search would wait, by step."""
        return Counter([row["step"] async for page in self._sought(until) for row in page])

    async def to_release(self) -> Counter[str]:
        """Return how many of the district wait, also for social services."""
        return Counter([row["step"] async for page in self._waiting() for row in page])

    async def hold(self, until: date, signals: Signals, trail: Trail, report: Report) -> Told:
        """Tell the workflows to wait through a day. Raises Transient when Temporal is away (run it again)."""

        def fact(row: asyncpg.Record) -> Contract:
            return HoldSet(
                event_id=uuid4(),
                episode_id=row["episode_id"],
                hold_id=self._hold_id,
                until=until,
                cause=HoldCause.OPERATIONS,
            )

        why = f"district {self.code} until {until}"
        return await _tell(
            self._sought(until), SIGNAL_HOLD_PLACED, fact, signals, trail, ("hold.place", why), report
        )

    async def release(self, signals: Signals, trail: Trail, report: Report) -> Told:
        """Tell the workflows to go on. Raises Transient when Temporal is away (run it again)."""

        def fact(row: asyncpg.Record) -> Contract:
            return HoldLifted(event_id=uuid4(), episode_id=row["episode_id"], hold_id=self._hold_id)

        why = f"district {self.code}"
        return await _tell(self._waiting(), SIGNAL_HOLD_ENDED, fact, signals, trail, ("hold.end", why), report)

    async def _sought(self, until: date) -> AsyncIterator[Rows]:
        after = (NIL, NIL)
        steps = [step.value for step in SEARCH]
        while rows := await self._pool.fetch(districts.SOUGHT, self.code, steps, until, *after, PAGE):
            yield rows
            after = (rows[-1]["youth_id"], rows[-1]["episode_id"])

    async def _waiting(self) -> AsyncIterator[Rows]:
        after = (NIL, NIL)
        while rows := await self._pool.fetch(districts.WAITING, self.code, *after, PAGE):
            yield rows
            after = (rows[-1]["youth_id"], rows[-1]["episode_id"])


def last_day(until: date, today: date) -> date:
    """Return the last day of a hold. Raises NotDone when it has passed, or is too far ahead."""
    if not today <= until <= today + LONGEST:
        raise NotDone(f"--until must be from {today} to {today + LONGEST}: a hold is a brake, no policy")
    return until


async def _tell(
    pages: AsyncIterator[Rows],
    signal: str,
    fact: Callable[[asyncpg.Record], Contract],
    signals: Signals,
    trail: Trail,
    noted: tuple[str, str],
    report: Report,
) -> Told:
    told = gone = 0
    async for page in pages:
        await trail.note(noted[0], [row["youth_id"] for row in page], noted[1])
        for row in page:
            try:
                await signals.send(row["youth_id"], signal, fact(row))
                told += 1
            except NoWorkflow:
                gone += 1
        report(told)
    return Told(told, gone)
