"""What a post tells: a `Change` of what we know of one person, or a `Reject`."""

from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Final, Literal, TypeAlias, TypeVar

from services.registry.domain.facts import Protection, Status
from services.registry.domain.person_number import PersonNumber

T = TypeVar("T")
D = TypeVar("D")


class Untold(Enum):
    """The type of `UNTOLD`: the post says nothing of a value, so that what we know stays.

    None, in its place, says that there is no such value any more.
    """

    UNTOLD = "untold"

    def __repr__(self) -> str:
        return "UNTOLD"


UNTOLD: Final = Untold.UNTOLD
Told: TypeAlias = T | Literal[Untold.UNTOLD]


def told(value: Told[T], otherwise: D) -> T | D:
    """Return what was told, or ``otherwise`` when nothing was."""
    return otherwise if value is UNTOLD else value


@dataclass(frozen=True, slots=True)
class Note:
    """A value that a post went on without. ``term`` is its code. Never the value itself."""

    term: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class AddressChange:
    """The parts of an address that a post tells of."""

    care_of: Told[str | None] = UNTOLD
    line_1: Told[str | None] = UNTOLD
    line_2: Told[str | None] = UNTOLD
    postal_code: Told[str | None] = UNTOLD
    city: Told[str | None] = UNTOLD


@dataclass(frozen=True, slots=True)
class Change:
    """What one post says of one person.

    ``post``: its place in the file, from 1. ``told_on``: the day that the file gives for it, if any.
    ``previous_number``: the number that ``person_number`` replaced (hänvisningsnummer), or None: a link
    between numbers is never taken back by a file. ``total``: the post holds everything, so that UNTOLD
    means that there is nothing. ``deregistered``: Status of who has left the population register, None for
    who is (again) in it. ``marked``, ``protected_registration``: the two kinds of protected identity.
    ``notes``: values left out, with their term codes.
    """

    post: int
    person_number: PersonNumber
    told_on: date | None = None
    previous_number: PersonNumber | None = None
    total: bool = False
    first_name: Told[str | None] = UNTOLD
    last_name: Told[str | None] = UNTOLD
    deregistered: Told[Status | None] = UNTOLD
    deregistered_on: date | None = None
    registered_on: Told[date | None] = UNTOLD
    municipality: Told[str] = UNTOLD
    registered_address: AddressChange = AddressChange()
    special_address: AddressChange = AddressChange()
    marked: Told[bool] = UNTOLD
    protected_registration: Told[bool] = UNTOLD
    immigrated_on: Told[date | None] = UNTOLD
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Reject:
    """A post that changes nothing. ``term``: the code at which that showed, None for the post as a whole.

    ``number`` is whose post it was, when that can be read: of that person the file was not silent. Their
    ``protection``, when the post tells of one, must take effect all the same. Neither is shown or logged.
    """

    post: int
    term: str | None
    reason: str
    number: str | None = field(default=None, repr=False)
    protection: Protection = field(default=Protection.NONE, repr=False)
