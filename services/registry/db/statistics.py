"""What PostgreSQL knows of its tables, learnt anew in a run that changes much of them.

It learns by itself, some minutes later; but a run's own statements, and those of the next, would be planned
for tables as they were: a first run's as if they were empty.
"""

from chassis.postgres import Connection
from services.registry.db import bulk

MERGED = "analyze persons, person_numbers, population_statements, enrolments, exams"
DECIDED = "analyze coverage_periods, episodes"
# Of so large a part of the persons something is told.
MUCH = """
select count(*) > 1000 and count(*) > 0.1 * (select count(*) from persons)
from (select distinct person_id from affected) a
"""


async def is_much_changed(conn: Connection) -> bool:
    """Return whether the run (its temporary table ``affected``) concerns a large part of the register."""
    return bool(await conn.fetchval(MUCH, timeout=bulk.BULK_SECONDS))


async def learn(conn: Connection, statement: str) -> None:
    """Run `MERGED` or `DECIDED`. A role that may not (MAINTAIN) gets a warning of the server's, no error."""
    await bulk.execute(conn, statement)
