"""Considerable absence without valid reason, from sums per pupil and activity. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from services.registry.sources.ss12000.config import AbsenceRule
from services.registry.sources.ss12000.delivery import Absence, Reject
from services.registry.sources.ss12000.references import reference


class Attendance:
    """Adds up pages of /aggregatedAttendance. Holds two numbers per pupil, and which sums it has seen."""

    def __init__(self, from_day: date, to_day: date) -> None:
        self._from_day, self._to_day = from_day, to_day
        self._minutes: dict[UUID, tuple[int, int]] = {}  # offered, absent without valid reason
        self._seen: set[int] = set()

    def add(self, page: Iterable[Any], first_row: int) -> list[Reject]:
        """Take in a page. The same sum on two pages is added once."""
        rejects = []
        for row, one in enumerate(page, first_row):
            student = reference(one.get("student")) if isinstance(one, Mapping) else None
            if student is None:
                rejects.append(Reject("attendance", row, None, "student", "empty", kept=False))
                continue
            offered, invalid = _minutes(one.get("offeredSum")), _minutes(one.get("invalidAbsenceSum"), absent=0)
            if offered is None or invalid is None:
                name = "offeredSum" if offered is None else "invalidAbsenceSum"
                rejects.append(Reject("attendance", row, student, name, "format", kept=False))
                continue
            which = hash(
                (student, reference(one.get("activity")), str(one.get("startDate")), str(one.get("endDate")))
            )
            if which in self._seen:
                continue
            self._seen.add(which)
            before = self._minutes.get(student, (0, 0))
            self._minutes[student] = (before[0] + offered, before[1] + invalid)
        return rejects

    def considerable(self, rule: AbsenceRule) -> list[Absence]:
        """Return the pupils whose absence is over the rule's share of what they were offered."""
        return [
            Absence(student, self._from_day, self._to_day, offered, invalid)
            for student, (offered, invalid) in self._minutes.items()
            if offered >= rule.least_offered_minutes and invalid * 100 > offered * rule.over_percent
        ]


def _minutes(raw: Any, absent: int | None = None) -> int | None:
    """Return whole minutes, ``absent`` when the sum is left out, None when it is no sum."""
    if raw is None:
        return absent
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return None
    return int(raw) if 0 <= raw <= 10_000_000 else None
