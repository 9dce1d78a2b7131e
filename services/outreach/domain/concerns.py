"""When a report of concern is due.

It is a duty of whoever works with youths (skollagen 29 kap. 13 §; SoL 2025:400, 19 kap. 1 §: at once), so the
outreach's dates and states have no part in it.
"""

from datetime import date

from contracts.policy import OutreachPolicy
from contracts.tasks import TaskKind
from contracts.workdays import add_working_days, working_day_from


def due_on(policy: OutreachPolicy, today: date) -> date:
    """Return the day by which a concern of today is reported: today, or the next working day where it is none.

    And the policy's working days later, if it has any.
    """
    first = working_day_from(policy, today)
    return add_working_days(policy, first, policy.task_due_working_days[TaskKind.CONCERN])
