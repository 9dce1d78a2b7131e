"""Reports told again and reports put right: what there is after one more came. Pure.

The meaning of a report is whom it is about, the school unit, the kind and the date. Schools, and staff who
keep the shared mailbox, tell the same more than once: in whatever order and however often the same reports
come, the same ones stand in the end, told as often in all and first told on the same days.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from services.registry.domain.school_reports import Told


class Outcome(StrEnum):
    RECORDED = "recorded"
    REPEAT = "repeat"
    CORRECTION = "correction"


@dataclass(frozen=True, slots=True)
class Known:
    """A report that we have. ``received_on`` is never changed: decisions were made by it.

    ``first_told_on`` is the earliest day on which it, a repeat, or what it puts right was received.
    """

    report_id: UUID
    told: Told
    received_on: date
    first_told_on: date
    times_told: int = 1
    superseded_by: UUID | None = None
    withdrawn: bool = False

    @property
    def stands(self) -> bool:
        return self.superseded_by is None and not self.withdrawn


@dataclass(frozen=True, slots=True)
class Taken:
    """``report_id`` is the report that holds what was told; ``known`` all there is now, the old first."""

    outcome: Outcome
    report_id: UUID
    known: tuple[Known, ...]


class CannotTake(Exception):
    """A report that contradicts what we have: which field, why (codes), and the report that it meets."""

    def __init__(self, field: str, reason: str, report_id: UUID | None = None) -> None:
        super().__init__(reason)
        self.field, self.reason, self.report_id = field, reason, report_id


def take(known: Sequence[Known], told: Told, received_on: date, corrects: UUID | None, new_id: UUID) -> Taken:
    """Take one more report about a person of whom ``known`` is all that was told, in the order of its coming.

    ``corrects`` is the report that it puts right: of the same school and kind, with another date or other
    figures. A report without it never supersedes another. Raises CannotTake.
    """
    if corrects is not None:
        return _put_right(known, told, received_on, corrects, new_id)
    same = [one for one in known if one.told == told]
    if same:
        # Also what has been put right or withdrawn since: a mail that comes late does not undo that.
        first = next((one for one in same if one.stands), same[0])
        return _repeat(known, first, received_on)
    _refuse_clash(known, told)
    new = Known(new_id, told, received_on, received_on)
    return Taken(Outcome.RECORDED, new_id, (*known, new))


def _put_right(known: Sequence[Known], told: Told, received_on: date, corrects: UUID, new_id: UUID) -> Taken:
    by_id = {one.report_id: one for one in known}
    target = by_id.get(corrects)
    if target is None or _about(target.told) != _about(told):
        raise CannotTake("corrects", "not_of_this_pupil_school_and_kind")
    while target.superseded_by is not None:
        after = by_id[target.superseded_by]
        if after.told == told:
            return _repeat(known, after, received_on)
        if after.told != target.told:
            raise CannotTake("corrects", "already_corrected", after.report_id)
        target = after  # two tellings of the same, found out later to be about one person
    if target.told == told and not target.withdrawn:
        return _repeat(known, target, received_on)
    others = [one for one in known if one is not target]
    into = next((one for one in others if one.stands and one.told == told), None)
    if into is None:
        _refuse_clash(others, told)
        into = Known(new_id, told, received_on, target.first_told_on, times_told=0)
    superseded = replace(target, superseded_by=into.report_id)
    told_again = _told_again(into, received_on, target.first_told_on)
    changed = {superseded.report_id: superseded, told_again.report_id: told_again}
    return Taken(Outcome.CORRECTION, into.report_id, _with(known, changed))


def _repeat(known: Sequence[Known], first: Known, received_on: date) -> Taken:
    """Count a repeat; what has come in its place was then first told of as early."""
    again = _told_again(first, received_on, received_on)
    changed = {again.report_id: again}
    by_id = {one.report_id: one for one in known}
    after = first.superseded_by
    while after is not None:
        one = by_id[after]
        changed[after] = replace(one, first_told_on=min(one.first_told_on, again.first_told_on))
        after = one.superseded_by
    return Taken(Outcome.REPEAT, first.report_id, _with(known, changed))


def _told_again(one: Known, received_on: date, first_told_on: date) -> Known:
    return replace(
        one,
        first_told_on=min(one.first_told_on, first_told_on, received_on),
        times_told=one.times_told + 1,
    )


def _with(known: Sequence[Known], changed: dict[UUID, Known]) -> tuple[Known, ...]:
    old = {one.report_id for one in known}
    new = [one for report_id, one in changed.items() if report_id not in old]
    return (*(changed.get(one.report_id, one) for one in known), *new)


def _about(told: Told) -> tuple[str, str]:
    return told.school_unit, told.kind


def _refuse_clash(known: Sequence[Known], told: Told) -> None:
    """Other figures for the same date are a correction, and must say of what."""
    key = (*_about(told), told.event_date)
    for one in known:
        if one.stands and (*_about(one.told), one.told.event_date) == key:
            raise CannotTake("absence_percent", "differs_from_first", one.report_id)


def fold_in(standing: Sequence[Known], moved: Known) -> tuple[Known, ...]:
    """Return what changes when ``moved`` turns out to be about a person of whom ``standing`` was told.

    What stands already for the same school, kind and date takes the other in; both are kept.
    """
    key = (*_about(moved.told), moved.told.event_date)
    same = next((one for one in standing if (*_about(one.told), one.told.event_date) == key), None)
    if same is None or not moved.stands:
        return (moved,)
    return (
        replace(
            same,
            first_told_on=min(same.first_told_on, moved.first_told_on),
            times_told=same.times_told + moved.times_told,
        ),
        replace(moved, superseded_by=same.report_id),
    )
