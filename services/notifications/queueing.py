"""Use case: a workflow asks for messages. Asked for twice, queued once."""

from datetime import datetime

import asyncpg

from chassis.postgres import transaction
from contracts.messages import MessageKind, MessageResult, MessageState, SkipReason
from contracts.notifications_activities import QueuedMessages, QueueMessages
from services.notifications import transitions
from services.notifications.db import queue


class DoorCardWithoutVisit(ValueError):
    """A door card was asked for without the time of the visit. The message names the message id only."""


async def queue_messages(pool: asyncpg.Pool, request: QueueMessages, now: datetime) -> QueuedMessages:
    """Queue messages in one transaction and tell where each stands. Raises DoorCardWithoutVisit.

    Whether a message may be sent is not decided here but at the moment of sending, by the registry:
    a decision in two places would be two decisions.
    """
    for spec in request.messages:
        if spec.kind is MessageKind.DOOR_CARD and spec.visit_at is None:
            raise DoorCardWithoutVisit(f"message {spec.message_id} needs visit_at")
    async with transaction(pool) as conn:
        new = await queue.insert(conn, request.youth_id, request.episode_id, request.messages, now)
        await transitions.queued(conn, new, now)
        rows = await queue.states(conn, [spec.message_id for spec in request.messages])
    return QueuedMessages(
        results=tuple(
            MessageResult(
                message_id=spec.message_id,
                state=MessageState(rows[spec.message_id]["state"]),
                skipped=SkipReason(reason) if (reason := rows[spec.message_id]["skip_reason"]) else None,
            )
            for spec in request.messages
        )
    )
