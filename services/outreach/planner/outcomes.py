"""What a simulated member of staff writes down of a task."""

from datetime import datetime, time

from contracts.policy import OutreachPolicy
from contracts.tasks import (
    CallOutcome,
    CallResult,
    FindContactDetailsOutcome,
    FollowUpOutcome,
    FollowUpResult,
    HomeVisitOutcome,
    HomeVisitResult,
    MappingOutcome,
    MappingResult,
    Occupation,
    OfficeMeetingOutcome,
    Outcome,
    PlanHomeVisitOutcome,
    ProtectedOutcome,
    ReportAddressOutcome,
    StartStockholmOutcome,
    StudiebevisContactOutcome,
    TaskKind,
    TaskSpec,
)
from contracts.workdays import ONE_DAY, at_time
from services.outreach.planner.assumptions import Assumptions
from services.outreach.planner.chance import Chance
from workflows.youth_outreach import calling, dates
from workflows.youth_outreach.state import State

# Plausible, not measured: few youths come to these tasks.
COMES_TO_OFFICE, APPLIED_TO_SCHOOL, REACHED_IN_JUNE = 0.3, 0.4, 0.6
PAIR = ("planner-1", "planner-2")


def of(
    task: TaskSpec, state: State, chance: Chance, assumptions: Assumptions, now: datetime, *, elusive: bool = False
) -> Outcome | None:
    """Return the outcome of a task that is done now; None when it cannot be done any more."""
    occasion = state.made(task.kind)  # counts on over rounds
    match task.kind:
        case TaskKind.CALL:
            calls = {} if elusive else assumptions.of_call(task.attempt)
            call = chance.pick("call", occasion, calls, CallResult.NO_ANSWER)
            return _called(call, state, now)
        case TaskKind.PLAN_HOME_VISIT:
            at = _visit_time(state, chance, assumptions, occasion, now)
            return None if at is None else PlanHomeVisitOutcome(visit_at=at, staff=PAIR)
        case TaskKind.HOME_VISIT:
            shares = assumptions.of_visit(task.attempt, elusive=elusive)
            return HomeVisitOutcome(result=chance.pick("visit", occasion, shares, HomeVisitResult.NOBODY_HOME))
        case TaskKind.MAPPING:
            result = chance.pick("mapping", occasion, assumptions.mapping, MappingResult.DECLINES)
            occupied = result is MappingResult.OCCUPIED
            occupation = _occupation(chance, occasion, assumptions) if occupied else Occupation.NONE
            return MappingOutcome(result=result, occupation=occupation)
        case TaskKind.FOLLOW_UP:
            if chance.number("follow-up", occasion) >= assumptions.follow_up_ends:
                return FollowUpOutcome(result=FollowUpResult.CONTINUES)
            occupation = _occupation(chance, occasion, assumptions)
            return FollowUpOutcome(result=FollowUpResult.ENDED, occupation=occupation)
        case TaskKind.REPORT_ADDRESS:
            return ReportAddressOutcome(result="reported")
        case TaskKind.PROTECTED:
            reached = chance.number("protected", occasion) < 0.5
            return ProtectedOutcome(result="reached" if reached else "not_reached")
        case TaskKind.FIND_CONTACT_DETAILS:
            found = chance.number("number", occasion) < assumptions.numbers_found
            return FindContactDetailsOutcome(result="found" if found else "not_found")
        case TaskKind.OFFICE_MEETING:
            comes = chance.number("office", occasion) < COMES_TO_OFFICE
            return OfficeMeetingOutcome(result="reached" if comes else "did_not_come")
        case TaskKind.START_STOCKHOLM:
            applied = chance.number("start-stockholm", occasion) < APPLIED_TO_SCHOOL
            return StartStockholmOutcome(result="applied" if applied else "not_applied")
        case TaskKind.STUDIEBEVIS_CONTACT:
            reached = chance.number("studiebevis", occasion) < REACHED_IN_JUNE
            return StudiebevisContactOutcome(result="reached" if reached else "not_reached")
        case TaskKind.CONCERN | TaskKind.HANDOVER | TaskKind.PREVENTION | TaskKind.VISIT_ALARM:
            return None  # no workflow has them


def _called(result: CallResult, state: State, now: datetime) -> CallOutcome:
    """Who wants to be called back names the first hour of calls on the next working day."""
    if result is not CallResult.CALL_BACK:
        return CallOutcome(result=result)
    at = dates.next_call(state.policy, at_time(now.date() + ONE_DAY, time(0)), None, ())
    if calling.why_no_call_back_at(state, at, now) is not None:
        return CallOutcome(result=CallResult.NO_ANSWER)
    return CallOutcome(result=result, call_back_at=at)


def _occupation(chance: Chance, occasion: int, assumptions: Assumptions) -> Occupation:
    return chance.pick("occupation", occasion, assumptions.occupations, Occupation.OTHER)


def _visit_time(
    state: State, chance: Chance, assumptions: Assumptions, occasion: int, now: datetime
) -> datetime | None:
    """Return a time for a visit some days after the first possible one, that the policy allows."""
    policy: OutreachPolicy = state.policy
    first = dates.first_visit_time(policy, now, state.last_covered_day)
    if first is None:
        return None
    wanted = first + chance.days("visit-day", occasion, assumptions.visit_days)
    day = wanted.date()
    while day > first.date():
        at = at_time(day, policy.visit_hours.start)
        if dates.why_no_visit_at(policy, at, now, state.last_covered_day) is None:
            return at
        day -= ONE_DAY
    return first
