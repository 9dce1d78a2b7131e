"""The audit table: who, in which role, did or read what, about whom, when, why and from where. Append-only."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chassis.origin import origin
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
        "insert into audit (at, actor, role, action, youth_id, subject, why, origin) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8)",
        at,
        actor,
        role,
        action,
        youth_id,
        subject,
        why,
        origin(),
    )


async def record_each(
    conn: Connection,
    *,
    actor: str,
    role: str,
    action: str,
    at: datetime,
    about: Sequence[tuple[UUID | None, str | None]],
    why: str | Sequence[str | None] | None = None,
) -> None:
    """Write one row for each (youth id, subject) of the same action, in one statement.

    ``why`` is of all of them, or in their order of each.
    """
    whys = [why] * len(about) if why is None or isinstance(why, str) else list(why)
    await conn.execute(
        "insert into audit (at, actor, role, action, youth_id, subject, why, origin) "
        "select $1, $2, $3, $4, youth_id, subject, why, $8 "
        "from unnest($5::uuid[], $6::text[], $7::text[]) as a (youth_id, subject, why)",
        at,
        actor,
        role,
        action,
        [youth_id for youth_id, _ in about],
        [subject for _, subject in about],
        whys,
        origin(),
    )
