"""What the chassis' own tables hold of a youth, when the youth is deleted (docs/gallring.md).

The inbox holds ids of events only. The audit keeps who did what to an opaque id, without the reasons that
staff wrote. An event that has not gone out yet goes out: those who read it are told to delete it after.
"""

from collections.abc import Sequence
from uuid import UUID

from chassis.postgres import Connection

_OUTBOX = "delete from outbox where key = any($1::uuid[]) and published_at is not null"
_DEAD = "delete from dead_letters where key = any($1::uuid[])"


async def forget_youths(conn: Connection, youth_ids: Sequence[UUID]) -> dict[str, int]:
    """Delete in the caller's transaction; return how many rows of which table."""
    return {
        "outbox": count(await conn.execute(_OUTBOX, youth_ids)),
        "dead_letters": count(await conn.execute(_DEAD, youth_ids)),
        "audit_reasons": await conn.fetchval("select forget_why($1::uuid[])", youth_ids),
    }


def count(status: str) -> int:
    """Return the number of rows in PostgreSQL's command status, such as ``DELETE 3``."""
    return int(status.rsplit(" ", 1)[-1])
