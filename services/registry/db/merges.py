"""When two persons turn out to be one, what is kept about the one goes to the other."""

from collections.abc import Sequence
from uuid import UUID

from chassis.postgres import Connection
from services.registry.db import bulk

# Every table with a person_id of what staff keep. Whoever adds one adds it here.
KEPT = (
    "occupations",
    "measures",
    "documentation.guardians",
    "documentation.contact_points",
    "documentation.plans",
    "documentation.consents",
    "documentation.holds",
)


async def move_kept(conn: Connection, merged: Sequence[UUID]) -> int:
    """Move what is kept about merged persons to those whom they were merged into; return how many rows."""
    return sum(
        [
            await bulk.execute(
                conn,
                f"update {table} t set person_id = p.merged_into from persons p "  # noqa: S608 - constants
                "where t.person_id = any($1::uuid[]) and p.id = t.person_id and p.merged_into is not null",
                merged,
            )
            for table in KEPT
        ]
    )
