"""What a provider's receipt does to a message: from open states only.

A receipt may come before we have noted that the message was sent, twice, late, or out of order.
"""

from enum import StrEnum

from contracts.messages import MessageState


class ReceiptStatus(StrEnum):
    """What a receipt says, in our words."""

    ON_ITS_WAY = "on_its_way"  # the provider has it: proof that it was sent
    DELIVERED = "delivered"
    FAILED = "failed"


def states_passed(state: MessageState, begun: bool, receipt: ReceiptStatus) -> tuple[MessageState, ...]:
    """Return the states that the message passes through, in order; empty when nothing changes.

    ``begun`` tells whether a send has begun: a receipt for a message whose send never began is
    somebody's mistake, and changes nothing.
    """
    if state is MessageState.QUEUED and begun:
        first: tuple[MessageState, ...] = (MessageState.SENT,)
    elif state is MessageState.SENT:
        first = ()
    else:
        return ()
    if receipt is ReceiptStatus.DELIVERED:
        return (*first, MessageState.DELIVERED)
    if receipt is ReceiptStatus.FAILED:
        return (*first, MessageState.FAILED)
    return first
