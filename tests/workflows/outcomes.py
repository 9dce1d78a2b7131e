"""What staff can make of a task, for tests that let anything happen."""

from datetime import date, datetime, timedelta

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
)
from workflows.youth_outreach.dates import first_visit_time


def outcomes_of(kind: TaskKind, policy: OutreachPolicy, now: datetime, last_covered_day: date) -> list[Outcome]:
    """Return the outcomes that staff can give for a kind of task of a workflow's; some may be refused."""
    match kind:
        case TaskKind.CALL:
            back = [now.replace(hour=10) + timedelta(days=days) for days in range(5)]
            return [
                CallOutcome(result=result, call_back_at=at)
                for result in CallResult
                for at in (back if result is CallResult.CALL_BACK else [None])
            ]
        case TaskKind.FIND_CONTACT_DETAILS:
            return [FindContactDetailsOutcome(result="found"), FindContactDetailsOutcome(result="not_found")]
        case TaskKind.PLAN_HOME_VISIT:
            at = first_visit_time(policy, now, last_covered_day)
            times = [at] if at else []
            return [
                PlanHomeVisitOutcome(visit_at=time, staff=("anna", "bo"))
                for time in (*times, now + timedelta(hours=1))
            ]
        case TaskKind.HOME_VISIT:
            return [HomeVisitOutcome(result=result) for result in HomeVisitResult]
        case TaskKind.OFFICE_MEETING:
            return [OfficeMeetingOutcome(result="reached"), OfficeMeetingOutcome(result="did_not_come")]
        case TaskKind.MAPPING:
            return [MappingOutcome(result=result, occupation=o) for result in MappingResult for o in Occupation]
        case TaskKind.FOLLOW_UP:
            return [FollowUpOutcome(result=result, occupation=o) for result in FollowUpResult for o in Occupation]
        case TaskKind.REPORT_ADDRESS:
            return [ReportAddressOutcome(result="reported"), ReportAddressOutcome(result="not_needed")]
        case TaskKind.PROTECTED:
            return [ProtectedOutcome(result="reached"), ProtectedOutcome(result="not_reached")]
        case TaskKind.START_STOCKHOLM:
            return [StartStockholmOutcome(result="applied"), StartStockholmOutcome(result="not_applied")]
        case TaskKind.STUDIEBEVIS_CONTACT:
            return [StudiebevisContactOutcome(result="reached"), StudiebevisContactOutcome(result="not_reached")]
        case TaskKind.CONCERN | TaskKind.HANDOVER | TaskKind.PREVENTION | TaskKind.VISIT_ALARM:
            raise AssertionError("no task of the workflow's")
