"""The wave (plan 4.2.2, step 2), with outreach and notifications as its contract describes them."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from temporalio import activity
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHandle
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError
from temporalio.testing import TimeSkipper, TimeSkippingConfig
from temporalio.worker import Replayer

from chassis.clock import STOCKHOLM, ClockSpec
from chassis.temporal import make_worker as make_activity_worker
from contracts import waves
from contracts.notifications_activities import NOTIFICATIONS_QUEUE
from contracts.outreach_activities import OUTREACH_QUEUE
from contracts.outreach_workflow import WORKFLOWS_QUEUE
from contracts.policy import WavePolicy
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
    WaveYouth,
    wave_workflow_id,
)
from tests.workflows.driver import eventually
from tests.workflows.stage import ALMOST_ONE
from workflows.settings import Settings
from workflows.term_mailing.workflow import TermMailing
from workflows.worker import make_worker, sandbox

TUESDAY = datetime(2026, 9, 15, 9, tzinfo=STOCKHOLM)


class Services:
    """What outreach and notifications answer; the first answer to each request is lost on its way."""

    def __init__(self, youths: int) -> None:
        self.waiting = [WaveYouth(youth_id=uuid4(), episode_id=uuid4()) for _ in range(youths)]
        self.state = WaveState.RUNNING
        self.batches: dict[int, tuple[WaveYouth, ...]] = {}
        self.queued: dict[int, QueueWaveMessages] = {}
        self.ended: CloseWave | None = None
        self.lost: set[str] = set()

    def _answer_is_lost(self, key: str) -> None:
        if key not in self.lost:
            self.lost.add(key)
            raise ApplicationError("the connection broke", next_retry_delay=timedelta(milliseconds=10))

    @activity.defn(name=waves.RELEASE_BATCH)
    async def release(self, asked: ReleaseBatch) -> ReleasedBatch:
        if self.state is not WaveState.RUNNING or asked.looks_only:
            return ReleasedBatch(state=self.state)
        if asked.batch not in self.batches:
            self.batches[asked.batch] = tuple(self.waiting[: asked.size])
            del self.waiting[: asked.size]
        self._answer_is_lost(f"release {asked.batch}")
        return ReleasedBatch(state=self.state, youths=self.batches[asked.batch], left=len(self.waiting))

    @activity.defn(name=waves.QUEUE_WAVE_MESSAGES)
    async def queue(self, request: QueueWaveMessages) -> QueuedWaveMessages:
        self.queued.setdefault(len(self.queued) + 1, request)
        return QueuedWaveMessages(queued=len(request.youths) * len(request.kinds))

    @activity.defn(name=waves.RECALL_WAVE)
    async def recall(self, request: RecallWave) -> RecalledWave:
        return RecalledWave(recalled=150, too_late=50)

    @activity.defn(name=waves.CLOSE_WAVE)
    async def close(self, ended: CloseWave) -> ReleasedBatch:
        if ended.state is WaveState.STOPPED or self.state is not WaveState.STOPPED:
            self.state, self.ended = ended.state, ended
        return ReleasedBatch(state=self.state)

    @property
    def handed_over(self) -> list[UUID]:
        return [youth.youth_id for request in self.queued.values() for youth in request.youths]


class Wave:
    """A wave in a test."""

    def __init__(self, client: Client, services: Services) -> None:
        self.services = services
        self.skipper = TimeSkipper(client, config=TimeSkippingConfig(enabled=False))
        self.handle: WorkflowHandle[Any, WaveReport] = client.get_workflow_handle(
            wave_workflow_id(uuid4()), result_type=WaveReport
        )

    async def starts(self, at: datetime = TUESDAY, *, begins: datetime = TUESDAY, **pace: Any) -> None:
        clock = ClockSpec(speed=ALMOST_ONE, real_anchor=datetime.now(UTC), civil_anchor=at)  # noqa: TID251
        start = WaveStart(
            wave_id=UUID(self.handle.id.partition("/")[2]),
            clock=clock,
            pace=WavePolicy(**pace),
            working_days_only=True,
            begins=begins,
        )
        await self.skipper.client.start_workflow(
            waves.TERM_MAILING, start, id=self.handle.id, task_queue=WORKFLOWS_QUEUE
        )

    async def passes(self, civil: timedelta) -> None:
        await self.skipper.fast_forward(self.handle, civil)

    async def becomes(self, state: WaveState, *, told: bool = True) -> None:
        """Staff pause, resume or stop it: the database says so, and the workflow is woken."""
        self.services.state = state
        if told:
            await self.handle.signal(waves.SIGNAL_WAVE_CHANGED)

    async def has_queued(self, batches: int) -> None:
        await eventually(lambda: len(self.services.queued) >= batches, f"{batches} batches")
        assert len(self.services.queued) == batches

    async def histories(self) -> list[Any]:
        """Return the histories of all runs, the first one first."""
        described = await self.handle.describe()
        run_id: str | None = described.raw_description.workflow_execution_info.first_run_id
        found = []
        while run_id:
            history = await self.skipper.client.get_workflow_handle(self.handle.id, run_id=run_id).fetch_history()
            found.append(history)
            last = history.events[-1].workflow_execution_continued_as_new_event_attributes
            run_id = last.new_execution_run_id or None
        return found


@asynccontextmanager
async def working(client: Client, services: Services, *, cached: int = 10) -> AsyncIterator[None]:
    """Run the workers. ``cached=0``: each workflow task replays the whole history, as after kill -9."""
    outreach: list[Callable[..., Any]] = [services.release, services.close]
    notifications: list[Callable[..., Any]] = [services.queue, services.recall]
    async with AsyncExitStack() as workers:
        for worker in (
            make_worker(client, Settings(environment="test", workflows_max_cached=cached)),
            make_activity_worker(client, task_queue=OUTREACH_QUEUE, activities=outreach),
            make_activity_worker(client, task_queue=NOTIFICATIONS_QUEUE, activities=notifications),
        ):
            await workers.enter_async_context(worker)
        yield


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
