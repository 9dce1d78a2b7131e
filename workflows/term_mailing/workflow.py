"""The class `TermMailing`. Outreach's database says whether the wave runs; a signal only wakes the workflow."""

from datetime import datetime, timedelta
from typing import TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    import contracts.waves as waves
    import workflows.term_mailing.pace as pace
    from contracts.base import Contract
    from contracts.notifications_activities import NOTIFICATIONS_QUEUE
    from contracts.outreach_activities import OUTREACH_QUEUE
    from contracts.waves import (
        CloseWave,
        QueuedWaveMessages,
        QueueWaveMessages,
        RecalledWave,
        RecallWave,
        ReleaseBatch,
        ReleasedBatch,
        WaveReport,
        WaveStart,
        WaveState,
    )

Answer = TypeVar("Answer", bound=Contract)
# Tried until it succeeds: a wave is neither lost nor half sent for another service's bad day.
RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))
START_TO_CLOSE = timedelta(seconds=60)
# A paused wave looks this often whether it goes on, should the signal have been lost. Real time.
PAUSED_LOOK = timedelta(hours=1)
MANY_EVENTS = 200


@workflow.defn(name=waves.TERM_MAILING)
class TermMailing:
    @workflow.init
    def __init__(self, wave: WaveStart) -> None:
        self.wave = wave
        self._changed = False

    @workflow.run
    async def run(self, wave: WaveStart) -> WaveReport:
        """Hand over batch after batch at the wave's pace, until nobody is left or somebody stops it."""
        while True:
            now = self._now()
            turn = pace.turn(self.wave, now)
            if isinstance(turn, pace.Wait):
                self._show(f"next batch {turn.until:%a %d %b %Y %H:%M}")
                if not await self._is_woken(self.wave.clock.real(turn.until) - workflow.now()):
                    continue
                # Somebody paused, resumed or stopped it: ask which, without taking a batch before its time.
                released = await self._release(1, looks_only=True)
            else:
                released = await self._release(turn.size)
            if released.state is WaveState.STOPPED:
                return await self._stop()
            if released.state is WaveState.PAUSED:
                self._show("paused")
                await self._is_woken(PAUSED_LOOK)
                continue
            if isinstance(turn, pace.Wait):
                continue
            if released.youths:
                await self._hand_over(released, turn.over)
            self.wave = pace.after(self.wave, len(released.youths), turn.over, now)
            if released.left == 0:
                return await self._close(WaveState.DONE, RecalledWave())
            self._show(f"{released.left} left")
            if workflow.info().get_current_history_length() >= MANY_EVENTS:
                workflow.continue_as_new(self.wave)

    @workflow.signal(name=waves.SIGNAL_WAVE_CHANGED)
    def wave_changed(self) -> None:
        self._changed = True

    # --- inside ---

    def _now(self) -> datetime:
        return self.wave.clock.civil(workflow.now())

    async def _is_woken(self, real: timedelta) -> bool:
        """Wait for a signal or for a real duration; True when a signal came."""
        try:
            await workflow.wait_condition(
                lambda: self._changed, timeout=max(real, timedelta(milliseconds=1)), timeout_summary="term mailing"
            )
        except TimeoutError:
            return False
        self._changed = False
        return True

    async def _release(self, size: int, *, looks_only: bool = False) -> ReleasedBatch:
        request = ReleaseBatch(
            wave_id=self.wave.wave_id, batch=self.wave.batch + 1, size=size, looks_only=looks_only
        )
        return await self._insist(waves.RELEASE_BATCH, request, ReleasedBatch, OUTREACH_QUEUE)

    async def _hand_over(self, released: ReleasedBatch, over: timedelta) -> None:
        request = QueueWaveMessages(
            wave_id=self.wave.wave_id,
            kinds=waves.TERM_KINDS,
            youths=released.youths,
            over=self.wave.clock.real_duration(over),
        )
        await self._insist(waves.QUEUE_WAVE_MESSAGES, request, QueuedWaveMessages, NOTIFICATIONS_QUEUE)

    async def _stop(self) -> WaveReport:
        """Recall what is queued and not sent; what was being queued is queued by now, as all goes in turn."""
        request = RecallWave(wave_id=self.wave.wave_id)
        recalled = await self._insist(waves.RECALL_WAVE, request, RecalledWave, NOTIFICATIONS_QUEUE)
        return await self._close(WaveState.STOPPED, recalled)

    async def _close(self, state: WaveState, recalled: RecalledWave) -> WaveReport:
        ended = {"state": state, "recalled": recalled.recalled, "too_late": recalled.too_late}
        closed = await self._insist(
            waves.CLOSE_WAVE,
            CloseWave.model_validate({"wave_id": self.wave.wave_id, **ended}),
            ReleasedBatch,
            OUTREACH_QUEUE,
        )
        if closed.state is WaveState.STOPPED and state is not WaveState.STOPPED:
            return await self._stop()  # stopped in the moment when all was handed over
        self._show(f"{state}, {recalled.recalled} recalled, {recalled.too_late} too late to recall")
        return WaveReport.model_validate({"wave_id": self.wave.wave_id, "batches": self.wave.batch, **ended})

    def _show(self, what: str) -> None:
        wave = self.wave
        workflow.set_current_details(
            f"**Term mailing**: {what}\n- batches {wave.batch}, {wave.sent_that_day} youths on {wave.day}"
        )

    async def _insist(self, activity: str, request: Contract, answer: type[Answer], queue: str) -> Answer:
        got: Answer = await workflow.execute_activity(
            activity,
            request,
            result_type=answer,
            task_queue=queue,
            start_to_close_timeout=START_TO_CLOSE,
            retry_policy=RETRY,
        )
        return got
