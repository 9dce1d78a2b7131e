"""The loop of sending: batch after batch, within sending hours, resting when told to."""

import asyncio

import structlog

from chassis.clock import CivilClock
from chassis.postgres import TROUBLE
from chassis.timeouts import within
from contracts.messages import Channel
from services.notifications.batch import Batch, Pause
from services.notifications.domain.hours import SendingHours

log = structlog.get_logger(__name__)

SWEEP_SECONDS = 1.0
TROUBLE_SECONDS = 2.0


class Dispatcher:
    """Sends what is due until cancelled; a batch that is under way when cancelled is finished first.

    Several may run at once. Sending hours are looked at before each batch: one that is taken before
    they end is finished, which takes seconds.
    """

    def __init__(self, batch: Batch, clock: CivilClock, hours: SendingHours) -> None:
        self._batch, self._clock, self._hours = batch, clock, hours
        self._rests_until = dict.fromkeys(Channel, float("-inf"))
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Something was queued: look at once."""
        self._wake.set()

    async def run(self) -> None:
        while True:
            self._wake.clear()
            under_way = asyncio.ensure_future(self._once())
            try:
                sent = await asyncio.shield(under_way)
            except asyncio.CancelledError:
                await asyncio.wait({under_way})
                raise
            if not sent:
                await self._rest()

    async def _once(self) -> int:
        channels = self._open_channels()
        if not channels:
            return 0
        try:
            return await self._batch.run(channels)
        except Pause as pause:
            log.warning("sending_rests", channels=pause.channels, seconds=pause.seconds, reason=str(pause))
            until = asyncio.get_running_loop().time() + pause.seconds
            self._rests_until.update(dict.fromkeys(pause.channels, until))
        except TROUBLE as error:
            # What was taken stays leased until the lease runs out, and is asked about if it was begun.
            log.warning("sending_interrupted", error=type(error).__name__)
            until = asyncio.get_running_loop().time() + TROUBLE_SECONDS
            self._rests_until.update(dict.fromkeys(Channel, until))
        return 0

    def _open_channels(self) -> list[Channel]:
        now = asyncio.get_running_loop().time()
        awake = [channel for channel, until in self._rests_until.items() if until <= now]
        if not self._hours.open_at(self._clock.now()):
            awake = [channel for channel in awake if channel is not Channel.SMS]
        return awake

    async def _rest(self) -> None:
        """Wait for something to do: woken, swept, or (on a fast clock) the hours open."""
        civil = self._clock.now()
        seconds = SWEEP_SECONDS
        if not self._hours.open_at(civil):
            opens = self._clock.spec.real(self._hours.next_opening(civil)) - self._clock.spec.real(civil)
            seconds = min(seconds, max(opens.total_seconds(), 0.0) + 0.005)
        try:
            await within(seconds, self._wake.wait())
        except TimeoutError:
            return
