"""When tasks that no workflow opens are due, and which facts call for one. Pure."""

from datetime import date

from contracts.policy import OutreachPolicy
from contracts.school_reports import SchoolReportKind, SchoolReportReceived
from contracts.tasks import TaskKind
from contracts.workdays import add_working_days

# What a school tells of who is still enrolled. That a youth started or changed school needs no contact.
BEFORE_A_DROPOUT = frozenset({SchoolReportKind.INVALID_ABSENCE, SchoolReportKind.DROPOUT})


def due_on(policy: OutreachPolicy, kind: TaskKind, today: date) -> date:
    """Return the last day for a task of today: the policy's working days later."""
    return add_working_days(policy, today, policy.task_due_working_days[kind])


def calls_for_prevention(policy: OutreachPolicy, report: SchoolReportReceived) -> bool:
    """Return whether staff are to make contact before a dropout. Whom the duty holds for is sought anyway."""
    return policy.preventive_track and report.episode_id is None and report.kind in BEFORE_A_DROPOUT
