"""Values that are there, and values that no form would send: put into a request that the schema allows."""

from collections.abc import Iterator, Mapping, MutableMapping, MutableSequence
from random import Random
from typing import Any

Known = Mapping[str, tuple[object, ...]]
Place = tuple[MutableMapping[str, Any] | MutableSequence[Any], Any, str]  # holder, key, name of the field

# PostgreSQL's text holds no NUL and no half of a surrogate pair; its numbers, days and times have ends.
ODD_TEXTS = (
    "\x00", "a\x00b", "\ud800", "\U0001f6b2", "\u202e", "", " ", "%", "_", "\\", "'", '"', "../..", "x" * 5000,
    "-1", "0", "99999999999999999999", "1e400", "NaN", "null", "true",
    "0001-01-01", "9999-12-31", "2024-02-30", "0000-00-00", "9999-12-31T23:59:59.999999+14:00",
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z", "-infinity", "infinity",
    "bm90IG91cnM", "WyJhIl0", "WzFd", "W10", "WyJcdTAwMDAiXQ", "WyJcdWQ4MDAiXQ", "WyI5OTk5LTEyLTMxIiwgIngiXQ",
    'W/"1"', '"0"', '"99999999999"', "*", '"1", "2"',
)  # fmt: skip
ODD_VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 2**31, 2**63, 2**64, 10**40, -(2**63) - 1, 1.5, 1e308, [], {}, [[]], {"": ""}, ["\x00"],
)  # fmt: skip


def places(value: Any, name: str = "") -> Iterator[Place]:
    """Yield every place inside a value that holds something, with the name of the field that it belongs to."""
    if isinstance(value, MutableMapping):
        for key, inner in list(value.items()):
            yield value, key, str(key)
            yield from places(inner, str(key))
    elif isinstance(value, MutableSequence):
        for index, inner in enumerate(value):
            yield value, index, name
            yield from places(inner, name)


def plant_known(value: Any, known: Known, random: Random, likely: float) -> None:
    """Put what is there where it is asked for: else nearly everything would be unknown."""
    for holder, key, name in places(value):
        there = known.get(name) or known.get(name.removesuffix("s"))
        if there and isinstance(holder[key], str) and random.random() < likely:
            holder[key] = random.choice(there)


def plant_odd(value: Any, random: Random, *, text_only: bool) -> None:
    """Put one odd value somewhere."""
    found = list(places(value))
    if found:
        holder, key, _ = random.choice(found)
        holder[key] = random.choice(ODD_TEXTS if text_only or random.random() < 0.7 else ODD_VALUES)
