"""The people of the sample municipality and what is known of them, each fact with its date.

A `Person` holds a whole year; `deploy.sample.extract` shows what the sources know on a given day. So
follow-up extracts agree with each other: nothing that was told is taken back.
"""

from dataclasses import dataclass, field
from datetime import date

from contracts.reasons import Sex


@dataclass(frozen=True, slots=True)
class Address:
    street: str
    postal_code: str
    city: str
    district: str
    care_of: str = ""


@dataclass(slots=True)
class Placement:
    """A placement. ``told_on``: when the school reported the end (schools report late)."""

    school_unit: str
    kind: str
    programme: str
    starts_on: date
    seen_on: date
    ends_on: date | None = None
    end_kind: str = ""
    told_on: date | None = None

    def end(self, on: date, kind: str, *, told_on: date | None = None) -> None:
        self.ends_on, self.end_kind, self.told_on = on, kind, told_on or on


@dataclass(frozen=True, slots=True)
class Exam:
    kind: str
    issued_on: date


@dataclass(slots=True)
class Person:
    """``key`` is stable for a seed, size and start; numbers can change, the key does not."""

    key: int
    born: date
    sex: Sex
    number: str
    first_name: str
    last_name: str
    addresses: list[tuple[date, Address]]
    phone: str = ""
    email: str = ""
    profile: str = ""
    compulsory_school: str = ""
    compulsory_completed_on: date | None = None
    appears_on: date | None = None
    moved_in_on: date | None = None
    immigrated_on: date | None = None
    status: str = "active"
    status_date: date | None = None
    moved_to: str = ""
    protection: str = "none"
    protected_from: date | None = None
    coordination_number: str = ""
    number_changed_on: date | None = None
    placements: list[Placement] = field(default_factory=list)
    exams: list[Exam] = field(default_factory=list)

    def number_on(self, day: date) -> str:
        """Return the person number in force on a day (a samordningsnummer before the change)."""
        if self.coordination_number and (self.number_changed_on is None or day < self.number_changed_on):
            return self.coordination_number
        return self.number

    def numbers(self) -> tuple[str, ...]:
        """Return every number that the person has had or will have."""
        return tuple(filter(None, (self.number, self.coordination_number)))

    def address_on(self, day: date) -> Address:
        """Return where the person lives on a day."""
        return max((entry for entry in self.addresses if entry[0] <= day), key=lambda entry: entry[0])[1]

    def protection_on(self, day: date) -> str:
        return self.protection if self.protected_from is None or self.protected_from <= day else "none"

    def status_on(self, day: date) -> str:
        return self.status if self.status_date is not None and self.status_date <= day else "active"
