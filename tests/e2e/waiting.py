"""Asking through HTTP until the answer is there."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID, uuid4

from contracts.messages import MessageKind
from contracts.reasons import Step
from contracts.tasks import Outcome, TaskKind
from deploy.demo.client import Caller, Refused
from deploy.demo.views import ARRIVED, Journey, Message, Task
from tests.e2e.town import Town

T = TypeVar("T")
PATIENCE_SECONDS = 90.0  # real; the machine may be busy


async def until(ask: Callable[[], Awaitable[T | None]], what: str, seconds: float = PATIENCE_SECONDS) -> T:
    """Ask again and again until the answer is something; fail with ``what`` was waited for."""
    deadline = time.monotonic() + seconds
    while not (answer := await ask()):
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s for {what}"
        await asyncio.sleep(0.1)
    return answer


async def task_of(caller: Caller, youth_id: UUID, kind: TaskKind) -> Task:
    async def ask() -> Task | None:
        return next(iter(await caller.tasks(youth_id=youth_id, kind=kind)), None)

    return await until(ask, f"a task of kind {kind}")


async def workable(town: Town, caller: Caller, youth_id: UUID, kind: TaskKind) -> Task:
    """Return the youth's task of a kind when its time has come (a call slot, the hour of the visit)."""
    task = await task_of(caller, youth_id, kind)
    if task.not_before is not None:
        wait = town.clock.spec.real(task.not_before) - town.clock.spec.real(town.clock.now())
        await asyncio.sleep(max(0.0, wait.total_seconds()) + 0.1)
    return task


async def at_step(caller: Caller, youth_id: UUID, step: Step) -> Journey:
    async def ask() -> Journey | None:
        try:
            journey = await caller.journey(youth_id)
        except Refused:
            return None
        return journey if journey.step is step else None

    return await until(ask, f"step {step}")


async def messages_of(caller: Caller, youth_id: UUID, kind: MessageKind) -> Message:
    """Return the youth's message of a kind once it was sent."""

    async def ask() -> Message | None:
        found = await caller.messages(youth_id=youth_id, kind=kind)
        return next((message for message in found if message.state in ARRIVED), None)

    return await until(ask, f"{kind} sent")


async def complete(caller: Caller, task: Task, outcome: Outcome) -> Step | None:
    await caller.claim(task.task_id)
    return (await caller.complete(task.task_id, outcome, str(uuid4()))).step
