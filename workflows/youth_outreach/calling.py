"""The calls of plan 4.2.2: at least three, on different days and at different times; what each comes to, and what
precedes them when there is no number to call. Then "we have tried to reach you".
"""

from dataclasses import replace
from datetime import datetime, time

from chassis.clock import STOCKHOLM
from contracts.messages import MessageKind
from contracts.outreach_activities import Reached
from contracts.outreach_workflow import CompleteTask
from contracts.policy import OutreachPolicy
from contracts.reasons import ReachedBy, Step, WatchReason
from contracts.tasks import CallOutcome, CallResult, FindContactDetailsOutcome, TaskKind, TaskMark, TaskSpec
from contracts.workdays import add_working_days, allows_contact, at_time, slot_at
from workflows.youth_outreach import dates, steps
from workflows.youth_outreach.moves import Decision, Move, Opening, transition
from workflows.youth_outreach.state import Attempt, State


def calls(state: State, now: datetime, decision: Decision | None = None) -> Move:
    """Nobody answered, or the talk did not come about: a new series of attempts, by phone and then at the door."""
    anew = replace(state, attempts=(), wrong_numbers=0, visits=0, searches=0, call_backs=0, letters=0)
    return next_call(anew, now, decision)


def next_call(
    state: State, now: datetime, decision: Decision | None = None, *, earliest: datetime | None = None
) -> Move:
    """The next of at least three attempts, on another day and in another part of the day, from ``earliest`` on.

    Who has no telephone is not called: first a number is looked for.
    """
    if not state.has_phone and state.policy.contact_searches:
        return find_details(state, now, decision)
    last = state.attempts[-1].at if state.attempts else None
    slots = [attempt.slot for attempt in state.attempts]
    not_before = dates.next_call(state.policy, earliest or now, last, slots)
    call = Opening(kind=TaskKind.CALL, not_before=not_before, attempt=len(state.attempts) + 1)
    return transition(state, now, Step.CALLING, decision=decision, opens=call)


def find_details(state: State, now: datetime, decision: Decision | None = None) -> Move:
    """Staff look for another number, as often as the policy lets them; then the calls are given up."""
    if state.searches >= state.policy.contact_searches:
        return after_calls(state, now, decision)
    state = replace(state, searches=state.searches + 1, wrong_numbers=0)
    search = Opening(kind=TaskKind.FIND_CONTACT_DETAILS, attempt=state.searches)
    return transition(state, now, Step.CALLING, decision=decision, opens=search)


def after_calls(state: State, now: datetime, decision: Decision | None = None) -> Move:
    """All attempts are made, or none can be. A lighter round, after a watch, ends here."""
    if state.round > 1:
        return steps.watch(state, now, WatchReason.NOT_REACHED, decision)
    return transition(
        state,
        now,
        Step.TRIED_TO_REACH,
        decision=decision,
        due=_next_letter_or_visit(state, now),
        sends=(MessageKind.TRIED_LETTER, MessageKind.TRIED_SMS),
    )


def after_tried(state: State, now: datetime) -> Move:
    """Still nobody has answered: the policy's further letters, and then staff plan a visit."""
    if state.letters >= len(state.policy.further_letters):
        return steps.plan_visit(state, now)
    state = replace(state, letters=state.letters + 1)
    due = _next_letter_or_visit(state, now)
    return transition(state, now, Step.TRIED_TO_REACH, due=due, sends=(MessageKind.TRIED_LETTER,))


def _next_letter_or_visit(state: State, now: datetime) -> datetime:
    wait = next(iter(state.policy.further_letters[state.letters :]), state.policy.tried_window)
    return dates.window_end(state.youth_id, wait, now)


def called(state: State, decision: CompleteTask, call: TaskSpec, outcome: CallOutcome, now: datetime) -> Move:
    """Return what the outcome of a call leads to."""
    policy, earliest = state.policy, now
    match outcome.result:
        case CallResult.REACHED:
            return steps.mapping(state, now, ReachedBy.CALL, decision)
        case CallResult.DECLINED:  # reached all the same; everything offered is voluntary
            reached = Reached(by=ReachedBy.CALL, at=now)
            return steps.watch(state, now, WatchReason.DECLINED, decision, reached)
        case CallResult.WRONG_NUMBER:  # no attempt, and no number: staff look for another one
            state = replace(state, wrong_numbers=state.wrong_numbers + 1)
            if state.wrong_numbers >= policy.wrong_numbers:
                return find_details(state, now, decision)
        case CallResult.CALL_BACK if state.call_backs < policy.call_backs:
            state = replace(state, call_backs=state.call_backs + 1)
        case CallResult.LANGUAGE_NEEDED if not state.language_needed:
            state = replace(state, language_needed=True)
            interpreter = add_working_days(policy, now.date(), policy.interpreter_lead_days)
            earliest = max(now, at_time(interpreter, time(0)))
        case _:  # no answer, voicemail, a third party; or put off once more than the policy lets
            state = replace(state, attempts=(*state.attempts, _attempt(policy, call, now)))
            if len(state.attempts) >= policy.call_attempts:
                return after_calls(state, now, decision)
    if outcome.call_back_at is not None:
        return _call_back(state, now, decision, outcome.call_back_at)
    return next_call(state, now, decision, earliest=earliest)


def found_details(state: State, decision: CompleteTask, outcome: FindContactDetailsOutcome, now: datetime) -> Move:
    """With a number the calls go on, with the attempts made before; without one they are given up."""
    found = outcome.result == "found"
    return (next_call if found else after_calls)(replace(state, has_phone=found), now, decision)


def telephone(state: State, *, has_phone: bool, now: datetime) -> Move:
    """The register got or lost a number. A number that comes in is called, unless a visit is booked already.

    A call whose time has come is left to whoever may be making it.
    """
    had_phone, state = state.has_phone, replace(state, has_phone=has_phone)
    if state.policy.contact_searches and had_phone != has_phone:
        call = state.task_of(TaskKind.CALL)
        lost = call is not None and call.not_before is not None and not dates.is_past(call.not_before, now)
        waits = state.step is Step.CALLING and call is None
        gave_up = state.step is Step.TRIED_TO_REACH and len(state.attempts) < state.policy.call_attempts
        if (waits or gave_up) if has_phone else lost:
            return next_call(state, now)
    return Move(state=state)


def why_no_call_back_at(state: State, at: datetime, now: datetime) -> str | None:
    """Return why a time to call back cannot be agreed, or None when it can."""
    policy, agreed = state.policy, at.astimezone(STOCKHOLM)
    if dates.is_past(at, now):
        return "a time to call back lies ahead"
    if not dates.is_past(at, last := now + policy.call_back_within):
        return f"a time to call back is agreed no later than {last:%Y-%m-%d %H:%M}"
    if agreed.date() > state.last_covered_day:
        return "the duty has ended by then"
    if not allows_contact(policy, agreed.date()):
        return "calls are made on working days"
    first = min(slot.start for slot in policy.call_slots)
    ends = [slot.end for slot in policy.call_slots]
    if agreed.time() < first or (time(0) not in ends and agreed.time() >= max(ends)):
        return f"calls are made from {first:%H:%M} to {max(ends):%H:%M}"
    return None


def _call_back(state: State, now: datetime, decision: CompleteTask, at: datetime) -> Move:
    """Between the parts of the day too: what was promised goes first."""
    agreed = Opening(
        kind=TaskKind.CALL,
        not_before=at,
        due_on=at.astimezone(STOCKHOLM).date(),
        attempt=len(state.attempts) + 1,
        marks=(TaskMark.AGREED_TIME,),
    )
    return transition(state, now, Step.CALLING, decision=decision, opens=agreed)


def _attempt(policy: OutreachPolicy, call: TaskSpec, now: datetime) -> Attempt:
    planned = slot_at(policy, call.not_before or now)
    return Attempt(at=now, slot=slot_at(policy, now) or planned or "")
