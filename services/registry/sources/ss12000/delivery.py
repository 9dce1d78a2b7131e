"""What a server delivers: batches of rows in the `schools` layout, and what is told beside them."""

from collections.abc import AsyncGenerator
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID


class Kind(StrEnum):
    WHOLE = "whole"  # who is not in it is not at this server any more
    CHANGES = "changes"  # who is not in it is as before


class Row(NamedTuple):
    """``values`` are those of the layout's ``stored`` fields, in order."""

    entity_id: UUID  # the person's, at the server
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Reject:
    """What was wrong with which entity: codes only, never a value. ``kept``: it went on without the value.

    ``row`` is the entity's place in the list, as a file's line number is; ``entity_id`` is the server's, by which
    the school finds it.
    """

    entity: str  # person, organisation, programme, attendance, deleted
    row: int
    entity_id: UUID | None
    field: str
    reason: str
    kept: bool


class Told(StrEnum):
    """What becomes of the rows that an entity had before."""

    REPLACED = "replaced"  # by those of this delivery, of which there may be none
    KEPT = "kept"  # the entity was not wholly understood, or is not of our age: nothing is taken from it
    GONE = "gone"  # deleted at the server


@dataclass(frozen=True, slots=True)
class Absence:
    """Considerable absence without valid reason, by the server's sums. Days inclusive."""

    entity_id: UUID
    from_day: date
    to_day: date
    offered_minutes: int
    invalid_minutes: int


@dataclass(slots=True)
class Batch:
    """What one page gave."""

    rows: list[Row] = field(default_factory=list)
    told: list[tuple[UUID, Told]] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    absences: list[Absence] = field(default_factory=list)
    unsure: list[str] = field(default_factory=list)  # numbers of persons of whom something could not be used


@dataclass(slots=True)
class Counts:
    """How much there was; whole when the batches have been read to their end."""

    pages: int = 0
    persons: int = 0
    duplicates: int = 0  # persons told of again on a later page
    without_enrolment: int = 0  # staff, guardians, former pupils, small children
    out_of_age: int = 0
    rows: int = 0
    rejected: int = 0  # persons of whom something could not be used at all
    interim_numbers: int = 0  # of those, persons whom the school numbered itself
    noted: int = 0  # values that were left out or replaced
    never_started: int = 0  # enrolments broken off before their first day
    gone: int = 0
    absences: int = 0
    repeated: int = 0  # requests that had to be asked again
    not_read: dict[str, str] = field(default_factory=dict)  # endpoint -> why

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One reading of one server. Iterate ``batches`` once, to its end: only then has it been read.

    A batch is made from one page, and the next page is asked for when the batch is done with. Iterating raises
    FeedFailed. ``next_since`` is what the next reading of changes begins at.
    """

    server: str
    kind: Kind
    read_at: datetime
    next_since: datetime
    counts: Counts
    batches: AsyncGenerator[Batch, None]
    absences_until: date | None = None  # last day of the absence period that is read too
