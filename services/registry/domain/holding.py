"""When a source is not believed: what it does not hold then deregisters nobody and registers nobody."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

MAX_LOSS_PERCENT = 10  # of the accepted rows, compared with the last good run
# Of school files a whole year's pupils may go in a night, as they leave; of our people not that many.
LOST_SCHOOLING_PERCENT = 50
NO_FILE = "There is no file of this source in the drop folder."
_OLDER = "The newest file is of "
_OF_OTHERS = ": it tells of others."


class Held(StrEnum):
    """What kind of reason it is."""

    MISSING = "missing"
    DAMAGED = "damaged"
    SHRUNK = "shrunk"  # a person may find it right
    OLDER = "older"  # than what has been read already


@dataclass(frozen=True, slots=True)
class LoadedFile:
    """What the reading of a source's newest file gave; ``found`` False when there is no file.

    ``unopened``: the system's word for why it could not be opened. ``older``: its day, and the later day of
    the one that was good last. ``stood``: rows that have told of people of ours; ``lost``: of those, the rows
    of people of whom the file does not tell at all. Another municipality's file may be as long as ours.
    """

    found: bool = True
    unopened: str | None = None
    older: tuple[date, date] | None = None
    readable: bool = True
    missing_columns: tuple[str, ...] = ()
    cut: bool = False
    read: int = 0
    accepted: int = 0
    stood: int = 0
    lost: int = 0
    lost_percent: int = MAX_LOSS_PERCENT  # that is borne

    @property
    def is_of_others(self) -> bool:
        return self.lost * 100 > self.stood * self.lost_percent


def counts_for_nothing(held: str | None) -> bool:
    """Return whether not even what a held file does say counts: it is, by all signs, another file."""
    return held is not None and held.endswith(_OF_OTHERS)


def why_held(loaded: LoadedFile, last_good: int | None, shrinking_accepted: bool = False) -> str | None:
    """Return why a source is held, in words, or None when it is good.

    ``last_good`` is the number of accepted rows of its last good run; ``shrinking_accepted`` when a
    person has looked at the loss and found it right.
    """
    if not loaded.found:
        return NO_FILE
    if loaded.unopened is not None:
        return f"The file cannot be opened ({loaded.unopened})."
    if loaded.older is not None:
        return f"{_OLDER}{loaded.older[0]}, and one of {loaded.older[1]} has been read."
    if loaded.missing_columns:
        return f"The header lacks, or has twice: {', '.join(loaded.missing_columns)}."
    if not loaded.readable and loaded.read == 0:
        return "The file is empty or its header cannot be read."
    if loaded.cut:
        return "The file has been cut: its trailer is missing or tells of another number of rows."
    if loaded.accepted == 0:
        return "The file has no good rows."
    if last_good is None or shrinking_accepted:
        return None
    if loaded.accepted * 100 < last_good * (100 - MAX_LOSS_PERCENT):
        lost = round(100 * (1 - loaded.accepted / last_good))
        return f"The file has lost {lost} % of its rows: {loaded.accepted}, {last_good} in the last good run."
    if loaded.is_of_others:
        return f"The file has lost the people of {loaded.lost} rows of {loaded.stood}{_OF_OTHERS}"
    return None


def kind_of(held: str) -> Held:
    """Return the kind of what `why_held`, or the same of a server (`sources.ss12000.plan`), said."""
    if held == NO_FILE:
        return Held.MISSING
    if held.startswith(_OLDER):
        return Held.OLDER
    lost = held.startswith("The file has lost ") or (
        held.startswith("The server tells of ") and " when it " in held
    )
    return Held.SHRUNK if lost else Held.DAMAGED
