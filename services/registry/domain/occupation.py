"""What a youth does, when sources say different things of the same time. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from contracts.occupation import KnowledgeSource, OccupationCode

# Who knows best, when two have said it on the same day. The youth's own word goes before a register's,
# which tells of the day of its last extract.
TRUST: tuple[KnowledgeSource, ...] = (
    KnowledgeSource.YOUTH,
    KnowledgeSource.EMPLOYER,
    KnowledgeSource.SCHOOL,
    KnowledgeSource.OWN_ADMINISTRATION,
    KnowledgeSource.GUARDIAN,
    KnowledgeSource.OTHER_AUTHORITY,
    KnowledgeSource.REGISTER,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One statement. ``starts_on`` None: no later than ``known_on``; ``ends_on`` is the last day."""

    entry_id: UUID
    code: OccupationCode
    starts_on: date | None
    ends_on: date | None
    knowledge_source: KnowledgeSource
    known_on: date
    withdrawn: bool = False

    def holds_on(self, day: date) -> bool:
        """Return whether the statement speaks of a day, and stands."""
        begins = self.starts_on or self.known_on
        return not self.withdrawn and begins <= day and (self.ends_on is None or day <= self.ends_on)


def current(entries: Iterable[Entry], day: date) -> Entry | None:
    """Return the statement that counts for a day, by all that is known; None when none speaks of it.

    What was learnt last counts; of what was learnt on one day, the word of who knows best, then what
    began last. That nobody could tell counts only when nobody has told.
    """
    return max((entry for entry in entries if entry.holds_on(day)), key=_weight, default=None)


def _weight(entry: Entry) -> tuple[bool, date, int, date, UUID]:
    return (
        entry.code is not OccupationCode.UNKNOWN,
        entry.known_on,
        -TRUST.index(entry.knowledge_source),
        entry.starts_on or entry.known_on,
        entry.entry_id,  # so that the order of rows never decides
    )
