"""Which SS 12000 servers are to be read, and what becomes of those that are not any more."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from chassis.postgres import Connection
from services.registry.db import ss12000_removed as db
from services.registry.sources.ss12000.config import ConfigRefused, FeedConfig, read_config


@dataclass(frozen=True, slots=True)
class Configured:
    """``config`` None: no server is to be read, or, with ``refused``, nobody can tell which."""

    config: FeedConfig | None
    refused: str | None = None

    @property
    def names(self) -> list[str] | None:
        """Names of the servers that are read; None when nobody can tell."""
        if self.refused is not None:
            return None
        return [] if self.config is None else [server.name for server in self.config.servers]


async def configured(file: Path | None) -> Configured:
    """Return what the settings say. A file that does not hold stops no run: its servers are as if they failed."""
    if file is None:
        return Configured(None)
    try:
        return Configured(await asyncio.to_thread(read_config, file))
    except ConfigRefused as refused:
        return Configured(None, str(refused))


async def forget_removed(conn: Connection, servers: Configured, known_from: datetime) -> None:
    """Close what servers told that are not read any more, once a person has said so; before, it stands.

    Adds whom it concerns to the temporary table ``affected``. Of who told nothing that stands, nobody is asked.
    """
    if (names := servers.names) is None:
        return
    gone = [row["server"] for row in await conn.fetch(db.TO_FORGET, names)]
    if gone:
        await conn.execute(db.CLOSE, [f"ss12000:{name}" for name in gone], known_from)
        await conn.execute(db.DELETE_ROWS, gone)
        await conn.execute(db.DELETE_SERVERS, gone)
