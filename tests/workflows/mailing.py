"""A wave in a test: what outreach and notifications answer, and what staff do. Also for replay."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from temporalio import activity
from temporalio.client import Client, WorkflowHandle, WorkflowHistory
from temporalio.exceptions import ApplicationError
from temporalio.testing import TimeSkipper, TimeSkippingConfig

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
from tests.workflows.chain import chain_of
from tests.workflows.driver import eventually
from tests.workflows.stage import ALMOST_ONE
from workflows.settings import Settings
from workflows.worker import make_worker

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

    async def histories(self) -> list[WorkflowHistory]:
        """Return the histories of all runs, the first one first."""
        return await chain_of(self.handle, self.skipper.client)


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
