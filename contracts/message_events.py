"""Events of letters and SMS: what became of each."""

from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.event import Event, ResultCode
from contracts.messages import Channel, MessageKind, SkipReason

NOTIFICATIONS_MESSAGE = "notifications.message.v1"


class MessageEvent(Event):
    """What became of a message to a youth."""

    topic = NOTIFICATIONS_MESSAGE

    message_id: UUID
    kind: MessageKind
    channel: Channel
    at: AwareDatetime


class MessageQueued(MessageEvent):
    """A message waits to be sent."""

    type = "se.uppsok.notifications.message-queued.v1"


class MessageSent(MessageEvent):
    """Handed to the SMS provider, or to print."""

    type = "se.uppsok.notifications.message-sent.v1"


class MessageDelivered(MessageEvent):
    """The provider says that it arrived."""

    type = "se.uppsok.notifications.message-delivered.v1"


class MessageFailed(MessageEvent):
    """It could not be delivered."""

    type = "se.uppsok.notifications.message-failed.v1"

    code: ResultCode = Field(description="Our code of the failure, from the provider's table")


class MessageSkipped(MessageEvent):
    """Never sent, or recalled before it was."""

    type = "se.uppsok.notifications.message-skipped.v1"

    reason: SkipReason


class MessageSentAfterEnd(MessageEvent):
    """A message went out although the duty had ended by then: it was on its way when the end was told.

    Nothing is to be sent after the end (plan 4.2.2). ``at`` is when it went out.
    """

    type = "se.uppsok.notifications.message-sent-after-end.v1"
