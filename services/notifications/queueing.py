"""Use case: a workflow asks for messages. Asked for twice, queued once."""

from datetime import datetime

import asyncpg

from chassis.postgres import transaction
from contracts.messages import OF_A_VISIT, MessageResult, MessageState, SkipReason
from contracts.notifications_activities import QueuedMessages, QueueMessages
from services.notifications import called_off, transitions
from services.notifications.db import queue


class VisitWithoutTime(ValueError):
    """A message about a visit was asked for without its time. The message names the message id only."""


async def queue_messages(pool: asyncpg.Pool, request: QueueMessages, now: datetime) -> QueuedMessages:
    """Queue messages in one transaction and tell where each stands. Raises VisitWithoutTime.

    Whether a message may be sent is not decided here but at the moment of sending, by the registry:
    a decision in two places would be two decisions.
    """
    for spec in request.messages:
        if spec.kind in OF_A_VISIT and spec.visit_at is None:
            raise VisitWithoutTime(f"message {spec.message_id} needs visit_at")
    async with transaction(pool) as conn:
        new = await queue.insert(conn, request.youth_id, request.episode_id, request.messages, now)
        await transitions.queued(conn, new, now)
        await called_off.settle(conn, request.youth_id, request.messages, new, now)
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
