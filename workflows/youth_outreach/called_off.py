"""A home visit that is called off: planned again, and the youth gets word of it.

That the door card was sent, notifications alone knows: it sends the word to those who have been sent one, and
recalls a door card that still waits.
"""

from dataclasses import replace
from datetime import datetime

from contracts.messages import MessageKind, MessageSpec
from contracts.outreach_workflow import CompleteTask
from workflows.youth_outreach import steps
from workflows.youth_outreach.dates import is_past
from workflows.youth_outreach.moves import Move
from workflows.youth_outreach.state import State


def called_off(state: State, now: datetime, decision: CompleteTask) -> Move:
    """The two cannot come (illness): another visit is planned, and the youth is told by the policy."""
    move = steps.plan_visit(state, now, decision)
    visit = state.task(decision.task_id)
    if not state.policy.visit_called_off_word or visit is None or visit.not_before is None:
        return move
    return _with_word(move, now, visit.not_before)


def _with_word(move: Move, now: datetime, visit_at: datetime) -> Move:
    """Add the word: by SMS, and by letter as well when the post arrives before the visit would have been."""
    kinds = [MessageKind.VISIT_CALLED_OFF_SMS]
    if is_past(now + move.state.policy.visit_lead_time, visit_at):
        kinds.append(MessageKind.VISIT_CALLED_OFF_LETTER)
    for kind in kinds:
        state, message_id, _ = move.state.numbered(kind)
        word = MessageSpec(message_id=message_id, kind=kind, visit_at=visit_at)
        move = replace(move, state=state, messages=(*move.messages, word))
    return move
