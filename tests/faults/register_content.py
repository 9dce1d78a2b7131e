"""All that a registry's database holds, table by table, to be compared with what it held, or with another's."""

import json
import re
from collections import Counter
from typing import Any

import asyncpg

# What is known of runs, not of anybody; and what is staged for one.
OF_RUNS = {"audit_seals", "sync_runs", "source_loads", "rejects", "ss12000_rejects", "schema_migrations"}
TABLES = """
select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'r' and c.relpersistence = 'p' and n.nspname not in ('pg_catalog', 'information_schema')
    and c.relname <> all($1::text[])
order by 1
"""
# Of the audit what the register itself did; that a test reads it is on record too.
ROWS = {"public.audit": "select to_jsonb(t) as row from audit t where actor = 'registry'"}
NUMBERS = "select person_id, min(number) as number from person_numbers group by person_id"
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:[0-9.]+(?:\+\d\d:?\d\d|Z)?")
NOT_TOLD = {"id", "traceparent", "xid", "origin"}  # numbers, traces and who asked differ from day to day

Content = dict[str, Counter[str]]


async def content(pool: asyncpg.Pool) -> Content:
    """Return every row of every table, ids and times included."""
    found: Content = {}
    async with pool.acquire() as conn, conn.transaction(isolation="repeatable_read", readonly=True):
        for table in await conn.fetch(TABLES, sorted(OF_RUNS)):
            name = table["name"]
            rows = await conn.fetch(ROWS.get(name, f"select to_jsonb(t) as row from {name} t"))
            found[name] = Counter(json.dumps(row["row"], sort_keys=True, ensure_ascii=False) for row in rows)
    return found


async def comparable(pool: asyncpg.Pool) -> Content:
    """Return the same as another register would have it that was told the same at other moments: persons by
    their number, other ids and instants as such."""
    numbers = {str(row["person_id"]): row["number"] for row in await pool.fetch(NUMBERS)}

    def told(row: str) -> str:
        plain = {name: value for name, value in json.loads(row).items() if name not in NOT_TOLD}
        text = json.dumps(plain, sort_keys=True, ensure_ascii=False)
        text = UUID.sub(lambda found: numbers.get(found[0], "some id"), text)
        return INSTANT.sub("some time", text)

    return {name: Counter(told(row) for row in rows.elements()) for name, rows in (await content(pool)).items()}


def differences(found: Content, wanted: Content) -> dict[str, Any]:
    """Return what one has and the other has not, by table; nothing when they are the same."""
    return {
        name: {"only here": dict(found[name] - wanted[name]), "only there": dict(wanted[name] - found[name])}
        for name in found.keys() | wanted.keys()
        if found[name] != wanted[name]
    }
