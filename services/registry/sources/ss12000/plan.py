"""What is due at a server: everything, or what changed since. Pure."""

from dataclasses import dataclass
from datetime import date, datetime

from services.registry.domain.holding import MAX_LOSS_PERCENT
from services.registry.sources.ss12000 import dates
from services.registry.sources.ss12000.config import FeedConfig, ServerConfig


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a server has been read and applied. All None: never."""

    whole_on: date | None = None  # day of the last whole reading
    since: datetime | None = None  # where the next reading of changes begins
    absences_until: date | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """``since`` None: everything. ``absences`` None: that period has been read, or none is wanted."""

    since: datetime | None
    absences: tuple[date, date] | None


def due(config: FeedConfig, server: ServerConfig, progress: Progress, now: datetime) -> Due:
    """Return what to read of ``server`` at ``now`` (Stockholm)."""
    return Due(_since(config, progress, now), _absences(server, progress, now.date()))


def why_not_believed(rows: int, last_rows: int | None, came_twice: int) -> str | None:
    """Return, in words, why a whole reading takes nothing away; None when it may. ``last_rows`` is of the last
    one that was believed; ``came_twice``: persons on more than one page, so that others may be on none."""
    if rows == 0:
        return "The server tells of no enrolment that we can use."
    if came_twice:
        return f"The list moved while it was read: {came_twice} persons came twice."
    if last_rows is not None and rows * 100 < last_rows * (100 - MAX_LOSS_PERCENT):
        return f"The server tells of {rows} enrolments, of {last_rows} when it was last read as a whole."
    return None


def _since(config: FeedConfig, progress: Progress, now: datetime) -> datetime | None:
    if progress.whole_on is None or progress.since is None or progress.since > now:
        return None
    age = (now.date() - progress.whole_on).days
    return progress.since if 0 <= age < config.whole_every_days else None


def _absences(server: ServerConfig, progress: Progress, today: date) -> tuple[date, date] | None:
    if server.absence is None:
        return None
    period = dates.last_whole_weeks(today, server.absence.weeks)
    read = progress.absences_until is not None and progress.absences_until >= period[1]
    return None if read else period
