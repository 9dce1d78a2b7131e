"""Activities that the notifications service offers to workflows, on its own task queue."""

from uuid import UUID

from contracts.base import Contract
from contracts.messages import MessageResult, MessageSpec

NOTIFICATIONS_QUEUE = "notifications"
QUEUE_MESSAGES = "queue_messages"


class QueueMessages(Contract):
    """Messages for one youth that are decided at the same moment (letter and SMS)."""

    youth_id: UUID
    episode_id: UUID
    messages: tuple[MessageSpec, ...]


class QueuedMessages(Contract):
    results: tuple[MessageResult, ...]
