"""Note where sources contradict one another, within the transaction of a run, once all of them are merged."""

from datetime import date, datetime
from uuid import UUID

from chassis.postgres import Connection
from services.registry.db import bulk
from services.registry.db import conflicts as db
from services.registry.domain.conflicts import Conflict, Patience, Said, conflicts

AT_A_TIME = 2_000
Key = tuple[UUID, str, Said]


async def note_conflicts(conn: Connection, run_id: UUID, as_of: date, at: datetime, patience: Patience) -> int:
    """Open what is new and close what is no more; return how many are open. ``at`` is civil time.

    One that a person has settled stays settled as long as the sources tell the same.
    """
    people = await db.candidates(conn, as_of, at, patience)
    found: dict[Key, tuple[UUID, Conflict]] = {}
    for start in range(0, len(people), AT_A_TIME):
        for person, said in (await db.sourced(conn, people[start : start + AT_A_TIME])).items():
            found |= {(person, one.kind, one.said): (person, one) for one in conflicts(said, as_of, patience)}
    standing: dict[Key, UUID] = {
        (row["person_id"], row["kind"], tuple((who, what) for who, what in row["said"])): row["id"]
        for row in await bulk.fetch(conn, db.STANDING, people)
    }
    await bulk.execute(conn, db.CLOSE, [standing[key] for key in standing.keys() - found.keys()], at, run_id)
    await db.open_all(conn, run_id, at, [found[key] for key in found if key not in standing])
    count: int = await conn.fetchval(db.COUNT_OPEN)
    return count
