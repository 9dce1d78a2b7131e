"""Reports of concern (orosanmälan): raised about any youth at any time, as an urgent task of its own.

They are no part of the search, and so no workflow has them: they are opened and completed here, each in one
transaction. Thus a concern never waits for the outreach nor holds it up, no move of the youth cancels it, and it
can be raised and stays open also when the duty has ended and the workflow is over. What it is about is told to the
social services and stored nowhere here; who raised it knows, and so has the task, unless they give it back.
"""

from typing import TypeAlias
from uuid import UUID

import asyncpg

from chassis import audit, outbox
from chassis.auth import Principal
from chassis.clock import CivilClock
from chassis.postgres import Connection, transaction
from contracts.events import TaskCompleted, TaskOpened
from contracts.ids import business_id
from contracts.outreach_workflow import UPDATE_COMPLETE_TASK, Decided
from contracts.tasks import (
    ConcernOutcome,
    HandoverOutcome,
    PreventionOutcome,
    TaskGroup,
    TaskKind,
    TaskSpec,
    VisitAlarmOutcome,
)
from services.outreach.asked import asked_before, write_down, wrong_kind
from services.outreach.assigning import give
from services.outreach.claims import Claims, locked, locked_journey
from services.outreach.db import concerns, decisions, journeys, tasks
from services.outreach.domain.access import acting_role
from services.outreach.domain.concerns import due_on
from services.outreach.domain.events import outgoing
from services.outreach.policy_versions import InForce

RAISE = "raise_concern"
OwnOutcome: TypeAlias = ConcernOutcome | HandoverOutcome | PreventionOutcome | VisitAlarmOutcome


class Concerns:
    """Raises concerns, and completes them."""

    def __init__(self, pool: asyncpg.Pool, clock: CivilClock, claims: Claims, in_force: InForce) -> None:
        """``in_force``: the policy of the day: a concern does not follow the youth's own."""
        self._pool, self._clock, self._claims, self._in_force = pool, clock, claims, in_force

    async def raise_about(self, principal: Principal, youth_id: UUID, key: str) -> asyncpg.Record:
        """Open the task, given to who raised it and claimed; with the same key the same task.

        Raises problems: 404 when the caller sees no such youth, 422 when the key was used for something else.
        """
        task_id = business_id(RAISE, youth_id, key)
        request = {"decision": RAISE, "task_id": str(task_id)}
        policy = await self._in_force()
        async with transaction(self._pool) as conn:
            journey = await locked_journey(conn, principal, youth_id)
            if await asked_before(conn, principal, youth_id, key, request):
                raised = await conn.fetchrow(tasks.ONE, task_id)
                assert raised is not None  # written with the key
                return raised
            now, protected = self._clock.now(), journey["protected"]
            await write_down(conn, principal, youth_id, key, request, protected=protected, at=now)
            group = TaskGroup.SPECIAL_HANDLERS if protected else TaskGroup.COORDINATORS
            due = due_on(policy, now.date())
            task = await conn.fetchrow(
                concerns.OPEN,
                task_id,
                youth_id,
                journey["episode_id"],
                group,
                journey["district"],
                protected,
                due,
                now,
            )
            assert task is not None
            await conn.execute(tasks.ADD_HISTORY, task_id, now, "opened", principal.subject)
            opened = TaskOpened(
                youth_id=youth_id,
                episode_id=task["episode_id"],
                task_id=task_id,
                kind=TaskKind.CONCERN,
                group=group,
                district=task["district"],
                attempt=task["attempt"],
                due_on=due,
            )
            await outbox.put_many(conn, [outgoing(opened, now, task_id)])
            spec = TaskSpec(task_id=task_id, kind=TaskKind.CONCERN, group=group, due_on=due)
            await _answer(conn, youth_id, key, journey, spec)
            role = acting_role(principal, protected=protected)
            await give(conn, [task], {task_id: principal.subject}, now, actor=principal.subject, role=role)
            return await self._claims.take(conn, principal, task)

    async def complete(self, principal: Principal, task_id: UUID, outcome: OwnOutcome, key: str) -> Decided:
        """Complete a concern, or another task that no workflow has; tells where the youth stands, which it does
        not change. Also after the duty's end.

        Raises problems: 404 when the caller sees no such task, 409 when it is closed or somebody else's, 422 when
        the outcome is of another kind or the key was used for something else.
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
            if task["kind"] != outcome.kind:
                raise wrong_kind(task["kind"])
            await self._claims.take(conn, principal, task)
            now, protected = self._clock.now(), task["restricted"]
            await write_down(conn, principal, youth_id, key, request, protected=protected, at=now)
            await conn.execute(concerns.CLOSE, task_id, request["outcome"], principal.subject, now)
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
                kind=outcome.kind,
                district=task["district"],
                attempt=task["attempt"],
                result=outcome.result,
                completed_at=now,
            )
            await outbox.put_many(conn, [outgoing(completed, now, task_id)])
            journey = await conn.fetchrow(journeys.NEWEST, youth_id)
            return await _answer(conn, youth_id, key, journey, None)


async def _answer(
    conn: Connection, youth_id: UUID, key: str, journey: asyncpg.Record | None, opened: TaskSpec | None
) -> Decided:
    stands = {} if journey is None else {"step": journey["step"], "due": journey["due"]}
    answer = Decided.model_validate({"step": None, "next_task": opened, **stands})
    await conn.execute(decisions.ANSWER, youth_id, key, answer.model_dump(mode="json"))
    return answer
