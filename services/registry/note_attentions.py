"""Note, at the end of a run, which sources a person must look at. Closed by itself when a source is good again."""

from datetime import date, datetime
from uuid import UUID

from chassis.postgres import Connection
from services.registry.db import attentions as db
from services.registry.db import ss12000_removed
from services.registry.domain.attention import Attention, AttentionReason, attentions, removed_server
from services.registry.settings import Settings
from services.registry.ss12000_settings import Configured


async def note_attentions(
    conn: Connection,
    run_id: UUID,
    as_of: date,
    at: datetime,
    settings: Settings,
    servers: Configured,
    navet_failed: str | None,
) -> None:
    """Open what is new, and close what is no more. ``at`` is civil time; ``navet_failed``: why a file of Navet's
    was passed over."""
    stale_after = settings.registry_stale_after_days
    found = [
        attention
        for seen in await db.seen(conn, run_id, servers.names, navet_failed)
        for attention in attentions(seen, as_of, stale_after.of(seen.source))
    ]
    if servers.refused is not None:
        found.append(Attention("ss12000", AttentionReason.FAILED, servers.refused))
    found += await _removed(conn, servers)
    keys = {(one.source, one.reason) for one in found}
    standing = await conn.fetch(db.STANDING)
    over = [row["id"] for row in standing if (row["source"], row["reason"]) not in keys]
    await conn.execute(db.CLOSE, over, at, run_id)
    await conn.executemany(db.OPEN, db.rows(found, at, run_id))


async def _removed(conn: Connection, servers: Configured) -> list[Attention]:
    if servers.names is None:
        return []
    return [
        removed_server(row["server"], row["standing"])
        for row in await conn.fetch(ss12000_removed.REMOVED, servers.names)
    ]
