"""Use cases of staff about waves: preview, approve, pause, resume, stop.

The database says how a wave stands, in the transaction with the audit; the workflow is started or woken after
it. Should that fail, the caller repeats the same request, and it is done then.
"""

from collections.abc import Sequence
from uuid import UUID

import asyncpg
import structlog
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from chassis import audit
from chassis.auth import Principal
from chassis.clock import CivilClock
from chassis.postgres import transaction
from chassis.problems import Problem, not_found
from contracts.outreach_workflow import WORKFLOWS_QUEUE
from contracts.policy import WavePolicy
from contracts.waves import (
    SIGNAL_WAVE_CHANGED,
    TERM_MAILING,
    WaveStart,
    WaveState,
    wave_workflow_id,
)
from services.outreach.db import waves
from services.outreach.domain.waves import WaveAction, begins, leads_to, mailed_lately_since
from services.outreach.policy_versions import InForce
from services.outreach.signals import RPC_TIMEOUT

log = structlog.get_logger(__name__)


class Waves:
    def __init__(self, pool: asyncpg.Pool, client: Client, clock: CivilClock, in_force: InForce) -> None:
        self._pool, self._client, self._clock, self._in_force = pool, client, clock, in_force

    async def preview(self, who: Principal, wave_id: UUID, districts: Sequence[str] | None) -> bool:
        """Write down whom a wave is for; False when it was there already. Nothing is sent.

        Raises a 409 Problem when the id is of a wave for other districts.
        """
        policy = await self._in_force()
        now, pace = self._clock.now(), policy.waves
        wanted = sorted(set(districts)) if districts is not None else None
        async with transaction(self._pool) as conn:
            made = await conn.fetchval(
                waves.INSERT,
                wave_id,
                wanted,
                pace.model_dump(mode="json"),
                policy.version,
                begins(policy, now),
                now,
                who.subject,
            )
            if made is None:
                there = await conn.fetchrow(waves.ONE, wave_id)
                if there is not None and there["districts"] != wanted:
                    raise Problem(
                        409, "wave-differs", "This id is of another wave", "Take a new id for another mailing."
                    )
                return False
            await conn.execute(waves.ENROL, wave_id, mailed_lately_since(pace, now), wanted)
            await audit.record(
                conn,
                actor=who.subject,
                role=who.role,
                action="wave.preview",
                at=now,
                subject=str(wave_id),
            )
        return True

    async def act(self, who: Principal, wave_id: UUID, action: WaveAction) -> None:
        """Approve, pause, resume or stop. Repeated, nothing more happens.

        Raises problems: 404 for no such wave, 409 when the wave stands where that cannot be done or another
        one is under way, 503 when the workflow could not be told (repeat).
        """
        policy = await self._in_force()
        now = self._clock.now()
        try:
            async with transaction(self._pool) as conn:
                wave = await conn.fetchrow(waves.ONE_LOCKED, wave_id)
                if wave is None:
                    raise not_found("wave")
                before = WaveState(wave["state"])
                after = leads_to(action, before)
                if after is None:
                    raise Problem(
                        409, "wave-not-there", "The wave is not where that can be done", f"It is {before}.",
                        state=before.value,
                    )  # fmt: skip
                if after is not before:
                    if action is WaveAction.APPROVE:
                        starts = begins(policy, now)
                        wave = await conn.fetchrow(waves.APPROVE, wave_id, now, who.subject, starts)
                    else:
                        wave = await conn.fetchrow(waves.MOVE, wave_id, after, now)
                    await audit.record(
                        conn,
                        actor=who.subject,
                        role=who.role,
                        action=f"wave.{action}",
                        at=now,
                        subject=str(wave_id),
                    )
        except asyncpg.UniqueViolationError:
            raise Problem(
                409, "another-wave", "Another wave is under way", "Wait until it is done, or stop it."
            ) from None
        assert wave is not None
        await self._tell(wave, action)

    async def _tell(self, wave: asyncpg.Record, action: WaveAction) -> None:
        try:
            if action is WaveAction.APPROVE:
                await self._start(wave)
            elif wave["approved_at"] is not None and wave["finished_at"] is None:
                handle = self._client.get_workflow_handle(wave_workflow_id(wave["wave_id"]))
                await handle.signal(SIGNAL_WAVE_CHANGED, rpc_timeout=RPC_TIMEOUT)
        except (RPCError, RuntimeError) as error:
            if isinstance(error, RPCError) and error.status is RPCStatusCode.NOT_FOUND:
                return  # it has ended meanwhile
            log.warning("wave_not_told", action=action.value, error=type(error).__name__)
            raise Problem(
                503,
                "workflows-unavailable",
                "The wave could not be told",
                "It is written down. Repeat the same request.",
            ) from None

    async def _start(self, wave: asyncpg.Record) -> None:
        policy = await self._in_force()
        start = WaveStart(
            wave_id=wave["wave_id"],
            clock=self._clock.spec,
            pace=WavePolicy.model_validate(wave["pace"]),
            working_days_only=policy.working_days_only,
            holidays=policy.holidays,
            begins=wave["begins"],
        )
        try:
            await self._client.start_workflow(
                TERM_MAILING,
                start,
                id=wave_workflow_id(wave["wave_id"]),
                task_queue=WORKFLOWS_QUEUE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                rpc_timeout=RPC_TIMEOUT,
            )
        except WorkflowAlreadyStartedError:
            log.info("wave_was_started", wave_id=str(wave["wave_id"]))
