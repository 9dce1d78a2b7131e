"""Who still waits for the start when a new version of the policy takes effect starts with it.

Their workflows are told, and record that they follow it; whoever has begun meanwhile takes no notice. Looked
through when the version in force or the day is another than before: what was missed is told the next day.
"""

import asyncio
from datetime import date
from uuid import UUID

import asyncpg
import structlog

from chassis.clock import CivilClock
from chassis.inbox import Transient
from chassis.postgres import TROUBLE
from contracts.ids import business_id
from contracts.outreach_workflow import SIGNAL_NEW_POLICY, NewPolicy
from services.outreach.db.policies import WAIT_WITH_ANOTHER
from services.outreach.policy_versions import Policies
from services.outreach.signals import NoWorkflow, Signals

log = structlog.get_logger(__name__)
PAUSE = 20.0  # real seconds
BATCH = 500
NIL = UUID(int=0)
PASSING: tuple[type[Exception], ...] = (Transient, *TROUBLE)


class Adoption:
    """Tells the workflows of waiting youths which policy is in force."""

    def __init__(self, pool: asyncpg.Pool, policies: Policies, signals: Signals, clock: CivilClock) -> None:
        self._pool, self._policies, self._signals, self._clock = pool, policies, signals, clock
        self._done: tuple[date, str] | None = None

    async def run(self) -> None:
        """Look through now and then, until cancelled. What is away comes back."""
        while True:
            try:
                await self.once()
            except PASSING as error:
                log.warning("new_policy_not_told", error=type(error).__name__)
            await asyncio.sleep(PAUSE)

    async def once(self) -> int:
        """Tell those who wait with another version than the one in force; return how many were told.

        Raises Transient while Temporal is away: those who were told already take no notice the next time.
        """
        policy = await self._policies.in_force()
        day = self._clock.today()
        if self._done == (day, policy.version):
            return 0
        told, after = 0, (NIL, NIL)
        while rows := await self._pool.fetch(WAIT_WITH_ANOTHER, day, policy.version, *after, BATCH):
            for youth_id, episode_id in rows:
                event_id = business_id(youth_id, episode_id, SIGNAL_NEW_POLICY, policy.version, day)
                fact = NewPolicy(event_id=event_id, episode_id=episode_id, policy=policy)
                try:
                    await self._signals.send(youth_id, SIGNAL_NEW_POLICY, fact)
                    told += 1
                except NoWorkflow:
                    continue  # about to start, or ended
            after = tuple(rows[-1])
        self._done = (day, policy.version)
        if told:
            log.info("new_policy_told", version=policy.version, youths=told)
        return told
