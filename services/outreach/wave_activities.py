"""What outreach offers to `TermMailing`: the next batch of youths, and closing the wave. Both may be repeated."""

from dataclasses import dataclass

import asyncpg
from temporalio import activity

from chassis import audit
from chassis.clock import CivilClock
from chassis.postgres import transaction
from contracts.policy import WavePolicy
from contracts.waves import (
    CLOSE_WAVE,
    RELEASE_BATCH,
    CloseWave,
    ReleaseBatch,
    ReleasedBatch,
    WaveState,
    WaveYouth,
)
from services.outreach.db import waves
from services.outreach.domain.waves import mailed_lately_since

WORKFLOW, SERVICE = "workflow", "service"


@dataclass(frozen=True, slots=True)
class WaveActivities:
    pool: asyncpg.Pool
    clock: CivilClock

    @activity.defn(name=RELEASE_BATCH)
    async def release_batch(self, asked: ReleaseBatch) -> ReleasedBatch:
        """Hand over the next youths, if the wave runs. Asked again for a batch, the same youths are answered.

        Whoever has ended, is protected, held or was written to since the preview is excluded now.
        """
        now = self.clock.now()
        async with transaction(self.pool) as conn:
            wave = await conn.fetchrow(waves.ONE_LOCKED, asked.wave_id)
            state = WaveState.STOPPED if wave is None else WaveState(wave["state"])
            if wave is None or state is not WaveState.RUNNING or asked.looks_only:
                return ReleasedBatch(state=state)
            rows = await conn.fetch(waves.IN_BATCH, asked.wave_id, asked.batch)
            if not rows:
                since = mailed_lately_since(WavePolicy.model_validate(wave["pace"]), now)
                await conn.execute(waves.EXCLUDE, asked.wave_id, since)
                await conn.execute(waves.RELEASE, asked.wave_id, asked.batch, asked.size, now)
                rows = await conn.fetch(waves.IN_BATCH, asked.wave_id, asked.batch)
                await audit.record_each(
                    conn,
                    actor=WORKFLOW,
                    role=SERVICE,
                    action="wave.hand_over",
                    at=now,
                    about=[(row["youth_id"], str(asked.wave_id)) for row in rows],
                )
            left = await conn.fetchval(waves.LEFT, asked.wave_id)
        return ReleasedBatch(state=state, youths=tuple(WaveYouth(**row) for row in rows), left=left)

    @activity.defn(name=CLOSE_WAVE)
    async def close_wave(self, ended: CloseWave) -> ReleasedBatch:
        """Note that all is handed over, or that a stopped wave is recalled; tell how the wave stands."""
        now = self.clock.now()
        async with transaction(self.pool) as conn:
            if ended.state is WaveState.DONE:
                changed = await conn.execute(waves.CLOSE_DONE, ended.wave_id, now)
            else:
                changed = await conn.execute(
                    waves.CLOSE_STOPPED, ended.wave_id, now, ended.recalled, ended.too_late
                )
            if changed != "UPDATE 0":
                await audit.record(
                    conn,
                    actor=WORKFLOW,
                    role=SERVICE,
                    action="wave.close",
                    at=now,
                    subject=str(ended.wave_id),
                )
            wave = await conn.fetchrow(waves.ONE, ended.wave_id)
        return ReleasedBatch(state=ended.state if wave is None else WaveState(wave["state"]))
