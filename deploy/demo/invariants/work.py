"""Rules of the staff's work (plan 4.2.2): calls one at a time, visits by two, attempts before a door card."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from uuid import UUID

from contracts.reasons import Step
from contracts.tasks import CallResult, TaskKind, TaskState
from deploy.demo.invariants.rows import Task, Transition, Visit

ATTEMPTS = 3  # plan 4.2.2, whatever the policy adds
# Calls that nobody was reached by, and that were made to a number that is somebody's.
COUNTING = frozenset({CallResult.NO_ANSWER, CallResult.VOICEMAIL, CallResult.THIRD_PARTY})
# After these the search begins anew, and so do the attempts.
BEGINS_ANEW = frozenset({Step.FIRST_CONTACT, Step.MAPPING, Step.MANUAL})


def two_open_calls(tasks: Iterable[Task]) -> Iterator[str]:
    """A youth never has two call tasks open at the same instant: not now, and not at any time of the year."""
    calls: dict[UUID, list[Task]] = defaultdict(list)
    for task in tasks:
        if task.kind == TaskKind.CALL:
            calls[task.youth_id].append(task)
    for youth_id, found in calls.items():
        for one, following in pairwise(sorted(found, key=_span)):
            if one.closed_at is None or one.closed_at > following.opened_at:
                yield f"youth {youth_id}: calls {one.task_id} and {following.task_id} were open at once"


def not_by_two(tasks: Iterable[Task], visits: Iterable[Visit]) -> Iterator[str]:
    """A home visit is always of two different members of the staff: on the task, and in the calendar."""
    for task in tasks:
        if task.kind == TaskKind.HOME_VISIT and len(set(task.staff)) != 2:
            yield f"home visit {task.task_id} has {len(set(task.staff))} staff (plan 4.2.2: always two)"
    for visit in visits:
        if len(set(visit.staff)) != 2:
            yield f"the appointment {visit.task_id} has {len(set(visit.staff))} staff (plan 4.2.2: always two)"


def at_two_visits(visits: Iterable[Visit]) -> Iterator[str]:
    """Nobody is at two visits at once. A visit that did not come about took nobody's time."""
    taken: dict[str, list[Visit]] = defaultdict(list)
    for visit in visits:
        if visit.state in ("booked", "done"):
            for member in visit.staff:
                taken[member].append(visit)
    for member, found in taken.items():
        for one, following in pairwise(sorted(found, key=lambda visit: (visit.starts_at, visit.task_id))):
            if following.starts_at < one.ends_at:
                yield f"{member} is at the visits {one.task_id} and {following.task_id} at once"


def door_card_too_soon(
    tasks: Iterable[Task], transitions: Iterable[Transition], free_call_backs: int
) -> Iterator[str]:
    """Before a door card at least three attempts were made, on different days.

    Exempt is whose contact details were searched for: there was no number that could be called.
    """
    done: dict[UUID, list[Task]] = defaultdict(list)
    for task in tasks:
        if task.state == TaskState.COMPLETED and task.closed_at is not None:
            done[task.episode_id].append(task)
    for episode_id, moves in _by_episode(transitions).items():
        began = datetime.min.replace(tzinfo=moves[0].at.tzinfo)
        for move in moves:
            if move.step in BEGINS_ANEW:
                began = move.at
            if move.step != Step.DOOR_CARD:
                continue
            before = [task for task in done[episode_id] if task.closed_at and began <= task.closed_at <= move.at]
            days = attempts(before, free_call_backs)
            if len(days) < ATTEMPTS and not _searched(before):
                yield f"episode {episode_id}: a door card after {len(days)} attempts (plan 4.2.2: three)"
            elif len(set(days)) < min(len(days), ATTEMPTS):
                yield f"episode {episode_id}: attempts before a door card were on the same day"


def attempts(tasks: Sequence[Task], free_call_backs: int) -> list[str]:
    """Return the days (ISO) of the calls that count as attempts, in order.

    To be called back at a time of one's own is none, up to the policy's number; nor is the first call that
    showed that an interpreter is needed; nor is one to a wrong number.
    """
    days: list[str] = []
    call_backs = languages = 0
    for task in sorted(tasks, key=_span):
        if task.kind != TaskKind.CALL or task.closed_at is None:
            continue
        call_backs += task.result == CallResult.CALL_BACK
        languages += task.result == CallResult.LANGUAGE_NEEDED
        counts = task.result in COUNTING
        counts |= task.result == CallResult.CALL_BACK and call_backs > free_call_backs
        counts |= task.result == CallResult.LANGUAGE_NEEDED and languages > 1
        if counts:
            days.append(task.closed_at.date().isoformat())
    return days


def _searched(tasks: Iterable[Task]) -> bool:
    return any(task.kind == TaskKind.FIND_CONTACT_DETAILS for task in tasks)


def _span(task: Task) -> tuple[datetime, int, datetime]:
    """In order; of two of the same instant the one that is over comes first."""
    return task.opened_at, task.closed_at is None, task.closed_at or task.opened_at


def _by_episode(transitions: Iterable[Transition]) -> dict[UUID, list[Transition]]:
    found: dict[UUID, list[Transition]] = defaultdict(list)
    for one in transitions:
        found[one.episode_id].append(one)
    return {episode_id: sorted(moves, key=lambda move: move.at) for episode_id, moves in found.items()}
