"""Gallring in outreach: journeys, tasks and decisions of a youth go, whichever clock ran out (docs/gallring.md).

All of it is documentation; nothing of it is the register's. Done twice, the second time finds nothing.
"""

from datetime import datetime
from uuid import UUID

from chassis import audit
from chassis.forgetting import forget_youths
from chassis.postgres import Connection

_TASKS = "task_id in (select task_id from tasks where youth_id = $1)"
FORGET = (
    f"delete from task_history where {_TASKS}",  # noqa: S608 - a constant
    f"delete from early_closures where {_TASKS}",  # noqa: S608
    "delete from calendar where youth_id = $1",
    "delete from visits where youth_id = $1",
    "delete from tasks where youth_id = $1",
    "delete from handover_consents where youth_id = $1",
    "delete from wave_youths where youth_id = $1",
    "delete from decisions where youth_id = $1",
    "delete from transitions where youth_id = $1",
    "delete from journeys where youth_id = $1",
)


async def forget(conn: Connection, youth_id: UUID, event_id: UUID, at: datetime) -> None:
    """Delete what is kept of a youth, in the inbox's transaction."""
    for statement in FORGET:
        await conn.execute(statement, youth_id)
    await forget_youths(conn, [youth_id])
    await audit.record(
        conn, actor="registry", role="service", action="youth.forget", at=at, youth_id=youth_id,
        subject=str(event_id),
    )  # fmt: skip
