"""One transition of a youth: the next state, what is recorded, and what is sent.

`transition` is the only place that closes and opens tasks, so it keeps the rule: **one thing at a time**.
Whatever was open when a youth moves on is cancelled. The report of a wrong address alone stays: the
register is still wrong when the youth has been found. (A report of concern is no part of the search: the
outreach service has it by itself, so that no move, no end and no outage reaches it.)
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import TypeAlias

from contracts.messages import MessageKind, MessageSpec
from contracts.outreach_activities import Progress, Reached, TaskClosure, Watch
from contracts.outreach_workflow import CompleteTask, RecordContact
from contracts.reasons import EndReason, Step
from contracts.tasks import TaskGroup, TaskKind, TaskMark, TaskSpec, TaskState
from contracts.workdays import at_time
from workflows.youth_outreach.dates import starts_late, task_due_on
from workflows.youth_outreach.marks import marks_of
from workflows.youth_outreach.state import State

Decision: TypeAlias = CompleteTask | RecordContact
END_OF_DAY = time(23, 59)


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What follows from something that happened. Without ``progress`` nothing is recorded."""

    state: State
    progress: Progress | None = None
    messages: tuple[MessageSpec, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A task to open. ``not_before`` None means that it can be done at once."""

    kind: TaskKind
    not_before: datetime | None = None
    attempt: int = 1
    staff: tuple[str, ...] = ()
    group: TaskGroup = TaskGroup.COORDINATORS
    due_on: date | None = None  # None: by the policy
    marks: tuple[TaskMark, ...] = ()  # besides those of the youth (`marks.marks_of`)


def transition(
    state: State,
    now: datetime,
    step: Step,
    *,
    decision: Decision | None = None,
    due: datetime | None = None,
    opens: Opening | None = None,
    sends: tuple[MessageKind, ...] = (),
    visit_at: datetime | None = None,
    keeps_tasks: bool = False,
    starts: bool = False,
    reached: Reached | None = None,
    watch: Watch | None = None,
    ended: EndReason | None = None,
) -> Move:
    """Return the move to a step (perhaps the same one), with fresh business ids.

    ``due`` is when the step's own time is up. What is recorded as due is that, or else the task's last day.
    """
    closed, kept = _close(state, now, step, decision, keeps_tasks)
    starting = starts and not state.started
    state = replace(
        state,
        begun=True,
        step=step,
        due=due,
        tasks=kept,
        started=state.started or starts,
        reached=state.reached or reached is not None,
    )
    opened: tuple[TaskSpec, ...] = ()
    if opens is not None:
        state, task = _open(state, now, opens)
        opened = (task,)
    messages: tuple[MessageSpec, ...] = ()
    for kind in sends:
        state, message_id, _ = state.numbered(kind)
        messages = (*messages, MessageSpec(message_id=message_id, kind=kind, visit_at=visit_at))
    state, progress_id, _ = state.numbered("progress")
    progress = Progress(
        progress_id=progress_id,
        youth_id=state.youth_id,
        episode_id=state.episode_id,
        district=state.district,
        step=step,
        at=now,
        due=due_of(state),
        closed=closed,
        opened=opened,
        started=starting,
        start_late=starting and starts_late(state.policy, state.registered_on + state.held_for, now),
        reached=reached,
        watch=watch,
        ended=ended,
        decision_key=decision.decision_key if decision else None,
    )
    return Move(state=state, progress=progress, messages=messages)


def due_of(state: State) -> datetime | None:
    """Return when the next thing happens or is due: the step's own time, or the last day of its task."""
    if state.due is not None or not state.tasks:
        return state.due
    return at_time(state.tasks[-1].due_on, END_OF_DAY)


def _close(
    state: State, now: datetime, step: Step, decision: Decision | None, keeps_tasks: bool
) -> tuple[tuple[TaskClosure, ...], tuple[TaskSpec, ...]]:
    closed: list[TaskClosure] = []
    kept: list[TaskSpec] = []
    for task in state.tasks:
        if isinstance(decision, CompleteTask) and task.task_id == decision.task_id:
            closed.append(
                TaskClosure(
                    task_id=task.task_id,
                    state=TaskState.COMPLETED,
                    outcome=decision.outcome,
                    by=decision.by,
                    at=now,
                )
            )
        elif keeps_tasks or (_stays_open(state, task, step)):
            kept.append(task)
        else:
            closed.append(TaskClosure(task_id=task.task_id, state=TaskState.CANCELLED, at=now))
    return tuple(closed), tuple(kept)


def _stays_open(state: State, task: TaskSpec, step: Step) -> bool:
    ordinary = step not in (Step.MANUAL, Step.ENDED) and not state.protected
    return task.kind is TaskKind.REPORT_ADDRESS and ordinary


def _open(state: State, now: datetime, opens: Opening) -> tuple[State, TaskSpec]:
    state, task_id, _ = state.numbered(opens.kind)
    begins = opens.not_before or now
    by_policy = task_due_on(state.policy, opens.kind, begins, state.last_covered_day)
    task = TaskSpec(
        task_id=task_id,
        kind=opens.kind,
        group=opens.group,
        attempt=opens.attempt,
        not_before=opens.not_before,
        due_on=opens.due_on or by_policy,
        staff=opens.staff,
        marks=(*opens.marks, *marks_of(state, opens.kind, begins)),
    )
    return replace(state, tasks=(*state.tasks, task)), task
