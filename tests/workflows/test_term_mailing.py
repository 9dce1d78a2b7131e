"""The wave (plan 4.2.2, step 2), with outreach and notifications as its contract describes them."""

from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from temporalio import activity
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.worker import Replayer

from contracts import waves
from contracts.waves import QueuedWaveMessages, QueueWaveMessages, WaveReport, WaveState
from tests.workflows.mailing import TUESDAY, Services, Wave, working
from workflows.term_mailing.workflow import TermMailing
from workflows.worker import sandbox


@pytest.fixture
async def new_wave(temporal: Client) -> AsyncIterator[Callable[[int], Wave]]:
    made: list[Wave] = []

    def new(youths: int) -> Wave:
        made.append(Wave(temporal, Services(youths)))
        return made[-1]

    yield new
    for wave in made:
        with suppress(RPCError):
            await wave.handle.terminate("the test is over")


NewWave = Callable[[int], Wave]


async def test_a_wave_begins_on_its_day_and_hands_everybody_over_once(temporal: Client, new_wave: NewWave) -> None:
    wave = new_wave(250)
    everybody = [youth.youth_id for youth in wave.services.waiting]
    async with working(temporal, wave.services, cached=0):
        await wave.starts(TUESDAY - timedelta(days=4))
        await wave.passes(timedelta(days=3, hours=23))
        assert not wave.services.queued, "not before 15 September"
        await wave.passes(timedelta(days=1))
        report = await wave.handle.result()
    assert wave.services.handed_over == everybody
    assert [len(request.youths) for request in wave.services.queued.values()] == [100, 100, 50]
    assert {request.kinds for request in wave.services.queued.values()} == {waves.TERM_KINDS}
    # Spread over its five minutes, in real time (the clock runs as good as at its own speed).
    assert {round(request.over.total_seconds()) for request in wave.services.queued.values()} == {300}
    assert (report.state, report.batches) == (WaveState.DONE, 3)
    assert wave.services.state is WaveState.DONE


async def test_a_paused_wave_goes_on_where_it_was(temporal: Client, new_wave: NewWave) -> None:
    wave = new_wave(150)
    async with working(temporal, wave.services):
        await wave.starts()
        await wave.has_queued(1)
        await wave.becomes(WaveState.PAUSED)
        await wave.passes(timedelta(minutes=40))
        assert len(wave.services.queued) == 1
        await wave.becomes(WaveState.RUNNING)
        report = await wave.handle.result()
    assert (report.state, len(wave.services.handed_over)) == (WaveState.DONE, 150)
    assert len(set(wave.services.handed_over)) == 150


async def test_a_paused_wave_goes_on_though_nobody_could_wake_it(temporal: Client, new_wave: NewWave) -> None:
    wave = new_wave(150)
    async with working(temporal, wave.services):
        await wave.starts()
        await wave.has_queued(1)
        await wave.becomes(WaveState.PAUSED, told=False)  # found out at the next batch
        await wave.passes(timedelta(minutes=10))
        assert len(wave.services.queued) == 1
        await wave.becomes(WaveState.RUNNING, told=False)
        await wave.passes(timedelta(hours=2))
        assert (await wave.handle.result()).state is WaveState.DONE


@pytest.mark.parametrize("paused_first", [False, True])
async def test_a_stopped_wave_hands_over_nobody_more_and_recalls(
    temporal: Client, new_wave: NewWave, paused_first: bool
) -> None:
    wave = new_wave(1_000)
    async with working(temporal, wave.services):
        await wave.starts()
        await wave.has_queued(1)
        if paused_first:
            await wave.becomes(WaveState.PAUSED)
        await wave.becomes(WaveState.STOPPED)
        report = await wave.handle.result()
    assert len(wave.services.queued) == 1
    assert report == WaveReport(
        wave_id=report.wave_id, state=WaveState.STOPPED, batches=1, recalled=150, too_late=50
    )
    assert wave.services.ended is not None
    assert (wave.services.ended.recalled, wave.services.ended.too_late) == (150, 50)


async def test_stopped_when_all_was_just_handed_over_it_is_recalled_all_the_same(
    temporal: Client, new_wave: NewWave
) -> None:
    wave = new_wave(50)

    @activity.defn(name=waves.QUEUE_WAVE_MESSAGES)
    async def queue_while_stopped(request: QueueWaveMessages) -> QueuedWaveMessages:
        wave.services.state = WaveState.STOPPED
        return QueuedWaveMessages(queued=100)

    wave.services.queue = queue_while_stopped  # type: ignore[method-assign]
    async with working(temporal, wave.services):
        await wave.starts()
        report = await wave.handle.result()
    assert (report.state, report.recalled) == (WaveState.STOPPED, 150)


async def test_a_wave_survives_its_workers_and_no_run_of_it_is_long(temporal: Client, new_wave: NewWave) -> None:
    wave = new_wave(100)
    everybody = [youth.youth_id for youth in wave.services.waiting]
    async with working(temporal, wave.services):
        await wave.starts(sms_per_minute=1)  # five youths a batch
        await wave.has_queued(1)
    async with working(temporal, wave.services):  # others, with nothing in memory
        for _ in range(20):
            if wave.services.ended is None:
                await wave.passes(timedelta(minutes=15))
        await wave.handle.result()
    assert wave.services.handed_over == everybody
    histories = await wave.histories()
    lengths = [len(history.events) for history in histories]
    assert len(lengths) > 1
    assert max(lengths) < 300
    replayer = Replayer(workflows=[TermMailing], workflow_runner=sandbox(), data_converter=temporal.data_converter)
    for history in histories:
        await replayer.replay_workflow(history)
    # What a wave costs: some seventeen events for each five minutes' worth of youths.
    timers = sum(
        event.event_type == EventType.EVENT_TYPE_TIMER_STARTED for history in histories for event in history.events
    )
    assert timers <= 20 + len(histories)
    assert sum(lengths) <= 20 * 20 + 10 * len(histories)
