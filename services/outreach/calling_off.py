"""Visits that not both of the two can make are called off, and thereby planned again.

Somebody falls ill, leaves, or (by another way than our API) was promised to two youths: whatever the reason, what
is found is called off, by the youth's workflow, as staff would do it. Looked for again and again; found twice, it
is the same decision.
"""

import asyncio
from datetime import timedelta

import asyncpg
import structlog
from temporalio.service import RPCError

from chassis.clock import CivilClock
from chassis.postgres import TROUBLE
from chassis.problems import Problem
from services.outreach.db import visits
from services.outreach.decisions import Decisions

log = structlog.get_logger(__name__)
AT_ONCE = 50
AWAY: tuple[type[Exception], ...] = (RPCError, *TROUBLE)
KEY = "called-off:"  # of the decision: with the visit's id


class CallingOff:
    """Looks for such visits at an interval (real time). Several may run at once."""

    def __init__(self, pool: asyncpg.Pool, clock: CivilClock, decisions: Decisions, interval: timedelta) -> None:
        self._pool, self._clock, self._decisions = pool, clock, decisions
        self._interval = interval.total_seconds()

    async def run(self) -> None:
        """Look for ever. What is away (database, Temporal) is asked again at the next turn."""
        while True:
            try:
                await self.once()
            except AWAY as error:
                log.warning("calling_off_failed", exc_info=error)
            await asyncio.sleep(self._interval)

    async def once(self) -> int:
        """Call off the visits that are found now; return how many."""
        done = 0
        for row in await self._pool.fetch(visits.TO_CALL_OFF, self._clock.now(), AT_ONCE, KEY):
            try:
                await self._decisions.call_off(row["youth_id"], row["task_id"], f"{KEY}{row['task_id']}")
            except Problem as refused:
                if refused.status != 409:  # the workflow does not answer: the others would not either
                    break
            else:
                done += 1
        if done:
            log.info("visits_called_off", visits=done)
        return done
