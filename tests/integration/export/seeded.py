"""Rows about a youth in the databases of all services (seeds/*.sql), with canaries that are this youth's alone.

In the statements ``{tag}`` makes the canaries of a youth; ``{episode}``, ``{message}`` and so on are ids.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg

from deploy.local.databases import SERVICES, Database

STAFF = "staffid4711"  # who of the staff: must never be told
AT = "timestamptz '2026-05-04 10:00+02'"
OF_GUARDIANS = ("guardian{tag}", "vnamn{tag}", "vtel{tag}")
IDS = ("run", "episode", "entity", "report", "key", "entry", "plan", "message")
SEEDS = {
    service: (Path(__file__).parent / "seeds" / f"{service}.sql").read_text(encoding="utf-8")
    for service in SERVICES
}


@dataclass
class Seeded:
    """A youth of whom there is something in every section of every service."""

    tag: str
    number: str
    born: date = date(2010, 1, 1)
    protection: str = "none"
    youth: UUID = field(default_factory=uuid4)
    ids: dict[str, UUID] = field(default_factory=lambda: {name: uuid4() for name in IDS})

    def sql(self, service: str) -> str:
        values = {
            "tag": self.tag,
            "number": self.number,
            "born": self.born,
            "protection": self.protection,
            "youth": self.youth,
            "staff": STAFF,
            "at": AT,
            **self.ids,
        }
        return re.sub(r"\{(\w+)\}", lambda match: str(values[match[1]]), SEEDS[service])

    async def put_into(self, databases: dict[str, Database]) -> None:
        for service, database in databases.items():
            conn = await asyncpg.connect(database.app_url)
            try:
                await conn.execute(self.sql(service))
            finally:
                await conn.close()

    def canaries(self) -> set[str]:
        """Every word of the statements that holds the tag, but what a letter says: that is there as base64."""
        words = {
            match for seed in SEEDS.values() for match in re.findall(r"[^\s'\",()]*\{tag\}[^\s'\",()]*", seed)
        }
        return {word.replace("{tag}", self.tag) for word in words - {"letter{tag}"}}
