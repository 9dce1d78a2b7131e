"""Tasks that no workflow opens: a handover at the end of the duty, and a contact before a dropout.

No step of the search opens or cancels them. Facts do, each in the transaction of its event or sweep; they are
completed as concerns are (`concerns`). Their ids are business ids: told twice, opened once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from chassis import audit, outbox
from chassis.postgres import Connection
from contracts.events import TaskCancelled, TaskOpened
from contracts.ids import business_id
from contracts.tasks import TaskGroup, TaskKind, TaskMark
from services.outreach.assigning import SERVICE
from services.outreach.db import own_tasks, tasks
from services.outreach.domain.events import outgoing


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTask:
    """What is to be done. ``about`` makes the task's id: the same fact is the same task."""

    kind: TaskKind
    youth_id: UUID
    episode_id: UUID
    district: str | None
    protected: bool
    due_on: date
    about: UUID
    marks: Sequence[TaskMark] = ()


async def open_task(conn: Connection, task: OwnTask, at: datetime) -> bool:
    """Open a task; False when it is there already, open or done. ``at`` is civil time."""
    task_id = business_id("own-task", task.kind, task.about)
    group = TaskGroup.SPECIAL_HANDLERS if task.protected else TaskGroup.COORDINATORS
    district = None if task.protected else task.district
    opened = await conn.fetchval(
        own_tasks.OPEN, task_id, task.youth_id, task.episode_id, task.kind, group, district, task.protected,
        task.due_on, list(task.marks), at,
    )  # fmt: skip
    if opened is None:
        return False
    await conn.execute(tasks.ADD_HISTORY, task_id, at, "opened", SERVICE)
    await _note(conn, task.youth_id, task_id, "task.open", at)
    event = TaskOpened(
        youth_id=task.youth_id,
        episode_id=task.episode_id,
        task_id=task_id,
        kind=task.kind,
        group=group,
        district=district,
        attempt=1,
        due_on=task.due_on,
    )
    await outbox.put_many(conn, [outgoing(event, at, task_id)])
    return True


async def cancel_tasks(conn: Connection, youth_id: UUID, kind: TaskKind, at: datetime) -> None:
    """Cancel what is open of a kind for a youth: it is not needed any more."""
    for row in await conn.fetch(own_tasks.CANCEL, youth_id, kind, at):
        await conn.execute(tasks.ADD_HISTORY, row["task_id"], at, "cancelled", SERVICE)
        await _note(conn, youth_id, row["task_id"], "task.cancel", at)
        event = TaskCancelled(
            youth_id=youth_id,
            episode_id=row["episode_id"],
            task_id=row["task_id"],
            kind=kind,
            district=row["district"],
            attempt=row["attempt"],
        )
        await outbox.put_many(conn, [outgoing(event, at, row["task_id"])])


async def _note(conn: Connection, youth_id: UUID, task_id: UUID, action: str, at: datetime) -> None:
    await audit.record(
        conn, actor=SERVICE, role="service", action=action, at=at, youth_id=youth_id, subject=str(task_id)
    )
