"""The services' activities as the workflows see them: what they were asked is kept, and can be looked at.

This is the seam of the contract (`contracts.*_activities`); the real activities have their own tests.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any
from uuid import UUID

from temporalio import activity
from temporalio.exceptions import ApplicationError

from contracts.messages import MessageResult, MessageSpec, MessageState
from contracts.notifications_activities import QUEUE_MESSAGES, QueuedMessages, QueueMessages
from contracts.outreach_activities import RECORD_PROGRESS, Progress
from contracts.tasks import TaskKind, TaskSpec


class Records:
    """What was recorded and sent, per youth, in order. A repeated id has no effect, as in the services."""

    def __init__(self) -> None:
        self.progress: dict[UUID, list[Progress]] = defaultdict(list)
        self.messages: dict[UUID, list[MessageSpec]] = defaultdict(list)
        self.calls: dict[UUID, int] = defaultdict(int)
        self.notifications_down: set[UUID] = set()
        self.outreach_down: set[UUID] = set()
        self.outreach_has_a_bug: set[UUID] = set()
        self.refused: dict[UUID, int] = defaultdict(int)

    @activity.defn(name=RECORD_PROGRESS)
    async def record_progress(self, progress: Progress) -> None:
        youth = progress.youth_id
        if youth in self.outreach_down:
            raise ApplicationError("the database is away")
        if youth in self.outreach_has_a_bug:
            self.refused[youth] += 1
            raise ApplicationError("a bug", non_retryable=True)
        self.calls[youth] += 1
        if all(known.progress_id != progress.progress_id for known in self.progress[youth]):
            self.progress[youth].append(progress)

    @activity.defn(name=QUEUE_MESSAGES)
    async def queue_messages(self, messages: QueueMessages) -> QueuedMessages:
        youth = messages.youth_id
        if youth in self.notifications_down:
            raise ApplicationError("the database is away")
        self.calls[youth] += 1
        for message in messages.messages:
            if all(known.message_id != message.message_id for known in self.messages[youth]):
                self.messages[youth].append(message)
        return QueuedMessages(
            results=tuple(
                MessageResult(message_id=message.message_id, state=MessageState.QUEUED)
                for message in messages.messages
            )
        )

    @property
    def outreach(self) -> list[Callable[..., Any]]:
        return [self.record_progress]

    @property
    def notifications(self) -> list[Callable[..., Any]]:
        return [self.queue_messages]

    def open_tasks(self, youth: UUID) -> list[TaskSpec]:
        """Return the tasks that are open; more than one call at a time is refused, as by the database."""
        tasks: dict[UUID, TaskSpec] = {}
        for progress in self.progress[youth]:
            for closure in progress.closed:
                assert tasks.pop(closure.task_id, None), "a task was closed that was not open"
            for task in progress.opened:
                assert task.task_id not in tasks
                tasks[task.task_id] = task
            assert sum(task.kind is TaskKind.CALL for task in tasks.values()) <= 1
        return list(tasks.values())
