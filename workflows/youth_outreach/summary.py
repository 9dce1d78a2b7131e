"""What operations see of a youth in the Temporal UI: search attributes, a short text, what the timer is for.

No personal data. The last covered day is left out, and that of the letter before it: they give the birthday away.
"""

from datetime import UTC, date, datetime
from typing import Any

from temporalio.common import SearchAttributeKey, SearchAttributeUpdate, TypedSearchAttributes

from chassis.clock import STOCKHOLM
from contracts.outreach_facts import HoldCause
from contracts.outreach_workflow import SA_DISTRICT, SA_DUE, SA_STEP, SA_UNIT
from contracts.reasons import Step
from contracts.tasks import TaskKind, TaskSpec
from workflows.youth_outreach.moves import due_of
from workflows.youth_outreach.state import State

STEP = SearchAttributeKey.for_keyword(SA_STEP)
DISTRICT = SearchAttributeKey.for_keyword(SA_DISTRICT)
DUE = SearchAttributeKey.for_datetime(SA_DUE)
UNIT = SearchAttributeKey.for_keyword(SA_UNIT)
NO_DISTRICT = "none"

TITLES = {
    Step.AWAITING_START: "Registered, awaiting the start of the search",
    Step.FIRST_CONTACT: "Letter sent, awaiting an answer",
    Step.CALLING: "Being called",
    Step.TRIED_TO_REACH: "Told that we have tried to reach them",
    Step.DOOR_CARD: "Home visit booked, door card sent",
    Step.HOME_VISIT: "Home visit",
    Step.MAPPING: "Reached, mapping conversation",
    Step.SUPPORT: "In support, followed up",
    Step.WATCH: "Under watch",
    Step.MANUAL: "Protected identity, by hand only",
    Step.ON_HOLD: "On hold at the request of social services, nothing is done",
    Step.ENDED: "The duty has ended",
}
HELD_BY_US = "The district is on hold by operations, nothing is done"
AT_TIME_UP = {
    Step.AWAITING_START: "first letter and SMS",
    Step.FIRST_CONTACT: "call",
    Step.TRIED_TO_REACH: "home visit to be planned",
    Step.DOOR_CARD: "home visit",
    Step.WATCH: "contacted again",
    Step.ON_HOLD: "outreach goes on",
}
ORDINALS = ("first", "second", "third", "fourth", "fifth")


def details(state: State) -> str:
    """Return the text that the UI shows as the workflow's current details (markdown). Times are Stockholm's."""
    held_by_us = state.hold is not None and state.hold.cause is HoldCause.OPERATIONS
    title = HELD_BY_US if state.step is Step.ON_HOLD and held_by_us else TITLES[state.step]
    lines = [f"**{title}**" + (f" (round {state.round})" if state.round > 1 else "")]
    if state.due is not None:
        lines.append(f"- next: {AT_TIME_UP.get(state.step, 'goes on')} {_at(state.due)}")
    lines += [f"- open: {_task(state, task)}" for task in state.tasks]
    lines.append(f"- district {state.district or NO_DISTRICT}, policy {state.policy.version}")
    return "\n".join(lines)


def timer(state: State, wake: datetime) -> str:
    """Return what the UI shows beside the timer that rings at ``wake``, e.g. "third call due 2026-10-03".

    Where staff are waited for, that is their task: the timer itself is that of the letter before the duty's end,
    or of the end. By a policy that does not say `timers_tell_tasks` such a timer is kept from task to task, and
    so it names none.
    """
    if state.due is not None and state.due.astimezone(UTC) == wake.astimezone(UTC):
        return f"{AT_TIME_UP.get(state.step, 'goes on')} {_date(state.due)}"
    if state.policy.timers_tell_tasks and state.tasks:
        task = state.tasks[-1]
        return f"{_counted(task)} due {task.due_on}"
    return "staff are waited for, or the end of the duty"


def attribute_updates(state: State, shown: TypedSearchAttributes) -> list[SearchAttributeUpdate[Any]]:
    """Return what must change in the search attributes that are shown; each change costs an event."""
    due = due_of(state)
    wanted: list[SearchAttributeUpdate[Any]] = [
        STEP.value_set(state.step.value),
        DISTRICT.value_set(state.district or NO_DISTRICT),
        DUE.value_unset() if due is None else DUE.value_set(due),
        UNIT.value_set(state.municipality),
    ]
    return [update for update in wanted if shown.get(update.key) != update.value]


def _task(state: State, task: TaskSpec) -> str:
    name = task.kind.replace("_", " ")
    if task.kind is TaskKind.CALL:
        name += f" {task.attempt} of {state.policy.call_attempts}"
    earliest = f", not before {_at(task.not_before)}" if task.not_before else ""
    return f"{name}{earliest}, due {_day(task.due_on)}"


def _counted(task: TaskSpec) -> str:
    name = task.kind.replace("_", " ")
    if task.attempt == 1 and task.kind is not TaskKind.CALL:
        return name
    return f"{ORDINALS[task.attempt - 1] if task.attempt <= len(ORDINALS) else f'{task.attempt}th'} {name}"


def _date(moment: datetime) -> date:
    return moment.astimezone(STOCKHOLM).date()


def _day(day: date) -> str:
    return f"{day:%a %d %b %Y}"


def _at(moment: datetime) -> str:
    return f"{moment.astimezone(STOCKHOLM):%a %d %b %Y %H:%M}"
