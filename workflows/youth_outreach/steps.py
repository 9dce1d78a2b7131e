"""Entering each step of the outreach (plan 4.2.2; `contracts.reasons.Step`). docs/states.md draws them.

Every function takes the state and the civil time, and returns the move into its step. ``decision`` is the
staff decision that led there, if one did.
"""

from dataclasses import replace
from datetime import datetime

from contracts.messages import MessageKind, MessageSpec
from contracts.outreach_activities import Reached, Watch
from contracts.outreach_workflow import CompleteTask
from contracts.policy import InsteadOfVisit
from contracts.reasons import EndReason, ReachedBy, Step, WatchReason
from contracts.tasks import PlanHomeVisitOutcome, TaskGroup, TaskKind
from workflows.youth_outreach import dates, tracks
from workflows.youth_outreach.moves import Decision, Move, Opening, transition
from workflows.youth_outreach.state import State


def begin(state: State, now: datetime) -> Move:
    """The youth is registered: the search awaits its start, unless everything must be done by hand."""
    return by_hand(state, now) if state.protected else await_start(state, now)


def await_start(state: State, now: datetime, decision: Decision | None = None) -> Move:
    """The search awaits its start; for some groups staff do something else first (`tracks`)."""
    due = dates.start_due(state.policy, state.youth_id, state.registered_on, state.last_covered_day, now)
    task = tracks.first_task(state, now)
    due = tracks.start_due(state, now, task, due)
    opens = Opening(kind=task) if task else None
    return transition(state, now, Step.AWAITING_START, decision=decision, due=due, opens=opens)


def first_letter(state: State, now: datetime, decision: Decision | None = None) -> Move:
    """The search begins: whoever is new in the register always gets a letter, and an SMS beside it."""
    return transition(
        state,
        now,
        Step.FIRST_CONTACT,
        decision=decision,
        due=dates.window_end(state.youth_id, state.policy.answer_window, now),
        sends=(MessageKind.FIRST_LETTER, MessageKind.FIRST_SMS),
        starts=True,
    )


def plan_visit(state: State, now: datetime, decision: Decision | None = None) -> Move:
    """Staff book a home visit; until they have, the youth's step stays 'tried to reach'.

    When the duty ends before any visit could be made, none is planned; nor where one was not safe.
    """
    if state.home_unsafe:
        return _not_at_home(state, now, decision)
    if dates.first_visit_time(state.policy, now, state.last_covered_day) is None:
        return watch(state, now, WatchReason.NOT_REACHED, decision)
    planning = Opening(kind=TaskKind.PLAN_HOME_VISIT, attempt=state.visits + 1)
    return transition(state, now, Step.TRIED_TO_REACH, decision=decision, opens=planning)


def _not_at_home(state: State, now: datetime, decision: Decision | None) -> Move:
    if state.policy.unsafe_visit is InsteadOfVisit.WATCH:
        return watch(state, now, WatchReason.NOT_REACHED, decision)
    meeting = Opening(kind=TaskKind.OFFICE_MEETING, attempt=state.made(TaskKind.OFFICE_MEETING) + 1)
    return transition(state, now, Step.HOME_VISIT, decision=decision, opens=meeting)


def door_card(state: State, now: datetime, decision: CompleteTask, plan: PlanHomeVisitOutcome) -> Move:
    """The visit is booked: the door card tells when two named staff come."""
    visit = Opening(kind=TaskKind.HOME_VISIT, not_before=plan.visit_at, attempt=state.visits + 1, staff=plan.staff)
    return transition(
        state,
        now,
        Step.DOOR_CARD,
        decision=decision,
        due=plan.visit_at,
        opens=visit,
        sends=(MessageKind.DOOR_CARD,),
        visit_at=plan.visit_at,
    )


def home_visit(state: State, now: datetime) -> Move:
    """The time on the door card has come."""
    return transition(state, now, Step.HOME_VISIT, keeps_tasks=True)


def mapping(
    state: State,
    now: datetime,
    by: ReachedBy | None = None,
    decision: Decision | None = None,
    at: datetime | None = None,
) -> Move:
    """Reached: the search is over, and the mapping conversation (kartläggning) follows.

    ``by`` is None when the youth was reached before (by the special handlers).
    """
    talk = Opening(kind=TaskKind.MAPPING, attempt=state.made(TaskKind.MAPPING) + 1)
    reached = Reached(by=by, at=at or now) if by else None
    return transition(state, now, Step.MAPPING, decision=decision, opens=talk, reached=reached)


def support(state: State, now: datetime, decision: Decision) -> Move:
    """The youth wants support, or goes on with it: followed up after the policy's interval."""
    follow_up = Opening(
        kind=TaskKind.FOLLOW_UP,
        not_before=now + state.policy.follow_up_interval,
        attempt=state.made(TaskKind.FOLLOW_UP) + 1,
    )
    return transition(state, now, Step.SUPPORT, decision=decision, opens=follow_up)


def watch(
    state: State,
    now: datetime,
    reason: WatchReason,
    decision: Decision | None = None,
    reached: Reached | None = None,
    *,
    starts: bool = False,
) -> Move:
    """Bevakning: left in peace until the re-contact date."""
    due = dates.recontact_due(state.policy, state.youth_id, reason, now)
    state, watching = replace(state, watch_reason=reason), Watch(reason=reason, recontact_on=due.date())
    return transition(
        state, now, Step.WATCH, decision=decision, due=due, watch=watching, reached=reached, starts=starts
    )


def recontact(state: State, now: datetime) -> Move:
    """The watch is over: a lighter round of one letter, a window and calls.

    Who had only applied for school, and was never written to, is sought as whoever is new.
    """
    if state.watch_reason is WatchReason.APPLIED and not state.made(MessageKind.FIRST_LETTER):
        return first_letter(state, now)
    return transition(
        replace(state, round=state.round + 1),
        now,
        Step.FIRST_CONTACT,
        due=dates.window_end(state.youth_id, state.policy.answer_window, now),
        sends=(MessageKind.RECONTACT_LETTER,),
    )


def by_hand(
    state: State,
    now: datetime,
    decision: Decision | None = None,
    not_before: datetime | None = None,
    reached: Reached | None = None,
) -> Move:
    """Protected identity: nothing automatic, one task for the special handlers."""
    task = Opening(
        kind=TaskKind.PROTECTED,
        group=TaskGroup.SPECIAL_HANDLERS,
        not_before=not_before,
        attempt=state.made(TaskKind.PROTECTED) + 1,
    )
    return transition(state, now, Step.MANUAL, decision=decision, opens=task, starts=True, reached=reached)


def stay(state: State, now: datetime, decision: Decision | None = None, reached: Reached | None = None) -> Move:
    """Something is recorded, and the youth stays where they are with what is open and due."""
    return transition(state, now, state.step, decision=decision, due=state.due, keeps_tasks=True, reached=reached)


def turns_20_letter(state: State) -> Move:
    """The letter on where to turn when the duty ends. No transition: the youth stays where they are."""
    state, message_id, _ = state.numbered(MessageKind.TURNS_20_LETTER)
    letter = MessageSpec(message_id=message_id, kind=MessageKind.TURNS_20_LETTER)
    return Move(state=replace(state, turns_20_letter_sent=True), messages=(letter,))


def end(state: State, now: datetime, reason: EndReason) -> Move:
    """The duty has ended: everything open is cancelled, and nothing follows."""
    return transition(state, now, Step.ENDED, ended=reason)
