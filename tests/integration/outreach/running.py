"""The outreach service with real workflows: what the staff's decisions and the youths' facts go through."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
from temporalio import activity
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.worker import Worker

from chassis.temporal import connect, make_worker
from contracts.ids import youth_workflow_id
from contracts.messages import MessageResult, MessageState
from contracts.notifications_activities import NOTIFICATIONS_QUEUE, QUEUE_MESSAGES, QueuedMessages, QueueMessages
from contracts.outreach_activities import OUTREACH_QUEUE
from contracts.outreach_workflow import UPDATE_COMPLETE_TASK, WORKFLOWS_QUEUE, CompleteTask
from services.outreach.activities import OutreachActivities
from services.outreach.consumers import Facts
from services.outreach.intake import IntakeActivities
from services.outreach.pace import Pace
from services.outreach.policy_file import configured_policy
from services.outreach.policy_versions import Policies
from services.outreach.settings import Settings
from services.outreach.signals import Signals
from tests.integration.outreach.youths import Youth, incoming
from workflows.daily_intake import DailyIntake
from workflows.youth_outreach.workflow import YouthOutreach

PATIENCE = 60.0  # seconds; the machine may be busy


@activity.defn(name=QUEUE_MESSAGES)
async def queue_messages(wanted: QueueMessages) -> QueuedMessages:
    """Another service's part: here every message is taken and none is sent."""
    return QueuedMessages(
        results=tuple(
            MessageResult(message_id=one.message_id, state=MessageState.QUEUED) for one in wanted.messages
        )
    )


async def eventually(ask: Callable[[], Awaitable[Any]], what: str) -> Any:
    """Return the first true answer; fail after a while."""
    until = asyncio.get_running_loop().time() + PATIENCE
    while asyncio.get_running_loop().time() < until:
        if answer := await ask():
            return answer
        await asyncio.sleep(0.05)
    raise AssertionError(f"never happened: {what}")


class Running:
    """Workers on the test's database; youths are told of as the registry's events would tell."""

    def __init__(self, client: Client, pool: asyncpg.Pool, settings: Settings) -> None:
        self.client, self.pool, self.settings = client, pool, settings
        signals = Signals(client, Pace(1000))
        self.policies = Policies(pool, settings.clock)
        self.facts = Facts(pool, signals, self.policies, settings.clock_spec)
        self.intake = IntakeActivities(pool, self.policies.in_force, settings.clock, signals)
        self.youths: list[Youth] = []
        self._workers = AsyncExitStack()

    async def work(self, *, without_outreach: bool = False) -> None:
        """Start the workers (again). ``without_outreach``: its worker runs elsewhere."""
        activities: dict[str, list[Callable[..., Any]]] = {NOTIFICATIONS_QUEUE: [queue_messages]}
        if not without_outreach:
            activities[OUTREACH_QUEUE] = [
                OutreachActivities(self.pool).record_progress,
                self.intake.plan_intake,
                self.intake.start_searches,
            ]
        workers = [Worker(self.client, task_queue=WORKFLOWS_QUEUE, workflows=[YouthOutreach, DailyIntake])]
        workers += [
            make_worker(self.client, task_queue=queue, activities=those) for queue, those in activities.items()
        ]
        for worker in workers:
            await self._workers.enter_async_context(worker)

    async def rest(self) -> None:
        """Stop the workers: nothing is decided meanwhile."""
        await self._workers.aclose()
        self._workers = AsyncExitStack()

    async def register(self, youth: Youth, **fields: Any) -> None:
        self.youths.append(youth)
        await self.facts.from_registry(incoming(youth.registered(**fields), self.settings.clock.now()))

    async def task(self, youth: Youth, kind: str) -> UUID:
        """Return the open task of a kind, when it comes."""
        sql = "select task_id from tasks where youth_id = $1 and kind = $2 and state in ('open', 'claimed')"
        task_id: UUID = await eventually(
            lambda: self.pool.fetchval(sql, youth.youth_id, kind), f"an open {kind} task of a youth"
        )
        return task_id

    async def complete(self, youth: Youth, task_id: UUID, outcome: dict[str, Any]) -> None:
        """Complete a task past our API: the workflow alone is asked."""
        decision = CompleteTask.model_validate(
            {"decision_key": str(task_id), "task_id": task_id, "by": "anna", "outcome": outcome}
        )
        handle = self.client.get_workflow_handle(youth_workflow_id(youth.youth_id))
        await handle.execute_update(UPDATE_COMPLETE_TASK, decision)

    async def step(self, youth: Youth, step: str) -> None:
        """Wait until the youth stands at a step."""
        sql = "select true from journeys where youth_id = $1 and step = $2"
        await eventually(lambda: self.pool.fetchval(sql, youth.youth_id, step), f"a youth at {step}")

    async def end(self) -> None:
        await self.rest()
        for youth in self.youths:
            try:
                await self.client.get_workflow_handle(youth_workflow_id(youth.youth_id)).terminate()
            except RPCError:  # has ended
                continue


@asynccontextmanager
async def running(
    pool: asyncpg.Pool, settings: Settings, *, without_outreach: bool = False
) -> AsyncIterator[Running]:
    run = Running(await connect(settings), pool, settings)
    await run.policies.import_file(configured_policy(settings))
    await run.work(without_outreach=without_outreach)
    try:
        yield run
    finally:
        await run.end()
