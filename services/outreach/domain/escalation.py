"""When a task has been overdue for too long. Pure."""

from datetime import date

from contracts.policy import OutreachPolicy
from contracts.workdays import add_working_days


def overdue_before(policy: OutreachPolicy, today: date) -> date | None:
    """Return the day before which a due date is too long ago; None: the policy escalates nothing.

    A task is escalated when more than the policy's working days have begun after its due date: due on a
    Friday, with 3 days, on the Thursday after (Monday, Tuesday and Wednesday have gone).
    """
    days = policy.escalation_working_days
    return None if days is None else add_working_days(policy, today, -days)
