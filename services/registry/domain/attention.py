"""What a person must look at about a source: it is held, cannot be read, or told nothing for too long. Pure."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.registry.domain.holding import Held, kind_of


class AttentionReason(StrEnum):
    MISSING = "missing"  # there is no file
    DAMAGED = "damaged"  # cut, empty, without a column
    SHRUNK = "shrunk"  # has lost too much: a person may find that right (release)
    STALE = "stale"  # the newest is too old, or older than what has been read
    FAILED = "failed"  # a server that could not be read, or a file of Navet's
    REMOVED = "removed"  # a server that is not read any more, whose word still stands (release)
    REVIEW = "review"  # gallring proposed by itself: a person looks at it, and stands for it
    APPROVAL = "approval"  # gallring that a second person approves


_OF_HELD = {
    Held.MISSING: AttentionReason.MISSING,
    Held.DAMAGED: AttentionReason.DAMAGED,
    Held.SHRUNK: AttentionReason.SHRUNK,
    Held.OLDER: AttentionReason.STALE,
}


@dataclass(frozen=True, slots=True)
class Seen:
    """How a run found a source. ``newest``: the day that its newest file speaks for, or of its last reading."""

    source: str
    newest: date | None
    held: str | None = None
    failed: str | None = None


@dataclass(frozen=True, slots=True)
class Attention:
    """``detail`` in words, with numbers and codes only."""

    source: str
    reason: AttentionReason
    detail: str


def attentions(seen: Seen, on: date, stale_after: int) -> tuple[Attention, ...]:
    """Return what a person must look at about a source, as of a day. ``stale_after`` in days."""
    found = []
    if seen.held is not None:
        found.append(Attention(seen.source, _OF_HELD[kind_of(seen.held)], seen.held))
    if seen.failed is not None:
        found.append(Attention(seen.source, AttentionReason.FAILED, seen.failed))
    told = {one.reason for one in found}
    if AttentionReason.STALE not in told and is_stale(seen.newest, on, stale_after):
        detail = f"Nothing newer than {seen.newest}; more than {stale_after} days are too many."
        found.append(Attention(seen.source, AttentionReason.STALE, detail))
    return tuple(found)


def removed_server(name: str, standing: int) -> Attention:
    """Return what a person must look at about a server that the settings do not name any more."""
    detail = f"The server is not in the settings any more; {standing} enrolments that it told of still stand."
    return Attention(f"ss12000:{name}", AttentionReason.REMOVED, detail)


def is_stale(newest: date | None, on: date, stale_after: int) -> bool:
    """Return whether a source that has told something has told nothing since for too long."""
    return newest is not None and (on - newest).days > stale_after
