"""Note, at the end of a run, which sources a person must look at. Closed by itself when a source is good again."""

import asyncio
from datetime import date, datetime
from uuid import UUID

from chassis.postgres import Connection
from services.registry.db import attentions as db
from services.registry.domain.attention import attentions
from services.registry.settings import Settings
from services.registry.sources.ss12000.config import read_config


async def note_attentions(conn: Connection, run_id: UUID, as_of: date, at: datetime, settings: Settings) -> None:
    """Open what is new, and close what is no more. ``at`` is civil time."""
    stale_after, file = settings.registry_stale_after_days, settings.registry_ss12000_file
    servers = [] if file is None else (await asyncio.to_thread(read_config, file)).servers
    found = [
        attention
        for seen in await db.seen(conn, run_id, [server.name for server in servers])
        for attention in attentions(seen, as_of, stale_after.of(seen.source))
    ]
    keys = {(one.source, one.reason) for one in found}
    standing = await conn.fetch(db.STANDING)
    over = [row["id"] for row in standing if (row["source"], row["reason"]) not in keys]
    await conn.execute(db.CLOSE, over, at, run_id)
    await conn.executemany(db.OPEN, db.rows(found, at, run_id))
