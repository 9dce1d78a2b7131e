"""Looking for words in every row of every table, whatever its columns are."""

from collections.abc import Iterable
from pathlib import Path

import asyncpg

TABLES = """
select table_schema || '.' || table_name as name from information_schema.tables
where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema') order by 1
"""
# Columns that say whom a row is about.
ABOUT_SOMEBODY = """
select distinct table_schema || '.' || table_name as name from information_schema.columns
join information_schema.tables using (table_schema, table_name)
where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')
    and column_name in ('person_id', 'person_number', 'youth_id', 'plan_id', 'message_id', 'task_id', 'report_id')
"""


async def found(pool: asyncpg.Pool, words: Iterable[object]) -> dict[str, list[str]]:
    """Return the rows, as text, that hold one of the words, by table. Bytes are searched too."""
    wanted = [str(word) for word in words]
    patterns = [f"%{form}%" for word in wanted for form in (word, word.encode().hex())]
    rows: dict[str, list[str]] = {}
    for table in await pool.fetch(TABLES):
        name = table["name"]
        texts = await pool.fetch(
            f"select t::text as row from {name} t where t::text ilike any($1::text[]) order by 1",
            patterns,
        )
        if texts:
            rows[name] = [text["row"] for text in texts]
    return rows


async def about_somebody(pool: asyncpg.Pool) -> set[str]:
    return {row["name"] for row in await pool.fetch(ABOUT_SOMEBODY)}


def in_files(folder: Path, words: Iterable[object]) -> list[str]:
    """Return the files below a folder that hold one of the words, in name or content."""
    wanted = [str(word) for word in words]
    return sorted(
        path.name
        for path in folder.rglob("*")
        if path.is_file() and any(word in path.name or word.encode() in path.read_bytes() for word in wanted)
    )
