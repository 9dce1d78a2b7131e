"""Who of the staff is there on a day, who covers whom, and who may be given which task. Pure.

The register is small (some hundred people at most), so that rules about people are decided here and only
rules about tasks in SQL.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from contracts.tasks import TaskGroup


@dataclass(frozen=True, slots=True)
class Absence:
    """Days away, both included; ``last_day`` None: until further notice."""

    first_day: date
    last_day: date | None = None
    cover: str | None = None

    def includes(self, day: date) -> bool:
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)


@dataclass(frozen=True, slots=True)
class Member:
    """One of the staff. ``districts`` empty: the whole city. ``capacity``: open tasks that are a full load."""

    staff_id: str
    group: TaskGroup
    districts: frozenset[str]
    capacity: int
    active_from: date
    active_to: date | None = None
    absences: tuple[Absence, ...] = ()
    load: int = 0  # open tasks now; counted up to the capacity at least

    def is_active(self, day: date) -> bool:
        return self.active_from <= day and (self.active_to is None or day <= self.active_to)

    def is_present(self, day: date) -> bool:
        return self.is_active(day) and not any(absence.includes(day) for absence in self.absences)

    def may_take(self, group: TaskGroup, district: str | None) -> bool:
        """Return whether a task is of their group and districts; one without a district is the whole city's."""
        if group is not self.group:
            return False
        return group is TaskGroup.SPECIAL_HANDLERS or not self.districts or district in self.districts

    def can_cover(self, other: "Member") -> bool:
        """Return whether every task of another is one that they may take too."""
        if self.staff_id == other.staff_id or self.group is not other.group:
            return False
        return not self.districts or (bool(other.districts) and other.districts <= self.districts)


Register = Mapping[str, Member]


def uncovered(register: Register, day: date) -> dict[str, date | None]:
    """Return who is away on a day without anybody there to cover, with the last day of it (None: open).

    Their tasks that are due by then are given to others. A cover who is away too, has left, or does not
    have the districts any more covers nothing.
    """
    away: dict[str, date | None] = {}
    for member in register.values():
        spells = [absence for absence in member.absences if absence.includes(day)]
        if member.is_active(day) and spells and not any(_covers(register, member, one, day) for one in spells):
            away[member.staff_id] = _latest(spells)
    return away


def covered_by(register: Register, staff_id: str, day: date) -> dict[str, date | None]:
    """Return whom somebody covers on a day, with the last day of each absence (None: open)."""
    covered: dict[str, date | None] = {}
    for member in register.values():
        spells = [one for one in member.absences if one.includes(day) and one.cover == staff_id]
        if member.is_active(day) and any(_covers(register, member, one, day) for one in spells):
            covered[member.staff_id] = _latest(spells)
    return covered


def active(register: Register, day: date) -> tuple[Member, ...]:
    """Return who is of the staff on a day, present or away."""
    return tuple(member for member in register.values() if member.is_active(day))


def gone(register: Register, day: date) -> tuple[str, ...]:
    """Return who is not of the staff on a day (any more, or yet)."""
    return tuple(sorted(member.staff_id for member in register.values() if not member.is_active(day)))


def _covers(register: Register, member: Member, absence: Absence, day: date) -> bool:
    cover = register.get(absence.cover or "")
    return cover is not None and cover.can_cover(member) and cover.is_present(day)


def _latest(absences: Sequence[Absence]) -> date | None:
    days = [absence.last_day for absence in absences if absence.last_day is not None]
    return max(days) if len(days) == len(absences) else None
