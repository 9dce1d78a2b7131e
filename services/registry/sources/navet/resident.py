"""What a change makes of what the register knows of a person: pure.

The result is a row of the `population` layout, as if a register extract had told it, so that matching and
coverage need not know where it came from. A post that carries only some fields changes only these.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeVar

from services.registry.domain.facts import Protection, Status
from services.registry.domain.person_number import PersonNumber
from services.registry.sources.layouts import LAYOUTS
from services.registry.sources.navet.change import UNTOLD, AddressChange, Change, Reject, Told, told

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Address:
    """An address in Sweden. Utdelningsadress 1 and 2 apart, since a post may change one of them."""

    care_of: str | None = None
    line_1: str | None = None
    line_2: str | None = None
    postal_code: str | None = None
    city: str | None = None

    @property
    def street(self) -> str | None:
        return ", ".join(line for line in (self.line_1, self.line_2) if line) or None

    def __bool__(self) -> bool:
        return any((self.care_of, self.line_1, self.line_2, self.postal_code, self.city))


NOWHERE = Address()


@dataclass(frozen=True, slots=True)
class Resident:
    """A person as the register knows them.

    ``registered`` is the home address (folkbokföringsadress), ``special`` the one that post goes to instead
    (särskild postadress). ``told_on``: the date of the last Navet file that told of the person. District,
    phone and e-mail are not Navet's: they are carried along.
    """

    person_number: PersonNumber
    first_name: str
    last_name: str
    municipality: str
    status: Status = Status.ACTIVE
    status_date: date | None = None
    registered: Address = NOWHERE
    special: Address = NOWHERE
    protection: Protection = Protection.NONE
    immigrated_on: date | None = None
    moved_in_on: date | None = None
    district: str | None = None
    phone: str | None = None
    email: str | None = None
    told_on: date | None = None

    @property
    def post_address(self) -> Address:
        """Where post goes."""
        return self.special or self.registered


@dataclass(frozen=True, slots=True)
class Applied:
    """``previous``: a number that the person had, for matching."""

    resident: Resident
    previous: PersonNumber | None = None


def applied(known: Resident | None, change: Change, *, home: str, file_date: date) -> Applied | Reject:
    """Return the person after a change, or why the change cannot be carried out.

    ``known``: as the register knows them, None when it does not. ``home``: code of our municipality.
    ``file_date``: of the file; it dates what the post does not.

    Rejected are a post of a person whom we do not know that does not say who they are (``incomplete``) or is
    of somebody who does not live here (``not_resident``: no ground to keep them), and one that comes later
    than a newer one (``superseded``): it must not overwrite what is newer. They carry the marking that the
    post tells of, since that counts all the same.
    """
    if known is not None and known.told_on is not None and file_date < known.told_on:
        return _refuse(change, "superseded")
    start = known or _newcomer(change, home)
    if start is None:
        return _refuse(change, "incomplete")
    status, status_date = _status(known, start, change, home, change.told_on or file_date)
    if known is None and status is not Status.ACTIVE:
        return _refuse(change, "not_resident")
    protection = _protection(start.protection, change)
    lives_here = status is Status.ACTIVE and protection is not Protection.PROTECTED_REGISTRATION
    # Nothing is sent to who has left, and with skyddad folkbokföring no address may exist anywhere.
    registered = _address(start.registered, change.registered_address, change.total) if lives_here else NOWHERE
    special = _address(start.special, change.special_address, change.total) if lives_here else NOWHERE
    moved = registered != start.registered
    resident = replace(
        start,
        person_number=_number_in_force(start, change),
        first_name=told(change.first_name, start.first_name) or start.first_name,
        last_name=told(change.last_name, start.last_name) or start.last_name,
        municipality=told(change.municipality, start.municipality),
        status=status,
        status_date=status_date,
        registered=registered,
        special=special,
        protection=protection,
        immigrated_on=_value(change.immigrated_on, start.immigrated_on, change.total),
        moved_in_on=_moved_in(known, change, status),
        # Navet knows no districts: the one of the old address is wrong, and the next extract tells the new.
        district=None if moved or not lives_here else start.district,
        told_on=file_date,
    )
    return Applied(resident, _previous(known, change))


def population_row(one: Applied) -> tuple[Any, ...]:
    """Return a person as a record of the population layout (`LAYOUTS[Source.POPULATION].stored`)."""
    resident, address = one.resident, one.resident.post_address
    values: dict[str, Any] = {
        "person_number": resident.person_number.digits,
        "previous_person_number": None if one.previous is None else one.previous.digits,
        "birth_date": resident.person_number.birth_date,
        "sex": str(resident.person_number.sex),
        "protection": str(resident.protection),
        "first_name": resident.first_name,
        "last_name": resident.last_name,
        "care_of": address.care_of,
        "street": address.street,
        "postal_code": address.postal_code,
        "city": address.city,
        "district": resident.district,
        "municipality": resident.municipality,
        "status": str(resident.status),
        "status_date": resident.status_date,
        "immigrated_on": resident.immigrated_on,
        "moved_in_on": resident.moved_in_on,
        "phone": resident.phone,
        "email": resident.email,
    }
    return tuple(values[name] for name in _STORED)


_STORED = next(layout.stored for source, layout in LAYOUTS.items() if source == "population")


def _newcomer(change: Change, home: str) -> Resident | None:
    """Return the beginning of a person whom we do not know, or None when the post does not say enough."""
    first_name, last_name = told(change.first_name, None), told(change.last_name, None)
    municipality = told(change.municipality, None)
    if change.marked is True or change.protected_registration is True:
        # The post of a protected person may hold nothing but the number and the marking: better a nameless
        # youth on the special handlers' list than nobody. Only residents are told of.
        first_name, last_name, municipality = first_name or "", last_name or "", municipality or home
    elif first_name is not None and municipality is not None:
        last_name = last_name or ""  # some have one name only
    if first_name is None or last_name is None or municipality is None:
        return None
    return Resident(change.person_number, first_name, last_name, municipality)


def _status(
    known: Resident | None, start: Resident, change: Change, home: str, on: date
) -> tuple[Status, date | None]:
    """Return the status and its date. ``on``: the day that the post is of, when it gives no date."""
    left = told(change.deregistered, None) if change.total else change.deregistered
    if left is UNTOLD:
        if known is not None and not _is_registered_anew(known, change):
            return known.status, known.status_date
    elif left is not None:
        return left, change.deregistered_on or on
    municipality = told(change.municipality, start.municipality)
    if municipality == home:
        return Status.ACTIVE, None
    if known is not None and known.status is Status.MOVED_OUT and known.municipality == municipality:
        return known.status, known.status_date
    return Status.MOVED_OUT, told(change.registered_on, None) or on


def _is_registered_anew(known: Resident, change: Change) -> bool:
    """Whether a post that says nothing of a deregistration says where the person is registered now."""
    if change.municipality is UNTOLD or known.status is Status.DEAD:
        return False
    if known.status is not Status.EMIGRATED:
        return True
    # The post of an emigrant may repeat where they were registered; only a later date means a return.
    registered_on = told(change.registered_on, None)
    return registered_on is not None and known.status_date is not None and registered_on > known.status_date


def _moved_in(known: Resident | None, change: Change, status: Status) -> date | None:
    """Return the day since when the person is registered in the municipality.

    Navet's folkbokföringsdatum is also that of a move within it, so it counts for who comes from elsewhere only.
    """
    before = None if known is None else known.moved_in_on
    stays = known is not None and known.status is Status.ACTIVE
    return before if stays or status is not Status.ACTIVE else told(change.registered_on, before)


def _protection(before: Protection, change: Change) -> Protection:
    marked, registration = change.marked, change.protected_registration
    if change.total:
        marked, registration = told(marked, False), told(registration, False)
    if registration is True:
        return Protection.PROTECTED_REGISTRATION
    if before is Protection.PROTECTED_REGISTRATION and registration is UNTOLD:
        return before
    if marked is True:
        return Protection.MARKED
    if marked is UNTOLD:  # it may be marked besides: what the post does not take away stays
        return Protection.NONE if before is Protection.NONE else Protection.MARKED
    return Protection.NONE


def _number_in_force(start: Resident, change: Change) -> PersonNumber:
    """Return the newer number: the post's, unless it is written with one that the person no longer has."""
    if change.person_number == start.person_number or change.previous_number == start.person_number:
        return change.person_number
    return start.person_number if change.previous_number is None else change.person_number


def _previous(known: Resident | None, change: Change) -> PersonNumber | None:
    if change.previous_number is not None:
        return change.previous_number
    if known is not None and known.person_number != change.person_number:
        return change.person_number
    return None


def _address(before: Address, change: AddressChange, total: bool) -> Address:
    return Address(
        _value(change.care_of, before.care_of, total),
        _value(change.line_1, before.line_1, total),
        _value(change.line_2, before.line_2, total),
        _value(change.postal_code, before.postal_code, total),
        _value(change.city, before.city, total),
    )


def _value(value: Told[T | None], before: T | None, total: bool) -> T | None:
    """Return a field after a change: what a total post does not tell is not there."""
    return told(value, None if total else before)


def _refuse(change: Change, reason: str) -> Reject:
    if change.protected_registration is True:
        protection = Protection.PROTECTED_REGISTRATION
    else:
        protection = Protection.MARKED if change.marked is True else Protection.NONE
    return Reject(change.post, None, reason, change.person_number.digits, protection)
