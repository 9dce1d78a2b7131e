"""Holds (avvakta): social services ask, with the youth's consent, that outreach waits; or operators hold it up.

The step's own time stands still, and goes on with what was left of it. The task at hand is cancelled, and comes
back with a new last day; a booked visit is booked anew. What was asked for and did not go out is sent when
outreach goes on. The end of the duty alone does not wait.

What social services asked for goes before what operators do, and only it moves the month within which a search
starts: an outage of ours is no excuse.
"""

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import TypeVar

from chassis.clock import STOCKHOLM
from contracts.messages import MessageKind, MessageSpec
from contracts.outreach_activities import Reached, Watch
from contracts.outreach_facts import HoldCause, HoldLifted, HoldSet
from contracts.reasons import Step, WatchReason
from contracts.tasks import TaskKind, TaskSpec
from contracts.workdays import ONE_DAY, at_time
from workflows.youth_outreach import calling, dates, steps
from workflows.youth_outreach.hold import Hold
from workflows.youth_outreach.lifting import protection_lifted
from workflows.youth_outreach.moves import Decision, Move, Opening, transition
from workflows.youth_outreach.spread import jitter
from workflows.youth_outreach.state import State

T = TypeVar("T")
IN_TOUCH_ALREADY = frozenset({Step.MAPPING, Step.SUPPORT})
# Where a letter of the search still makes sense when outreach goes on. A door card never does: see `resume`.
STILL_SOUGHT = frozenset({Step.FIRST_CONTACT, Step.CALLING, Step.TRIED_TO_REACH})
# Nothing is sent there by itself; staff and youth are in touch, and go on.
NOT_SOUGHT = frozenset({Step.MAPPING, Step.SUPPORT, Step.MANUAL})
VISITS = frozenset({TaskKind.HOME_VISIT, TaskKind.PLAN_HOME_VISIT})


def placed(state: State, fact: HoldSet, now: datetime) -> Move:
    """Outreach waits from now on; or until another day than the hold said before."""
    ends = _goes_on_at(state, fact)
    if state.hold is not None and state.step is Step.ON_HOLD:
        if not _changes(state.hold, fact):
            return Move(state=state)
        hold = replace(state.hold, hold_id=fact.hold_id, until=fact.until, cause=fact.cause)
        return transition(replace(state, hold=hold), now, Step.ON_HOLD, due=ends, keeps_tasks=True)
    not_sought = fact.cause is HoldCause.OPERATIONS and state.step in NOT_SOUGHT
    if dates.is_past(ends, now) or not_sought:
        return Move(state=state)
    task = next((task for task in state.tasks if task.kind is not TaskKind.REPORT_ADDRESS), None)
    left = None if state.due is None else max(state.due.astimezone(STOCKHOLM) - now, ONE_DAY * 0)
    hold = Hold(
        hold_id=fact.hold_id,
        until=fact.until,
        cause=fact.cause,
        since=now,
        step=state.step,
        left=left,
        task=task,
    )
    return transition(replace(state, hold=hold), now, Step.ON_HOLD, due=ends)


def lifted(state: State, fact: HoldLifted, now: datetime) -> Move:
    """The hold ends before its last day."""
    if state.step is not Step.ON_HOLD or _hold(state).hold_id != fact.hold_id:
        return Move(state=state)
    return resume(state, now)


def resume(state: State, now: datetime) -> Move:
    """Outreach goes on where it was; with the mapping conversation if the youth got in touch meanwhile.

    Whoever was to be visited is planned for anew: the two staff have been told to wait.
    """
    hold = _hold(state)
    held_for = now - hold.since if hold.cause is HoldCause.SOCIAL_SERVICES else timedelta(0)
    state = replace(state, hold=None, held_for=state.held_for + held_for)
    if state.protected:
        return steps.by_hand(state, now, not_before=_later(hold, now) if hold.step is Step.MANUAL else None)
    if hold.step is Step.MANUAL:
        return protection_lifted(state, now)
    if hold.in_touch:
        return steps.mapping(state, now)
    if hold.step is Step.DOOR_CARD or (hold.task and hold.task.kind in VISITS):
        return _with_unsent(steps.plan_visit(state, now), hold)
    if hold.task and hold.task.kind is TaskKind.CALL:
        return _with_unsent(calling.next_call(state, now, earliest=_not_before(hold.task, now)), hold)
    if hold.step is Step.HOME_VISIT and hold.task is None and state.task_of(TaskKind.REPORT_ADDRESS) is None:
        return steps.watch(state, now, WatchReason.NOT_REACHED)  # the address was reported meanwhile
    return _with_unsent(_back(state, hold, now), hold)


def in_touch(state: State, now: datetime, reached: Reached, decision: Decision | None) -> Move:
    """The youth got in touch during the hold: recorded as reached, and outreach waits all the same.

    Staff who talk with a youth who wants more than that end the hold in the register, at the youth's request.
    A hold by operations is one of the search, which is over then.
    """
    hold = _hold(state)
    if hold.cause is HoldCause.OPERATIONS:
        found = replace(state, hold=None)
        if state.protected:
            return steps.by_hand(found, now, decision, reached=reached)
        return steps.mapping(found, now, reached.by, decision, reached.at)
    known = hold.in_touch or hold.step in IN_TOUCH_ALREADY or (hold.step is Step.MANUAL and state.reached)
    if known:
        return steps.stay(state, now, decision) if decision else Move(state=state)
    return steps.stay(replace(state, hold=replace(hold, in_touch=True)), now, decision, reached)


def changed(state: State, now: datetime, *, moved: bool) -> Move:
    """The register's codes changed during the hold. Whoever is protected has no ordinary task open.

    Operators hold a district: whoever is not of it any more goes on.
    """
    if _hold(state).cause is HoldCause.OPERATIONS and (moved or state.protected):
        return resume(state, now)
    if state.protected and state.tasks:
        return transition(state, now, Step.ON_HOLD, due=state.due)
    return Move(state=state)


def message_recalled(state: State, kind: MessageKind) -> Move:
    """Notifications did not send a message because of the hold: kept for its end, or sent now when it is over."""
    if kind is MessageKind.TURNS_20_LETTER:
        return Move(state=replace(state, turns_20_letter_sent=False))  # `timing` sees to it
    if state.step is Step.ON_HOLD:
        hold = _hold(state)
        return Move(state=replace(state, hold=replace(hold, recalled=_once(hold.recalled, kind))))
    if kind is MessageKind.DOOR_CARD or state.step not in STILL_SOUGHT:
        return Move(state=state)
    state, message_id, _ = state.numbered(kind)
    return Move(state=state, messages=(MessageSpec(message_id=message_id, kind=kind),))


def not_handed_over(state: State, messages: tuple[MessageSpec, ...]) -> State:
    """Return the state that keeps what notifications has not taken (that we know of) for the end of the hold."""
    hold = _hold(state)
    if any(message.kind is MessageKind.TURNS_20_LETTER for message in messages):
        state = replace(state, turns_20_letter_sent=False)
    rest = tuple(m for m in messages if m.kind not in (MessageKind.TURNS_20_LETTER, MessageKind.DOOR_CARD))
    return replace(state, hold=replace(hold, not_handed_over=(*hold.not_handed_over, *rest)))


def _changes(hold: Hold, fact: HoldSet) -> bool:
    """Return whether a fact changes the hold that lasts. It gets longer, never shorter: that was told before."""
    if hold.cause is HoldCause.SOCIAL_SERVICES and fact.cause is HoldCause.OPERATIONS:
        return False
    return hold.hold_id != fact.hold_id or fact.until > hold.until


def _back(state: State, hold: Hold, now: datetime) -> Move:
    opens = watch = None
    if hold.task is not None:
        opens = Opening(
            kind=hold.task.kind,
            not_before=_later(hold, now),
            attempt=hold.task.attempt,
            staff=hold.task.staff,
            group=hold.task.group,
        )
    due = None if hold.left is None else now + hold.left
    if hold.cause is HoldCause.OPERATIONS and hold.step is Step.AWAITING_START and hold.left is not None:
        due = max(now, hold.since.astimezone(STOCKHOLM) + hold.left)
    if hold.step is Step.WATCH and due is not None and state.watch_reason is not None:
        watch = Watch(reason=state.watch_reason, recontact_on=due.date())
    return transition(state, now, hold.step, due=due, opens=opens, watch=watch)


def _with_unsent(move: Move, hold: Hold) -> Move:
    """Add what did not go out before the hold: the same messages, or anew what notifications gave up."""
    state, messages = move.state, move.messages
    if state.step not in STILL_SOUGHT:
        return move
    for kind in (kind for kind in hold.recalled if kind is not MessageKind.DOOR_CARD):
        state, message_id, _ = state.numbered(kind)
        messages = (*messages, MessageSpec(message_id=message_id, kind=kind))
    return replace(move, state=state, messages=(*messages, *hold.not_handed_over))


def _later(hold: Hold, now: datetime) -> datetime | None:
    """Return when the task that comes back can be done: as long from now as it was when the hold began."""
    if hold.task is None or hold.task.not_before is None:
        return None
    wait = hold.task.not_before.astimezone(STOCKHOLM) - hold.since.astimezone(STOCKHOLM)
    return max(now, now + wait)


def _not_before(task: TaskSpec, now: datetime) -> datetime:
    """Return when a call can be made: a time that was agreed, or already set, holds when it still lies ahead."""
    return now if task.not_before is None else max(now, task.not_before.astimezone(STOCKHOLM))


def _goes_on_at(state: State, fact: HoldSet) -> datetime:
    """Return when outreach goes on: in the morning after the last day."""
    morning = at_time(fact.until + ONE_DAY, state.policy.sending_hours.start)
    return morning if morning.time() == time(0) else morning + jitter(state.youth_id, "hold", ONE_DAY)


def _hold(state: State) -> Hold:
    if state.hold is None:
        raise ValueError("a step of a hold without one")
    return state.hold


def _once(there: tuple[T, ...], new: T) -> tuple[T, ...]:
    return there if new in there else (*there, new)
