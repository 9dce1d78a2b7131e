"""Receipts of SMS that were never sent: the sandbox' stand-in for a provider's webhooks.

They follow from the database, so that a restart loses none. A number that ends in 99 cannot be
reached, so that failures can be seen too; all others get theirs after a moment.
"""

import asyncio
from datetime import timedelta

import asyncpg
import structlog

from chassis.clock import CivilClock
from chassis.postgres import TROUBLE, transaction
from services.notifications.domain.failures import FailureCode
from services.notifications.domain.receipts import ReceiptStatus
from services.notifications.providers.sandbox_sms import NAME
from services.notifications.receipts import Receipt, apply_receipt

log = structlog.get_logger(__name__)

UNREACHABLE_ENDING = "99"
DELAY = timedelta(seconds=1)  # real
SWEEP_SECONDS = 0.5
BATCH = 200

WAITING = """
select m.message_id, m.reference, d.phone
from message m join document d using (message_id)
where m.provider = 'sandbox' and m.channel = 'sms' and m.state = 'sent'
  and m.handed_over_at <= now() - $1::interval
order by m.handed_over_at limit $2
"""


class SandboxReceipts:
    def __init__(self, pool: asyncpg.Pool, clock: CivilClock, delay: timedelta = DELAY) -> None:
        self._pool, self._clock, self._delay = pool, clock, delay

    async def run(self) -> None:
        """Deliver receipts until cancelled."""
        while True:
            try:
                done = await self.once()
            except TROUBLE as error:
                log.warning("sandbox_receipts_interrupted", error=type(error).__name__)
                done = 0
            if done < BATCH:
                await asyncio.sleep(SWEEP_SECONDS)

    async def once(self) -> int:
        """Deliver the receipts that are due; return how many."""
        rows = await self._pool.fetch(WAITING, self._delay, BATCH)
        for row in rows:
            lost = row["phone"].endswith(UNREACHABLE_ENDING)
            receipt = Receipt(
                message_id=row["message_id"],
                provider=NAME,
                reference=row["reference"],
                status=ReceiptStatus.FAILED if lost else ReceiptStatus.DELIVERED,
                word="undelivered" if lost else "delivered",
                failure=FailureCode.UNREACHABLE if lost else None,
            )
            async with transaction(self._pool) as conn:
                await apply_receipt(conn, receipt, self._clock.now())
        return len(rows)
