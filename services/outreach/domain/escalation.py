"""When a task has been overdue for too long. Pure."""

from datetime import date, timedelta

from contracts.policy import OutreachPolicy

SATURDAY = 5


def overdue_before(policy: OutreachPolicy, today: date) -> date | None:
    """Return the day before which a due date is too long ago; None: the policy escalates nothing.

    A task is escalated when more than the policy's working days have begun after its due date: due on a
    Friday, with 3 days, on the Thursday after (Monday, Tuesday and Wednesday have gone).
    """
    left = policy.escalation_working_days
    if left is None:
        return None
    day = today
    while left > 0:
        day -= timedelta(days=1)
        if day.weekday() < SATURDAY and day not in policy.holidays:
            left -= 1
    return day
