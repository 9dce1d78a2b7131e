"""Events about a youth's circumstances, sent on to the workflows: holds, and messages that they recalled.

Beside `consumers`, whose rules hold here too: the workflow is signalled, then the event counts as handled.
Coverage itself and answers are there.
"""

from collections.abc import Sequence
from dataclasses import replace

from chassis.incoming import Incoming
from contracts.documentation import REGISTRY_DOCUMENTATION
from contracts.documentation_events import HoldEnded, HoldPlaced
from contracts.events import NOTIFICATIONS_MESSAGE, MessageSkipped
from contracts.messages import SkipReason
from contracts.outreach_facts import (
    SIGNAL_HOLD_ENDED,
    SIGNAL_HOLD_PLACED,
    SIGNAL_MESSAGE_RECALLED,
    HoldLifted,
    HoldSet,
    MessageRecalled,
)
from services.outreach.around import Around
from services.outreach.consumers import Facts, Group, nothing_more, read


class Circumstances:
    """Hands what happens around a youth to their workflow."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def groups(self) -> Sequence[Group]:
        """Groups of their own: a hold waits neither behind registrations nor behind thousands of messages."""
        return (
            Group("outreach-documentation", (REGISTRY_DOCUMENTATION,), self.from_documentation, nothing_more),
            Group("outreach-messages", (NOTIFICATIONS_MESSAGE,), self.from_messages, nothing_more),
        )

    async def from_documentation(self, incoming: Incoming) -> None:
        """Take an event of the documentation. Of those, only holds are for us."""
        match incoming.type:
            case HoldPlaced.type:
                placed = read(HoldPlaced, incoming)
                hold = HoldSet(
                    event_id=incoming.event_id,
                    episode_id=placed.episode_id,
                    hold_id=placed.hold_id,
                    until=placed.until,
                )
                await self._facts.send(placed, SIGNAL_HOLD_PLACED, hold)
            case HoldEnded.type:
                ended = read(HoldEnded, incoming)
                lifted = HoldLifted(event_id=incoming.event_id, episode_id=ended.episode_id, hold_id=ended.hold_id)
                await self._facts.send(ended, SIGNAL_HOLD_ENDED, lifted)

    async def from_messages(self, incoming: Incoming) -> None:
        """Take what became of a message. Only one that did not go out because of a hold is for us."""
        if incoming.type != MessageSkipped.type:
            return
        skipped = read(MessageSkipped, incoming)
        if skipped.reason is SkipReason.ON_HOLD:
            fact = MessageRecalled(event_id=incoming.event_id, episode_id=skipped.episode_id, kind=skipped.kind)
            await self._facts.send(skipped, SIGNAL_MESSAGE_RECALLED, fact)


def all_groups(facts: Facts) -> Sequence[Group]:
    """Return every consumer group of the service."""
    around = Around(facts.policies.in_force)
    handles = {"outreach-registry": around.registry, "outreach-documentation": around.documentation}
    return [
        replace(group, handle=handles.get(group.name, group.handle))
        for group in (*facts.groups(), *Circumstances(facts).groups())
    ]
