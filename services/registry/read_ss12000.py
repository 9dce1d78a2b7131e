"""Use case: read what is due at the SS 12000 servers into staging. One that fails is left out, and says why."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from chassis.clock import CivilClock
from chassis.postgres import transaction
from services.registry.db import ss12000_staging as staging
from services.registry.db import ss12000_state as state
from services.registry.db.ss12000_state import ServerProgress
from services.registry.sources.ss12000.asking import Sleep
from services.registry.sources.ss12000.config import FeedConfig
from services.registry.sources.ss12000.delivery import Batch, Counts, Delivery, Kind
from services.registry.sources.ss12000.plan import Progress, due, why_not_believed
from services.registry.sources.ss12000.side_by_side import read_all

NEVER = ServerProgress(Progress(), None)


@dataclass(frozen=True, slots=True)
class ServerReport:
    """How a server fared. ``failed``: not read, as it was before. ``held``: read, but taken nothing from."""

    server: str
    kind: Kind | None
    counts: Counts | None
    failed: str | None = None
    held: str | None = None


async def read_ss12000(
    pool: asyncpg.Pool,
    config: FeedConfig,
    clock: CivilClock,
    run_id: UUID,
    *,
    shrinking_accepted: bool = False,
    sleep: Sleep = asyncio.sleep,
) -> list[ServerReport]:
    """Read all servers for a run; read again for the same run, it replaces what was read before.

    Each batch is stored in a transaction of its own: a slow server holds no locks, and what was staged counts
    only when its server has been read to the end. ``shrinking_accepted``: a person found the loss of rows right.
    """
    async with transaction(pool) as conn:
        known = await state.progress(conn)
        for server in config.servers:
            await staging.clear(conn, run_id, server.name)
    now = clock.now()
    wanted = [
        (server, due(config, server, known.get(server.name, NEVER).progress, now)) for server in config.servers
    ]
    rejects: Counter[str] = Counter()

    async def take(server: str, batch: Batch) -> None:
        async with transaction(pool) as conn:
            rejects[server] += await staging.stage(conn, run_id, server, batch, rejects[server])

    reports = []
    for one in await read_all(config, wanted, clock, take, sleep=sleep):
        async with transaction(pool) as conn:
            if one.delivery is None:
                await staging.fail(conn, run_id, one.server, one.failed or "", clock.now())
                reports.append(ServerReport(one.server, None, None, failed=one.failed))
                continue
            held = _held(one.delivery, known.get(one.server, NEVER), shrinking_accepted)
            await staging.finish(conn, run_id, one.delivery, held)
            reports.append(ServerReport(one.server, one.delivery.kind, one.delivery.counts, held=held))
    return reports


def _held(delivery: Delivery, known: ServerProgress, shrinking_accepted: bool) -> str | None:
    """Return why a whole reading is not believed, as a file would not be (`domain.holding`)."""
    if delivery.kind is not Kind.WHOLE or shrinking_accepted:
        return None
    return why_not_believed(delivery.counts.rows, known.whole_rows, delivery.counts.duplicates)
