"""What a hold brings in the tests: outreach is to wait, and to go on; a message did not go out."""

from datetime import date
from uuid import UUID, uuid4

from contracts.messages import MessageKind
from contracts.outreach_facts import (
    SIGNAL_HOLD_ENDED,
    SIGNAL_HOLD_PLACED,
    SIGNAL_MESSAGE_RECALLED,
    HoldCause,
    HoldLifted,
    HoldSet,
    MessageRecalled,
)
from tests.workflows.driver import Youth


async def hold(youth: Youth, until: date, hold_id: UUID, cause: HoldCause = HoldCause.SOCIAL_SERVICES) -> None:
    """Ask that outreach waits until a day."""
    fact = HoldSet(event_id=uuid4(), episode_id=youth.episode_id, hold_id=hold_id, until=until, cause=cause)
    await youth.handle.signal(SIGNAL_HOLD_PLACED, fact)


async def lift(youth: Youth, hold_id: UUID) -> None:
    """The hold ends before its last day."""
    fact = HoldLifted(event_id=uuid4(), episode_id=youth.episode_id, hold_id=hold_id)
    await youth.handle.signal(SIGNAL_HOLD_ENDED, fact)


async def told_of_recall(youth: Youth, kind: MessageKind) -> None:
    """Notifications did not send a message that was queued, because of a hold."""
    fact = MessageRecalled(event_id=uuid4(), episode_id=youth.episode_id, kind=kind)
    await youth.handle.signal(SIGNAL_MESSAGE_RECALLED, fact)
