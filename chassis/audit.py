"""The audit table: who, in which role, did or read what, about whom, when and why. Append-only."""

from datetime import datetime
from uuid import UUID

from chassis.postgres import Connection


async def record(
    conn: Connection,
    *,
    actor: str,
    role: str,
    action: str,
    at: datetime,
    youth_id: UUID | None = None,
    subject: str | None = None,
    why: str | None = None,
) -> None:
    """Write one row in the caller's transaction.

    ``actor`` is a staff id or a service's name; ``action`` a verb with its object (``task.complete``);
    ``subject`` an opaque id of what else it was done to; ``at`` civil time. No free text about a person.
    """
    await conn.execute(
        "insert into audit (at, actor, role, action, youth_id, subject, why) values ($1,$2,$3,$4,$5,$6,$7)",
        at,
        actor,
        role,
        action,
        youth_id,
        subject,
        why,
    )
