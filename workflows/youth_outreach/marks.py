"""What staff must know to do a task, as codes on it."""

from datetime import date, datetime, timedelta

from chassis.clock import STOCKHOLM
from contracts.tasks import TaskKind, TaskMark
from workflows.youth_outreach.state import State

TALKS = frozenset(
    {TaskKind.CALL, TaskKind.HOME_VISIT, TaskKind.OFFICE_MEETING, TaskKind.MAPPING, TaskKind.FOLLOW_UP}
)
BY_TELEPHONE = frozenset({TaskKind.CALL, TaskKind.FIND_CONTACT_DETAILS})
OF_AGE_BEFORE_TWENTY = 2  # years: föräldrabalken 9 kap. 1 §


def marks_of(state: State, kind: TaskKind, at: datetime) -> tuple[TaskMark, ...]:
    """Return the marks that a youth's task of a kind has when it can be done from a civil instant."""
    marks: list[TaskMark] = []
    if state.language_needed and kind in TALKS:
        marks.append(TaskMark.LANGUAGE_NEEDED)
    guardians = state.policy.call_guardians_under_18 and kind in BY_TELEPHONE
    if guardians and at.astimezone(STOCKHOLM).date() < turns_18_on(state.last_covered_day):
        marks.append(TaskMark.CALL_GUARDIANS)
    return tuple(marks)


def turns_18_on(last_covered_day: date) -> date:
    """Return the 18th birthday of who turns twenty the day after a date.

    Born on 29 February: on the 28th in the years that lack the day, as the registry has it.
    """
    twenty = last_covered_day + timedelta(days=1)
    try:
        return twenty.replace(year=twenty.year - OF_AGE_BEFORE_TWENTY)
    except ValueError:
        return date(twenty.year - OF_AGE_BEFORE_TWENTY, 2, 28)
