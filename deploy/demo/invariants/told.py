"""Rules of what the services tell each other and are told by the sources: nothing is lost on the way."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime

from deploy.demo.invariants.rows import DeadLetter, Event, SourceLoad


def unpublished(events: Iterable[Event], until: datetime) -> Iterator[str]:
    """Every event that was written down by a real instant has gone out."""
    left = Counter(one.service for one in events if one.published_at is None and one.created_at <= until)
    for service, count in sorted(left.items()):
        yield f"{service}: {count} events were not published"


def given_up(letters: Iterable[DeadLetter]) -> Iterator[str]:
    """No consumer has given an event up."""
    found = Counter((one.service, one.consumer, one.type) for one in letters)
    for (service, consumer, kind), count in sorted(found.items()):
        yield f"{service}: {count} dead letters of {consumer} ({kind})"


def unclean_loads(loads: Iterable[SourceLoad]) -> Iterator[str]:
    """Every source was taken whole: not held back, and no row rejected."""
    for load in loads:
        if load.held or load.rejected:
            yield f"sync of {load.as_of}: {load.source} held ({load.held}), {load.rejected} rejected"
