"""Whose task it becomes: by district and load, and who has the youth already goes on. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from uuid import UUID

from contracts.tasks import TaskGroup
from services.outreach.domain.staffing import Member


@dataclass(frozen=True, slots=True)
class Work:
    """A task that needs somebody. ``day``: when it can be done at the earliest, but not before today.

    ``keepers``: who should go on with the youth, the best first: the staff named for a visit, then whoever
    had the youth's task before.
    """

    task_id: UUID
    group: TaskGroup
    district: str | None
    day: date
    keepers: tuple[str, ...] = ()


def assign(works: Sequence[Work], staff: Iterable[Member]) -> dict[UUID, str | None]:
    """Return whose each task becomes; None: nobody who is there has room for it.

    Of those who are present on the task's day and may take it: the first keeper, whatever their load (a
    youth should not have to begin anew with another); else the least load relative to capacity among those
    below their capacity, ties by staff id. Each task given counts as load for the next.
    """
    members = {member.staff_id: member for member in staff}
    load = {member.staff_id: member.load for member in members.values()}
    chosen: dict[UUID, str | None] = {}
    for work in works:
        able = [one for one in members.values() if one.may_take(work.group, work.district)]
        there = {one.staff_id for one in able if one.is_present(work.day)}
        one_of_them = next((keeper for keeper in work.keepers if keeper in there), None)
        if one_of_them is None:
            ranked = (
                (Fraction(load[staff_id], members[staff_id].capacity), staff_id)
                for staff_id in there
                if load[staff_id] < members[staff_id].capacity
            )
            one_of_them = min(ranked, default=(Fraction(0), None))[1]
        if one_of_them is not None:
            load[one_of_them] += 1
        chosen[work.task_id] = one_of_them
    return chosen


def is_anybody_there(work: Work, staff: Iterable[Member]) -> bool:
    """Return whether anybody who may take a task is present on its day, with room or without."""
    return any(one.may_take(work.group, work.district) and one.is_present(work.day) for one in staff)


@dataclass(frozen=True, slots=True)
class Room:
    """Where somebody could be given more: in these districts, or anywhere."""

    anywhere: bool
    districts: tuple[str, ...]
    tasks: int


def room(group: TaskGroup, day: date, staff: Iterable[Member]) -> Room:
    """Return the room that the present staff of a group have below their capacities."""
    free = [one for one in staff if one.group is group and one.is_present(day) and one.load < one.capacity]
    return Room(
        anywhere=any(not one.districts for one in free),
        districts=tuple(sorted({district for one in free for district in one.districts})),
        tasks=sum(one.capacity - one.load for one in free),
    )
