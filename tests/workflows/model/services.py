"""The services' activities, of which one can be made to take its time: so that things happen amid it."""

import asyncio
from uuid import UUID

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from contracts.notifications_activities import QUEUE_MESSAGES, QueuedMessages, QueueMessages
from contracts.outreach_activities import RECORD_PROGRESS, Progress
from tests.workflows.records import Records

QUIET = ApplicationErrorCategory.BENIGN  # no word in the log


class Gate:
    """Holds the next call of an activity, until it is opened. Then the call may fail, and is made again."""

    def __init__(self, *, fails: bool) -> None:
        self.reached, self.open, self.fails = asyncio.Event(), asyncio.Event(), fails

    async def passes(self) -> None:
        self.reached.set()
        await self.open.wait()
        if self.fails:
            raise ApplicationError("away for a moment", category=QUIET)


class SlowServices(Records):
    """What was asked, and the gates before it: by activity and youth."""

    def __init__(self) -> None:
        super().__init__()
        self.gates: dict[tuple[str, UUID], Gate] = {}

    @activity.defn(name=RECORD_PROGRESS)
    async def record_progress(self, progress: Progress) -> None:
        if gate := self.gates.pop((RECORD_PROGRESS, progress.youth_id), None):
            await gate.passes()
        await super().record_progress(progress)

    @activity.defn(name=QUEUE_MESSAGES)
    async def queue_messages(self, messages: QueueMessages) -> QueuedMessages:
        if gate := self.gates.pop((QUEUE_MESSAGES, messages.youth_id), None):
            await gate.passes()
        return await super().queue_messages(messages)
