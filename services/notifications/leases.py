"""Leases: short, so that the work of a dead process is soon taken over, and renewed while it lives."""

import asyncio
from contextlib import AbstractAsyncContextManager
from uuid import UUID

import asyncpg
import structlog

from chassis.beside import beside
from chassis.postgres import TROUBLE
from services.notifications.db import queue

log = structlog.get_logger(__name__)

LEASE_SECONDS = 15.0
RENEW_SECONDS = 4.0


def held(pool: asyncpg.Pool, lease_id: UUID) -> AbstractAsyncContextManager[None]:
    """Renew a lease until the block ends.

    Should renewing fail for so long that another process takes over, nothing is sent twice: what has
    not begun cannot begin without the lease, and what has begun is asked about by whoever takes it.
    """
    return beside(_renew(pool, lease_id))


async def _renew(pool: asyncpg.Pool, lease_id: UUID) -> None:
    while True:
        await asyncio.sleep(RENEW_SECONDS)
        try:
            async with pool.acquire() as conn:
                await queue.renew(conn, lease_id, seconds=LEASE_SECONDS)
        except TROUBLE as error:
            log.warning("lease_not_renewed", error=type(error).__name__)
