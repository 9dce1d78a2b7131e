"""What social services do in the tests: ask that outreach waits, and that it goes on."""

from datetime import date
from uuid import UUID, uuid4

from contracts.outreach_facts import SIGNAL_HOLD_ENDED, SIGNAL_HOLD_PLACED, HoldLifted, HoldSet
from tests.workflows.driver import Youth


async def hold(youth: Youth, until: date, hold_id: UUID) -> None:
    """Ask that outreach waits until a day."""
    fact = HoldSet(event_id=uuid4(), episode_id=youth.episode_id, hold_id=hold_id, until=until)
    await youth.handle.signal(SIGNAL_HOLD_PLACED, fact)


async def lift(youth: Youth, hold_id: UUID) -> None:
    """The hold ends before its last day."""
    fact = HoldLifted(event_id=uuid4(), episode_id=youth.episode_id, hold_id=hold_id)
    await youth.handle.signal(SIGNAL_HOLD_ENDED, fact)
