"""Use case: a forecast of the work, and two policies compared, over the youths as they stand today."""

import asyncio
import multiprocessing
import os
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

import asyncpg

from chassis import audit
from chassis.clock import CivilClock, ClockSpec
from chassis.postgres import transaction
from chassis.problems import Problem
from contracts.policy import OutreachPolicy
from services.outreach.planner import history, open_youths
from services.outreach.planner.assumptions import Assumptions, Staffing
from services.outreach.planner.forecast import Forecast, Question, simulate, told
from services.outreach.policy_versions import InForce

PARTS = min(4, os.cpu_count() or 1)
SHORTEST_WAIT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Asked:
    """What a caller asks: for how long, and what shall be taken for granted (None: what was measured here)."""

    weeks: int
    staffing: Staffing
    assumptions: Assumptions | None
    seed: int


class Planning:
    """One question at a time: it takes all processors of the machine for some seconds."""

    def __init__(self, pool: asyncpg.Pool, clock: CivilClock, spec: ClockSpec, in_force: InForce) -> None:
        self._pool, self._clock, self._spec, self._in_force = pool, clock, spec, in_force
        self._busy = asyncio.Lock()

    async def measured(self) -> tuple[Assumptions, int]:
        """Return the assumptions that the last year here gives, and of how many finished tasks."""
        async with self._pool.acquire() as conn:
            return await history.measured(conn, self._clock.now())

    async def forecast(self, asked: Asked, *, by: str, role: str) -> Forecast:
        """Return a forecast under the policy in force. Raises a 503 Problem while another is made."""
        async with self._alone():
            policy = await self._in_force()
            question = await self._question(asked, policy, "forecast.make", by, role)
            with _processes() as pool:
                return await self._answer(pool, question)

    async def what_if(
        self, asked: Asked, other: OutreachPolicy, *, also_running: bool, by: str, role: str
    ) -> tuple[Forecast, Forecast]:
        """Return the forecasts under the policy in force and under another one, of the same youths with the
        same luck. Raises a 503 Problem while another is made.
        """
        async with self._alone():
            policy = await self._in_force()
            question = await self._question(asked, policy, "forecast.compare", by, role)
            with _processes() as pool:
                present = await self._answer(pool, question)
                return present, await self._answer(pool, question.under(other, also_running=also_running))

    async def _question(self, asked: Asked, policy: OutreachPolicy, action: str, by: str, role: str) -> Question:
        begins = self._clock.now()
        ends = begins + timedelta(weeks=asked.weeks)
        async with transaction(self._pool) as conn:
            known = asked.assumptions or (await history.measured(conn, begins))[0]
            youths = await open_youths.load(conn, policy, self._spec, begins.date())
            await audit.record(conn, actor=by, role=role, action=action, at=begins)
        coming = open_youths.coming(known, youths, policy, self._spec, begins=begins, ends=ends, seed=asked.seed)
        return Question(youths, coming, policy, begins, ends, known, asked.staffing, asked.seed)

    async def _answer(self, pool: Executor, question: Question) -> Forecast:
        loop = asyncio.get_running_loop()
        parts = question.parts(PARTS)
        tallies = await asyncio.gather(*(loop.run_in_executor(pool, simulate, part) for part in parts))
        return told(question, tallies)

    def _alone(self) -> asyncio.Lock:
        if self._busy.locked():
            raise Problem(
                503,
                "planner-busy",
                "Another forecast is being made",
                "Ask again in half a minute.",
                headers={"Retry-After": str(SHORTEST_WAIT_SECONDS)},
            )
        return self._busy


def _processes() -> Executor:
    """Processes of their own, gone afterwards: the API answers others meanwhile, and keeps no memory of it."""
    return ProcessPoolExecutor(PARTS, mp_context=multiprocessing.get_context("spawn"))
