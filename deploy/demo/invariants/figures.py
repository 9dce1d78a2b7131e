"""Rules of the figures that reporting gives: they add up, and each is a part of the one before."""

from collections.abc import Iterator, Mapping
from typing import Any

NARROWING = ("covered", "sought", "reached")


def funnel_adds_up(funnel: Mapping[str, Any]) -> Iterator[str]:
    """``funnel``: as GET /funnel gives it. No youth is in two districts, and nobody is reached unsought."""
    for figure in NARROWING:
        total, parts = funnel["total"][figure], sum(one[figure] for one in funnel["districts"])
        if total != parts:
            yield f"the districts' {figure} add up to {parts}, the total says {total}"
    narrowing = [funnel["total"][figure] for figure in NARROWING]
    if narrowing != sorted(narrowing, reverse=True) or 0 in narrowing:
        yield f"covered, sought and reached do not narrow: {narrowing}"
