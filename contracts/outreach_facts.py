"""Facts about a youth's circumstances that reach the workflow `YouthOutreach` as signals, besides coverage itself.

Each carries the id of the event that brought it, so that it can be repeated safely.
"""

from datetime import date
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from contracts.base import Contract
from contracts.messages import MessageKind

SIGNAL_HOLD_PLACED = "hold_placed"
SIGNAL_HOLD_ENDED = "hold_ended"
SIGNAL_MESSAGE_RECALLED = "message_recalled"


class HoldCause(StrEnum):
    SOCIAL_SERVICES = "social_services"  # asked for, with the youth's consent: the month of the start waits too
    OPERATIONS = "operations"  # the search stands still in a district (docs/operations.md): no deadline moves


class HoldSet(Contract):
    """Outreach is to wait (avvakta), as social services asked with the youth's consent; or to wait longer.

    Or operators hold the search of a whole district for some days.
    """

    event_id: UUID
    episode_id: UUID
    hold_id: UUID
    until: date = Field(description="The last day of the hold; nothing tells that it has passed")
    cause: HoldCause = HoldCause.SOCIAL_SERVICES


class HoldLifted(Contract):
    """A hold ended before its last day: outreach goes on at once."""

    event_id: UUID
    episode_id: UUID
    hold_id: UUID


class MessageRecalled(Contract):
    """A message that was queued did not go out, since outreach waits: it is sent when outreach goes on."""

    event_id: UUID
    episode_id: UUID
    kind: MessageKind
