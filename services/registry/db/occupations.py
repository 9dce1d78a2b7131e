"""Occupation history: register data (förordning 2006:39, 4 §)."""

import asyncpg

from contracts.occupation import KnowledgeSource, OccupationCode
from services.registry.db.kept import Table
from services.registry.domain.occupation import Entry

OCCUPATIONS = Table(
    "occupations", ("code", "starts_on", "ends_on", "knowledge_source", "known_on", "withdrawn_on")
)
LIST = """
select * from occupations where person_id = $1
order by coalesce(starts_on, known_on) desc, known_on desc, id
"""
GET = "select * from occupations where person_id = $1 and id = $2"


def entry(row: asyncpg.Record) -> Entry:
    return Entry(
        entry_id=row["id"],
        code=OccupationCode(row["code"]),
        starts_on=row["starts_on"],
        ends_on=row["ends_on"],
        knowledge_source=KnowledgeSource(row["knowledge_source"]),
        known_on=row["known_on"],
        withdrawn=row["withdrawn_on"] is not None,
    )
