"""Writing what a run decided: episodes, set-wise, with their grounds."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from chassis.postgres import Connection
from services.registry.db import bulk
from services.registry.domain.coverage import Coverage, as_document
from services.registry.domain.episodes import Change, End, Register

# COPY is binary and our jsonb travels as text: so decisions are copied beside, and written from there.
OPENED = """
create temporary table if not exists opened (
    id uuid, person_id uuid, reason text, tracks text[], district text, protected boolean,
    last_covered_day date, grounds text
) on commit drop
"""
OPEN = """
insert into episodes (
    id, person_id, municipality, registered_on, reason, tracks, district, protected, last_covered_day, grounds,
    opened_by
)
select id, person_id, $1, $2, reason, tracks, district, protected, last_covered_day, grounds::jsonb, $3
from opened
"""
CHANGED = """
create temporary table changed (
    id uuid, tracks text[], district text, protected boolean, last_covered_day date
) on commit drop
"""
CHANGE = """
update episodes e set tracks = c.tracks, district = c.district, protected = c.protected,
    last_covered_day = c.last_covered_day
from changed c where c.id = e.id
"""
ENDED = """
create temporary table ended (id uuid, ended_on date, end_reason text, end_grounds text) on commit drop
"""
END = """
update episodes e set ended_on = d.ended_on, end_reason = d.end_reason, end_grounds = d.end_grounds::jsonb,
    ended_by = $1, ended_at = $2
from ended d where d.id = e.id and e.ended_on is null
"""
OPEN_OF = "select count(*) from episodes where ended_on is null and person_id = any($1::uuid[])"
COVERED = "select count(*) from episodes where ended_on is null"


async def open_new(
    conn: Connection, run_id: UUID, as_of: date, municipality: str, new: Sequence[tuple[UUID, Register]]
) -> None:
    """Insert episodes with these ids. May be called several times in a transaction."""
    if not new:
        return
    await conn.execute(OPENED)
    await conn.execute("delete from opened")
    columns = ["id", "person_id", "reason", "tracks", "district", "protected", "last_covered_day", "grounds"]
    rows = [
        (
            episode_id, one.person.facts.person_id, one.reason, list(one.told.tracks), one.told.district,
            one.told.protected, one.told.last_covered_day, _grounds(one.coverage),
        )
        for episode_id, one in new
    ]  # fmt: skip
    await bulk.copy(conn, "opened", columns, rows)
    await bulk.execute(conn, OPEN, municipality, as_of, run_id)


async def change(conn: Connection, changes: Sequence[Change]) -> None:
    await conn.execute(CHANGED)
    rows = [
        (one.episode_id, list(one.told.tracks), one.told.district, one.told.protected, one.told.last_covered_day)
        for one in changes
    ]
    await bulk.copy(conn, "changed", ("id", "tracks", "district", "protected", "last_covered_day"), rows)
    await bulk.execute(conn, CHANGE)


async def end(conn: Connection, run_id: UUID | None, ends: Sequence[End], at: datetime | None = None) -> None:
    """End episodes in a run; without one, ``at`` says when it was found."""
    await conn.execute(ENDED)
    rows = [(one.episode_id, one.ended_on, one.reason, _grounds(one.coverage)) for one in ends]
    await bulk.copy(conn, "ended", ("id", "ended_on", "end_reason", "end_grounds"), rows)
    await bulk.execute(conn, END, run_id, at)


async def count_open_of(conn: Connection, person_ids: Sequence[UUID]) -> int:
    """Count those of these persons for whom the duty goes on."""
    count: int = await conn.fetchval(OPEN_OF, person_ids)
    return count


async def count_covered(conn: Connection) -> int:
    covered: int = await conn.fetchval(COVERED)
    return covered


def _grounds(coverage: Coverage) -> str:
    return json.dumps(as_document(coverage))
