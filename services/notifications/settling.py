"""What an attempt came to, written down at once: one transaction per outcome."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from uuid import UUID

import asyncpg
from prometheus_client import Counter

from chassis.clock import CivilClock
from chassis.postgres import transaction
from contracts.messages import Channel, SkipReason
from services.notifications import after_end, transitions
from services.notifications.db import queue
from services.notifications.db.queue import Leased
from services.notifications.domain import retries
from services.notifications.domain.failures import FailureCode

outcomes = Counter("messages_total", "Outcomes of sending", ["channel", "outcome"])


class Settling:
    """Settles the messages of one lease."""

    def __init__(self, pool: asyncpg.Pool, clock: CivilClock, lease_id: UUID) -> None:
        self._pool, self._clock, self._lease_id = pool, clock, lease_id

    async def sent(self, channel: Channel, references: Mapping[UUID, str], provider: str) -> None:
        """Handed over, with the provider's references."""
        if not references:
            return
        async with transaction(self._pool) as conn:
            await transitions.sent(conn, references, provider, self._clock.now())
            await after_end.report_late(conn, references.keys())
        outcomes.labels(channel, "sent").inc(len(references))

    async def skipped(self, reasons: Mapping[UUID, SkipReason]) -> None:
        """Must not be sent."""
        if not reasons:
            return
        async with transaction(self._pool) as conn:
            await transitions.skipped(conn, reasons, self._clock.now())
        for reason in reasons.values():
            outcomes.labels("any", f"skipped_{reason}").inc()

    async def failed(self, codes: Mapping[UUID, FailureCode]) -> None:
        """Will never be sent."""
        if not codes:
            return
        async with transaction(self._pool) as conn:
            await transitions.failed(conn, codes, self._clock.now())
        for code in codes.values():
            outcomes.labels("any", f"failed_{code}").inc()

    async def not_sent(self, message: Leased, code: FailureCode) -> None:
        """Surely nothing was sent: try again later, or fail with ``code`` after the last try."""
        follows = retries.after_failed_attempt(message.attempts)
        if isinstance(follows, retries.GiveUp):
            await self.failed({message.message_id: code})
        else:
            outcomes.labels(message.channel, "retried").inc()
            await self.given_back([message], follows.after, keep_begun=False, counts=True)

    async def unclear(self, messages: Iterable[Leased]) -> None:
        """Perhaps sent: ask later, or fail after the last try."""
        for message in messages:
            outcomes.labels(message.channel, "unclear").inc()
            follows = retries.after_unclear_attempt(message.attempts)
            if isinstance(follows, retries.GiveUp):
                await self.failed({message.message_id: FailureCode.UNCLEAR})
            else:
                await self.given_back([message], follows.after, keep_begun=True, counts=True)

    async def given_back(
        self, messages: Sequence[Leased], after: timedelta, *, keep_begun: bool, counts: bool
    ) -> None:
        """Due again after a real duration; see `db.queue.again`."""
        ids = [message.message_id for message in messages]
        async with self._pool.acquire() as conn:
            await queue.again(conn, self._lease_id, ids, after, keep_begun=keep_begun, counts=counts)
