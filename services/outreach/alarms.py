"""The alarm when a pair does not check out of a visit in time: an urgent task of its own, raised exactly once.

When it is due stands in PostgreSQL (`visits.check_out_by`), and so no restart forgets it: whichever worker sweeps
next raises what came due meanwhile. The mark that it is raised, its task, history, audit and events are one
transaction. No workflow knows of it: it is about the staff, and no move of the youth takes it back.
"""

from datetime import datetime
from uuid import UUID

import asyncpg

from chassis import audit
from chassis.auth import Principal
from chassis.clock import CivilClock
from chassis.outbox import put_many
from chassis.postgres import Connection, transaction
from contracts.escalation import TaskEscalated
from contracts.events import TaskCompleted, TaskOpened
from contracts.ids import business_id
from contracts.outreach_workflow import UPDATE_COMPLETE_TASK, Decided
from contracts.tasks import Escalation, TaskGroup, TaskKind, VisitAlarmOutcome
from services.outreach.asked import asked_before, write_down, wrong_kind
from services.outreach.assigning import AT_ONCE, SERVICE, note
from services.outreach.claims import Claims, locked
from services.outreach.db import decisions, journeys, tasks, visits
from services.outreach.domain.access import acting_role
from services.outreach.domain.events import outgoing


async def raise_due(conn: Connection, now: datetime, limit: int = AT_ONCE) -> int:
    """Raise the alarms that are due, in the caller's transaction; return how many."""
    rows = await conn.fetch(visits.LATE, now, limit)
    if not rows:
        return 0
    of = [row["task_id"] for row in rows]
    ids = [business_id("visit_alarm", visit_id) for visit_id in of]
    await conn.execute(visits.RAISE, now, of, ids)
    alarms = await conn.fetch(visits.OPEN_ALARM, ids, of, now.date(), now)
    for event in ("opened", "escalated"):
        await note(conn, alarms, now, event=event, actor=SERVICE, role="service")
    for alarm in alarms:
        await _tell(conn, alarm, now)
    return len(alarms)


async def _tell(conn: Connection, alarm: asyncpg.Record, now: datetime) -> None:
    common = {name: alarm[name] for name in ("youth_id", "episode_id", "task_id", "district", "due_on")}
    opened = TaskOpened(
        **common, kind=TaskKind.VISIT_ALARM, group=TaskGroup(alarm["task_group"]), attempt=alarm["attempt"]
    )
    escalated = TaskEscalated(**common, kind=TaskKind.VISIT_ALARM, reason=Escalation.ALARM, escalated_at=now)
    await put_many(
        conn,
        [
            outgoing(opened, now, opened.task_id),
            outgoing(escalated, now, escalated.task_id, escalated.reason),
        ],
    )


class Alarms:
    """Completes alarms, for those who see them."""

    def __init__(self, pool: asyncpg.Pool, clock: CivilClock, claims: Claims) -> None:
        self._pool, self._clock, self._claims = pool, clock, claims

    async def complete(self, principal: Principal, task_id: UUID, outcome: VisitAlarmOutcome, key: str) -> Decided:
        """Complete an alarm; tells where the youth stands, which it does not change. Also after the duty's end.

        Raises problems: 404 when the caller sees no such task, 409 when it is closed or somebody else's, 422 when
        it is no alarm or the key was used for something else.
        """
        request = {
            "decision": UPDATE_COMPLETE_TASK,
            "task_id": str(task_id),
            "outcome": outcome.model_dump(mode="json", exclude_none=True),
        }
        async with transaction(self._pool) as conn:
            task = await locked(conn, principal, task_id)
            youth_id: UUID = task["youth_id"]
            if await asked_before(conn, principal, youth_id, key, request):
                asked = await conn.fetchrow(decisions.FIND, youth_id, key)
                assert asked is not None
                return Decided.model_validate(asked["answer"])
            if task["kind"] != TaskKind.VISIT_ALARM:
                raise wrong_kind(task["kind"])
            await self._claims.take(conn, principal, task)
            now, protected = self._clock.now(), task["restricted"]
            await write_down(conn, principal, youth_id, key, request, protected=protected, at=now)
            await conn.execute(visits.CLOSE_ALARM, task_id, request["outcome"], principal.subject, now)
            await conn.execute(tasks.ADD_HISTORY, task_id, now, "completed", principal.subject)
            await audit.record(
                conn,
                actor=principal.subject,
                role=acting_role(principal, protected=protected),
                action="task.complete",
                at=now,
                youth_id=youth_id,
                subject=str(task_id),
            )
            completed = TaskCompleted(
                youth_id=youth_id,
                episode_id=task["episode_id"],
                task_id=task_id,
                kind=TaskKind.VISIT_ALARM,
                district=task["district"],
                attempt=task["attempt"],
                result=outcome.result,
                completed_at=now,
            )
            await put_many(conn, [outgoing(completed, now, task_id)])
            journey = await conn.fetchrow(journeys.NEWEST, youth_id)
            assert journey is not None
            answer = Decided(step=journey["step"], due=journey["due"])
            await conn.execute(decisions.ANSWER, youth_id, key, answer.model_dump(mode="json"))
            return answer
