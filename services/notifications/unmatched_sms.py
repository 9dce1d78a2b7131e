"""SMS of which nobody knows whose they are: gallring goes by youths, so they go by a time of their own."""

import asyncio
from datetime import timedelta

import asyncpg
import structlog

from chassis import audit
from chassis.clock import CivilClock
from chassis.forgetting import count
from chassis.postgres import TROUBLE, transaction

log = structlog.get_logger(__name__)
SWEEP_SECONDS = 3600.0
FORGET = "delete from inbound_sms where message_id is null and received_at < $1"


class ForgetUnmatchedSms:
    """``kept`` is civil time, from the SMS on: long enough to find out whose it is."""

    def __init__(self, pool: asyncpg.Pool, clock: CivilClock, kept: timedelta) -> None:
        self._pool, self._clock, self._kept = pool, clock, kept

    async def run(self) -> None:
        """Forget until cancelled. A database that is away is asked again at the next turn."""
        while True:
            try:
                await self.once()
            except TROUBLE as error:
                log.warning("unmatched_sms_kept", error=type(error).__name__)
            await asyncio.sleep(SWEEP_SECONDS)

    async def once(self) -> int:
        """Delete what is older; return how many. That it was done is on record, of whom is not known."""
        now = self._clock.now()
        async with transaction(self._pool) as conn:
            done = count(await conn.execute(FORGET, now - self._kept))
            if done:
                await audit.record(
                    conn,
                    actor="notifications",
                    role="service",
                    action="inbound-sms.forget",
                    at=now,
                    subject=str(done),
                )
        return done
