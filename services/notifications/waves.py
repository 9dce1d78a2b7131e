"""A wave's messages: queued in batches, and recalled when it is stopped. Both may be repeated."""

from datetime import datetime

import asyncpg

from chassis.postgres import transaction
from contracts.messages import CHANNEL_OF, SkipReason
from contracts.waves import (
    QueuedWaveMessages,
    QueueWaveMessages,
    RecalledWave,
    RecallWave,
    wave_message_id,
)
from services.notifications import transitions
from services.notifications.db import waves
from services.notifications.domain.codes import new_code


async def queue_wave_messages(pool: asyncpg.Pool, request: QueueWaveMessages, now: datetime) -> QueuedWaveMessages:
    """Queue a batch in one transaction, due evenly over the batch's time.

    Whether a message may be sent is decided by the registry at the moment of sending, as for all messages.
    """
    step = request.over / max(len(request.youths), 1)
    wanted = [
        (
            wave_message_id(request.wave_id, youth.youth_id, kind),
            youth.youth_id,
            youth.episode_id,
            kind.value,
            CHANNEL_OF[kind].value,
            new_code(),
            place * step,
        )
        for place, youth in enumerate(request.youths)
        for kind in request.kinds
    ]
    if not wanted:
        return QueuedWaveMessages(queued=0)
    async with transaction(pool) as conn:
        rows = await conn.fetch(
            waves.INSERT, now, request.wave_id, *([*column] for column in zip(*wanted, strict=True))
        )
        await transitions.queued(conn, rows, now)
    return QueuedWaveMessages(queued=len(rows))


async def recall_wave(pool: asyncpg.Pool, request: RecallWave, now: datetime) -> RecalledWave:
    """Recall what is queued and not begun; tell how much that is in all, and what was too late."""
    async with transaction(pool) as conn:
        rows = await conn.fetch(waves.RECALLABLE, request.wave_id)
        ids = [row["message_id"] for row in rows]
        if ids:
            await transitions.skipped(conn, dict.fromkeys(ids, SkipReason.WAVE_STOPPED), now)
        return RecalledWave(
            recalled=await conn.fetchval(waves.RECALLED, request.wave_id),
            too_late=await conn.fetchval(waves.TOO_LATE, request.wave_id),
        )
