"""What notifications offers to workflows, on its own task queue."""

from collections.abc import Callable

import asyncpg
from temporalio import activity
from temporalio.exceptions import ApplicationError

from chassis.clock import CivilClock
from contracts.notifications_activities import QUEUE_MESSAGES, QueuedMessages, QueueMessages
from contracts.waves import (
    QUEUE_WAVE_MESSAGES,
    RECALL_WAVE,
    QueuedWaveMessages,
    QueueWaveMessages,
    RecalledWave,
    RecallWave,
)
from services.notifications import queueing, waves

REFUSED = "invalid-message"


class Activities:
    """``queued`` is called when something new may be due."""

    def __init__(self, pool: asyncpg.Pool, clock: CivilClock, queued: Callable[[], None]) -> None:
        self._pool, self._clock, self._queued = pool, clock, queued

    @activity.defn(name=QUEUE_MESSAGES)
    async def queue_messages(self, request: QueueMessages) -> QueuedMessages:
        """Queue messages, once however often asked. One about a visit without its time is refused for good."""
        try:
            result = await queueing.queue_messages(self._pool, request, self._clock.now())
        except queueing.VisitWithoutTime as error:
            raise ApplicationError(str(error), type=REFUSED, non_retryable=True) from None
        self._queued()
        return result

    @activity.defn(name=QUEUE_WAVE_MESSAGES)
    async def queue_wave_messages(self, request: QueueWaveMessages) -> QueuedWaveMessages:
        """Queue a batch of a wave, once however often asked."""
        queued = await waves.queue_wave_messages(self._pool, request, self._clock.now())
        self._queued()
        return queued

    @activity.defn(name=RECALL_WAVE)
    async def recall_wave(self, request: RecallWave) -> RecalledWave:
        """Recall what of a stopped wave is queued and not sent."""
        return await waves.recall_wave(self._pool, request, self._clock.now())
