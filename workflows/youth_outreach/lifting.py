"""A marking of protected identity is lifted: outreach goes on with its ordinary ways."""

from datetime import datetime

from contracts.messages import MessageKind
from workflows.youth_outreach import calling, steps
from workflows.youth_outreach.moves import Move
from workflows.youth_outreach.state import State


def protection_lifted(state: State, now: datetime) -> Move:
    """The special handlers hand over: who was reached is talked with, who was sought is called, and who never
    got a letter gets one.
    """
    if state.reached:
        return steps.mapping(state, now)
    if state.made(MessageKind.FIRST_LETTER):
        return calling.calls(state, now)
    return steps.await_start(state, now)
