"""A wave in a test: the API's client, the real activities of outreach, and a stand-in of notifications."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
from temporalio import activity
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.worker import Worker

from chassis.temporal import connect, make_worker
from contracts import waves
from contracts.notifications_activities import NOTIFICATIONS_QUEUE
from contracts.outreach_activities import OUTREACH_QUEUE
from contracts.outreach_workflow import WORKFLOWS_QUEUE
from contracts.waves import QueuedWaveMessages, QueueWaveMessages, RecalledWave, RecallWave, wave_workflow_id
from services.outreach.settings import Settings
from services.outreach.wave_activities import WaveActivities
from workflows.term_mailing.workflow import TermMailing
from workflows.worker import sandbox


class Notifications:
    """Another service's part: what it was asked is kept. ``closed``: no batch is taken until it opens."""

    def __init__(self) -> None:
        self.batches: list[QueueWaveMessages] = []
        self.open = asyncio.Event()
        self.open.set()

    @activity.defn(name=waves.QUEUE_WAVE_MESSAGES)
    async def queue(self, request: QueueWaveMessages) -> QueuedWaveMessages:
        await self.open.wait()
        if request not in self.batches:
            self.batches.append(request)
        return QueuedWaveMessages(queued=len(request.youths) * len(request.kinds))

    @activity.defn(name=waves.RECALL_WAVE)
    async def recall(self, request: RecallWave) -> RecalledWave:
        return RecalledWave(recalled=3, too_late=1)

    @property
    def youths(self) -> list[UUID]:
        return [youth.youth_id for batch in self.batches for youth in batch.youths]


class Mailing:
    """Waves by the API, as a coordinator makes them."""

    def __init__(
        self, api: httpx.AsyncClient, headers: dict[str, str], client: Client, notifications: Notifications
    ) -> None:
        self.api, self.headers, self.client, self.notifications = api, headers, client, notifications
        self.waves: list[UUID] = []

    async def preview(self, wave_id: UUID | None = None, *, expect: int = 201, **asked: Any) -> dict[str, Any]:
        wave_id = wave_id or uuid4()
        self.waves.append(wave_id)
        return await self._post("/waves", expect, {"wave_id": str(wave_id), **asked})

    async def act(self, wave: dict[str, Any], action: str, *, expect: int = 200) -> dict[str, Any]:
        return await self._post(f"/waves/{wave['wave_id']}/{action}", expect)

    async def read(self, wave: dict[str, Any]) -> dict[str, Any]:
        answer = await self.api.get(f"/waves/{wave['wave_id']}", headers=self.headers)
        assert answer.status_code == 200, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    async def is_over(self, wave: dict[str, Any]) -> dict[str, Any]:
        """Wait until the workflow has ended."""
        await self.client.get_workflow_handle(wave_workflow_id(UUID(wave["wave_id"]))).result()
        return await self.read(wave)

    async def _post(self, path: str, expect: int, body: Any = None) -> dict[str, Any]:
        answer = await self.api.post(path, json=body, headers=self.headers)
        assert answer.status_code == expect, answer.text
        shown: dict[str, Any] = answer.json()
        return shown


@asynccontextmanager
async def mailing(
    api: httpx.AsyncClient, headers: dict[str, str], pool: asyncpg.Pool, settings: Settings
) -> AsyncIterator[Mailing]:
    """Give a coordinator's mailing, with all workers it needs."""
    client, notifications = await connect(settings), Notifications()
    own = WaveActivities(pool, settings.clock)
    run = Mailing(api, headers, client, notifications)
    outreach: list[Callable[..., Any]] = [own.release_batch, own.close_wave]
    async with AsyncExitStack() as workers:
        await workers.enter_async_context(
            Worker(client, task_queue=WORKFLOWS_QUEUE, workflows=[TermMailing], workflow_runner=sandbox())
        )
        await workers.enter_async_context(make_worker(client, task_queue=OUTREACH_QUEUE, activities=outreach))
        await workers.enter_async_context(
            make_worker(
                client, task_queue=NOTIFICATIONS_QUEUE, activities=[notifications.queue, notifications.recall]
            )
        )
        try:
            yield run
        finally:
            for wave_id in run.waves:
                with suppress(RPCError):
                    await client.get_workflow_handle(wave_workflow_id(wave_id)).terminate()
