"""When a report of concern is due.

It is a duty of whoever works with youths (skollagen 29 kap. 13 §; SoL 2025:400, 19 kap. 1 §: at once), so the
outreach's dates and states have no part in it.
"""

from datetime import date, timedelta

from contracts.policy import OutreachPolicy
from contracts.tasks import TaskKind

SATURDAY = 5


def due_on(policy: OutreachPolicy, today: date) -> date:
    """Return the day by which a concern of today is reported: today, or the next working day where it is none.

    And the policy's working days later, if it has any.
    """
    day = _next_working_day(policy, today)
    for _ in range(policy.task_due_working_days[TaskKind.CONCERN]):
        day = _next_working_day(policy, day + timedelta(days=1))
    return day


def _next_working_day(policy: OutreachPolicy, day: date) -> date:
    while day.weekday() >= SATURDAY or day in policy.holidays:
        day += timedelta(days=1)
    return day
