"""Lives of the broker: how relays and consumers notice that it was wiped.

The broker may be wiped at any time (the local one keeps nothing). While it lives, each relay has a
*marker topic* on it, named by a generation. When the marker is gone the relay starts a new generation:
it publishes again all that it keeps, in order, and makes the new marker before the first record. Each
record carries its generation in a header.

A consumer looks at the markers **after** it has fetched records. A marker is made once and in one life
only, so if a record's marker is there now, it was there when the record was written: the record stands
in this life's log, in order. Else the record is out of order (written into a wiped broker before its
relay noticed), or from the former life; both come again in the next generation. This holds however
long anybody takes to notice.
"""

import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any
from uuid import UUID, uuid4

GENERATION_HEADER = "uppsok_generation"
MARKER_PREFIX = "uppsok.marker."


class Verdict(Enum):
    STANDS = auto()  # in this life's log, in order
    COMES_AGAIN = auto()  # its relay has started a later generation
    NOT_YET_KNOWN = auto()  # neither: the marker is on its way, or the relay has yet to notice


@dataclass(frozen=True, slots=True)
class Written:
    """By which relay, in which generation, a record was written."""

    source: str
    generation: UUID


def written(record: Any) -> Written | None:
    """Return who wrote a Kafka record; None when it was no relay of ours. Raises ValueError."""
    headers = dict(record.headers)
    if GENERATION_HEADER not in headers:
        return None
    return Written(headers.get("ce_source", b"").decode(), UUID(headers[GENERATION_HEADER].decode()))


def new_generation(after: UUID | None) -> UUID:
    """Return a generation that sorts after all earlier ones (a UUID of version 7), also if the clock went back."""
    milliseconds = time.time_ns() // 1_000_000  # real time: it orders lives, and is no business date
    generation = UUID(int=(milliseconds << 80) | (0x7 << 76) | (uuid4().int & ((1 << 76) - 1)))
    return generation if after is None else max(generation, UUID(int=after.int + (1 << 80)))


def marker_topic(source: str, generation: UUID) -> str:
    """Return the name of a relay's marker topic; ``source`` as in CloudEvents, e.g. ``/registry``."""
    return f"{MARKER_PREFIX}{source.strip('/')}.{generation}"


class Markers:
    """The markers that are on the broker."""

    def __init__(self, topics: Iterable[str]) -> None:
        self._by_source: dict[str, set[UUID]] = {}
        for topic in topics:
            if topic.startswith(MARKER_PREFIX):
                source, _, generation = topic.removeprefix(MARKER_PREFIX).rpartition(".")
                self._by_source.setdefault(source, set()).add(UUID(generation))

    def verdict(self, record: Written) -> Verdict:
        present = self._by_source.get(record.source.strip("/"), set())
        if record.generation in present:
            return Verdict.STANDS
        later = any(generation > record.generation for generation in present)
        return Verdict.COMES_AGAIN if later else Verdict.NOT_YET_KNOWN

    def any_of(self, generations: Collection[UUID]) -> bool:
        return any(not present.isdisjoint(generations) for present in self._by_source.values())


class Read:
    """The generations that a consumer group has read, by topic and partition."""

    def __init__(self, rows: Iterable[Any] = ()) -> None:
        self._known: dict[tuple[str, int], set[UUID]] = {}
        for row in rows:
            self.add(row["topic"], row["partition"], row["generation"])

    def add(self, topic: str, partition: int, generation: UUID) -> None:
        self._known.setdefault((topic, partition), set()).add(generation)

    def knows(self, topic: str, partition: int, generation: UUID) -> bool:
        return generation in self._known.get((topic, partition), ())

    def of_another_life(self, topic: str, partition: int, markers: Markers) -> bool:
        """Return whether all that was read of a partition was read in former lives of the broker."""
        known = self._known.get((topic, partition))
        return known is not None and not markers.any_of(known)
