"""Decisions of staff, made by the youth's workflow: each asked for once per key, answered the same for ever.

What is asked is written down first (and an unclaimed task thereby claimed), then the workflow is asked
by a Temporal Update whose id is the caller's idempotency key. The workflow records what it decided
together with the answer (`activities.record`), so that a repeat finds the answer here also when the
workflow has ended since.
"""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Literal, NoReturn, TypeAlias
from uuid import UUID

import asyncpg
import structlog
from pydantic import BaseModel
from temporalio.client import Client, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from chassis.auth import Principal
from chassis.clock import CivilClock
from chassis.postgres import transaction
from chassis.problems import Problem
from contracts.ids import youth_workflow_id
from contracts.outreach_workflow import (
    REFUSALS,
    REFUSED_ENDED,
    UPDATE_COMPLETE_TASK,
    UPDATE_RECORD_CONTACT,
    CompleteTask,
    Decided,
    RecordContact,
)
from contracts.reasons import ReachedBy
from contracts.roles import Role
from contracts.tasks import HomeVisitOutcome, HomeVisitResult, Outcome, PlanHomeVisitOutcome
from services.outreach import booking
from services.outreach.asked import asked_before, write_down, wrong_kind
from services.outreach.assigning import SERVICE
from services.outreach.claims import Claims, locked, locked_journey
from services.outreach.db import decisions, journeys
from services.outreach.policy_versions import InForce

ContactWay: TypeAlias = Literal[ReachedBy.INBOUND_CALL, ReachedBy.DROP_IN, ReachedBy.GUARDIAN]
log = structlog.get_logger(__name__)

TITLES = {
    "task-not-current": "The task is not current any more",
    "duty-ended": "The duty for this youth has ended",
    "against-policy": "The policy does not allow this",
}


class Decisions:
    """Asks workflows for decisions."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        client: Client,
        clock: CivilClock,
        claims: Claims,
        in_force: InForce,
        timeout: timedelta,
    ) -> None:
        """``timeout``: how long a decision may take, in real time, before the caller is asked to repeat."""
        self._pool, self._client, self._clock, self._claims = pool, client, clock, claims
        self._in_force = in_force
        self._timeout = timeout.total_seconds()

    async def complete(self, principal: Principal, task_id: UUID, outcome: Outcome, key: str) -> Decided:
        """Complete a task with an outcome; tells where the youth stands thereby.

        Raises problems: 404 when the caller sees no such task, 409 with the reason when it is closed,
        somebody else's or refused by the workflow, or when not both can make the visit that is planned; 422 when
        the outcome is of another kind or the key was used for something else, 503 when the workflow does not
        answer in time (repeat with the same key).
        """
        request = {
            "decision": UPDATE_COMPLETE_TASK,
            "task_id": str(task_id),
            "outcome": outcome.model_dump(mode="json", exclude_none=True),
        }
        # Asked before the transaction, which has a connection already; only a visit is planned by it.
        policy = await self._in_force() if isinstance(outcome, PlanHomeVisitOutcome) else None
        async with transaction(self._pool) as conn:
            task = await locked(conn, principal, task_id)
            youth_id: UUID = task["youth_id"]
            if not await asked_before(conn, principal, youth_id, key, request):
                if outcome.kind != task["kind"]:
                    raise wrong_kind(task["kind"])
                await self._claims.take(conn, principal, task)
                if isinstance(outcome, PlanHomeVisitOutcome) and policy is not None:
                    await booking.hold(conn, youth_id, key, outcome, policy)
                await write_down(
                    conn, principal, youth_id, key, request, protected=task["restricted"], at=self._clock.now()
                )
        update = CompleteTask(decision_key=key, task_id=task_id, by=principal.subject, outcome=outcome)
        return await self._decide(youth_id, key, UPDATE_COMPLETE_TASK, update)

    async def contact(self, principal: Principal, youth_id: UUID, way: ContactWay, key: str) -> Decided:
        """Record that a youth got in touch outside a task: ends the search. Problems as of `complete`."""
        request = {"decision": UPDATE_RECORD_CONTACT, "way": str(way)}
        async with transaction(self._pool) as conn:
            journey = await locked_journey(conn, principal, youth_id)
            if not await asked_before(conn, principal, youth_id, key, request):
                protected, now = journey["protected"], self._clock.now()
                await write_down(conn, principal, youth_id, key, request, protected=protected, at=now)
        update = RecordContact(decision_key=key, by=principal.subject, way=way)
        return await self._decide(youth_id, key, UPDATE_RECORD_CONTACT, update)

    async def call_off(self, youth_id: UUID, visit_id: UUID, key: str) -> Decided:
        """Call off a visit that not both of the two can make, by the service itself. Problems as of `complete`."""
        outcome = HomeVisitOutcome(result=HomeVisitResult.CALLED_OFF)
        request = {
            "decision": UPDATE_COMPLETE_TASK,
            "task_id": str(visit_id),
            "outcome": outcome.model_dump(mode="json"),
        }
        now = self._clock.now()
        await self._pool.execute(decisions.ASK_ONCE, youth_id, key, SERVICE, Role.SERVICE, request, now)
        update = CompleteTask(decision_key=key, task_id=visit_id, by=SERVICE, outcome=outcome)
        return await self._decide(youth_id, key, UPDATE_COMPLETE_TASK, update)

    async def _decide(self, youth_id: UUID, key: str, update: str, argument: BaseModel) -> Decided:
        recorded = await self._recorded(youth_id, key)
        if recorded is not None:
            return recorded
        handle = self._client.get_workflow_handle(youth_workflow_id(youth_id))
        try:
            async with asyncio.timeout(self._timeout):
                answer: Decided = await handle.execute_update(update, argument, id=key, result_type=Decided)
        except WorkflowUpdateFailedError as error:
            cause = error.cause
            if isinstance(cause, ApplicationError) and cause.type in REFUSALS:
                await self._refuse(youth_id, key, cause.type, cause.message)
            return await self._unclear(youth_id, key, type(cause).__name__)
        except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError):
            return await self._unclear(youth_id, key, "timeout")
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND and await self._has_ended(youth_id):
                recorded = await self._recorded(youth_id, key)
                if recorded is not None:
                    return recorded
                await self._refuse(youth_id, key, REFUSED_ENDED, "Nothing more is to be done.")
            return await self._unclear(youth_id, key, error.status.name)
        await self._pool.execute(decisions.ANSWER, youth_id, key, answer.model_dump(mode="json"))
        return answer

    async def _recorded(self, youth_id: UUID, key: str) -> Decided | None:
        """Return the answer that is on record; raise the refusal that is."""
        row = await self._pool.fetchrow(decisions.FIND, youth_id, key)
        if row is not None and row["refusal"] is not None:
            raise _refusal(row["refusal"])
        if row is not None and row["answer"] is not None:
            return Decided.model_validate(row["answer"])
        return None

    async def _refuse(self, youth_id: UUID, key: str, reason: str, detail: str) -> NoReturn:
        refusal = {"reason": reason, "detail": detail}
        async with transaction(self._pool) as conn:
            await conn.execute(decisions.REFUSE, youth_id, key, refusal)
            await booking.release(conn, youth_id, key)
        raise _refusal(refusal)

    async def _unclear(self, youth_id: UUID, key: str, why: str) -> Decided:
        """The workflow did not say: what is on record decides, else the caller repeats."""
        recorded = await self._recorded(youth_id, key)
        if recorded is not None:
            return recorded
        log.warning("decision_unanswered", youth_id=str(youth_id), why=why)
        raise Problem(
            503,
            "decision-unanswered",
            "The decision has not been answered in time",
            "It may still be carried out. Repeat the same request with the same Idempotency-Key.",
            headers={"Retry-After": "5"},
        )

    async def _has_ended(self, youth_id: UUID) -> bool:
        journey = await self._pool.fetchrow(journeys.NEWEST, youth_id)
        return journey is not None and journey["ended_at"] is not None


def _refusal(refusal: Mapping[str, str]) -> Problem:
    reason = refusal["reason"]
    return Problem(409, reason, TITLES[reason], refusal["detail"], reason=reason)
