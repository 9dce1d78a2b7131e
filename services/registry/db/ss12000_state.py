"""How far SS 12000 servers have been read and applied, and the absences that they told of."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from chassis.postgres import Connection
from services.registry.db import bulk
from services.registry.sources.ss12000.plan import Progress

PROGRESS = "select server, whole_on, whole_rows, since, absences_until from ss12000_servers"

# Of pupils whom we know; at the school where they were in that period, or last.
ABSENCES = """
select distinct on (a.server, a.entity_id)
    a.server, a.entity_id, n.person_id, r.person_number, r.school_unit, a.from_day, a.to_day, a.offered_minutes,
    a.invalid_minutes
from staging_ss12000_absences a
    join ss12000_readings d using (run_id, server)
    join ss12000_rows r on r.server = a.server and r.entity_id = a.entity_id and r.starts_on <= a.to_day
    join person_numbers n on n.number = r.person_number
where a.run_id = $1
order by a.server, a.entity_id, r.starts_on desc, r.kind
"""


class AbsenceReport(NamedTuple):
    """Considerable absence (15 kap. 15 §) of a person we know. Days inclusive; ``school_unit`` eight digits."""

    server: str
    entity_id: UUID
    person_id: UUID
    person_number: str
    school_unit: str
    from_day: date
    to_day: date
    offered_minutes: int
    invalid_minutes: int


@dataclass(frozen=True, slots=True)
class ServerProgress:
    progress: Progress
    whole_rows: int | None


async def progress(conn: Connection) -> dict[str, ServerProgress]:
    """Return how far each server has been read and applied."""
    return {
        row["server"]: ServerProgress(
            Progress(row["whole_on"], row["since"], row["absences_until"]), row["whole_rows"]
        )
        for row in await conn.fetch(PROGRESS)
    }


async def absences(conn: Connection, run_id: UUID) -> list[AbsenceReport]:
    """Return a run's reports of considerable absence; to be called after `ss12000_merge.merge`."""
    return [AbsenceReport(*row) for row in await bulk.fetch(conn, ABSENCES, run_id)]
