"""How near two funnels of the same seed are: the stated tolerance of the demonstration.

Outcomes are drawn from the seed, but youths' ids are random (they decide who of the same day begins first)
and machines differ in speed: some things happen a day or two earlier or later, some on the other side of 30 June.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Tolerance:
    """Two counts may differ by ``share`` of the larger, or by ``count``, whichever is more."""

    share: float
    count: int

    def holds(self, one: int, other: int) -> bool:
        return abs(one - other) <= max(self.share * max(one, other), self.count)


# By figure. Who is covered follows from the extracts alone.
TOLERANCES: Mapping[str, Tolerance] = {
    "covered": Tolerance(0, 0),
    "ended": Tolerance(0.02, 2),
    "sought": Tolerance(0.02, 3),
    "reached": Tolerance(0.05, 6),
    "in_support": Tolerance(0.12, 12),
    "under_watch": Tolerance(0.08, 10),
}
PART = Tolerance(0.25, 10)  # of a way of reaching, a reason: small numbers


def differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[str]:
    """Yield what differs by more than the tolerance, of two funnels (as GET /funnel gives them)."""
    here, there = one["total"], other["total"]
    for figure, tolerance in TOLERANCES.items():
        if not tolerance.holds(here[figure], there[figure]):
            yield f"{figure}: {here[figure]} and {there[figure]}"
    for group in ("reached_by", "ended_by"):
        for part in sorted(set(here[group]) | set(there[group])):
            first, second = here[group].get(part, 0), there[group].get(part, 0)
            if not PART.holds(first, second):
                yield f"{group} {part}: {first} and {second}"
