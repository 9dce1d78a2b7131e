"""Where a youth can be reached, and which phone number is tried first. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum

from chassis.clock import STOCKHOLM


class ContactKind(StrEnum):
    PHONE = "phone"
    EMAIL = "email"
    ACCOUNT = "account"  # in a service where youths write to each other


class Owner(StrEnum):
    YOUTH = "youth"
    GUARDIAN = "guardian"


class ContactSource(StrEnum):
    """From whom we have it."""

    POPULATION_REGISTER = "population_register"
    SCHOOL = "school"
    YOUTH = "youth"
    GUARDIAN = "guardian"
    STAFF = "staff"  # found by staff, e.g. in the phone directory
    OTHER_AUTHORITY = "other_authority"


class Relation(StrEnum):
    """Who a guardian is to a youth (föräldrabalken 6 kap.; lag 2005:429)."""

    PARENT = "parent"
    APPOINTED_GUARDIAN = "appointed_guardian"  # särskilt förordnad vårdnadshavare
    TRUSTEE = "trustee"  # god man of an unaccompanied child


@dataclass(frozen=True, slots=True)
class Phone:
    """A number that may be the youth's. ``valid_from`` None: from the register, which has no date of it."""

    value: str  # E.164
    valid_from: date | None = None
    valid_until: date | None = None  # last day
    answered_at: datetime | None = None
    wrong_number_on: date | None = None

    @property
    def in_register(self) -> bool:
        return self.valid_from is None


def best(phones: Sequence[Phone], day: date) -> str | None:
    """Return the number to try first on a day, or None.

    Where the youth answered last; else the newest that is valid; else the register's, in the order given.
    Never one that was found to be wrong, unless the youth has answered there on a later day. What staff
    have noted of a number goes before what the register says of the same one: that it is over, or wrong.
    """
    wrong = _wrong(phones)
    noted = {phone.value for phone in phones if not phone.in_register}
    usable = [
        phone
        for phone in phones
        if phone.value not in wrong and _valid(phone, day) and not (phone.in_register and phone.value in noted)
    ]
    return max(usable, key=_weight).value if usable else None  # of equals, max takes the first


def _wrong(phones: Sequence[Phone]) -> set[str]:
    """A mark holds for the number, whichever row has it."""
    marked: dict[str, date] = {}
    answered: dict[str, date] = {}
    for phone in phones:
        if phone.wrong_number_on is not None:
            marked[phone.value] = max(phone.wrong_number_on, marked.get(phone.value, date.min))
        if phone.answered_at is not None:
            on = phone.answered_at.astimezone(STOCKHOLM).date()
            answered[phone.value] = max(on, answered.get(phone.value, date.min))
    return {value for value, on in marked.items() if answered.get(value, date.min) <= on}


def _valid(phone: Phone, day: date) -> bool:
    return (phone.valid_from is None or phone.valid_from <= day) and (
        phone.valid_until is None or day <= phone.valid_until
    )


def _weight(phone: Phone) -> tuple[datetime, date]:
    return phone.answered_at or datetime.min.replace(tzinfo=UTC), phone.valid_from or date.min
