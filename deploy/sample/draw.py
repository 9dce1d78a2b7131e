"""Drawing that gives the same sample on every machine: seeded streams, exact quotas, birth dates."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import TypeVar

from contracts.reasons import Sex
from deploy.sample.numbers import birth_numbers, personnummer

T = TypeVar("T")


def stream(*parts: object) -> random.Random:
    """Return a random stream of its own for ``parts``: drawing more of one thing leaves the others alone."""
    return random.Random(":".join(str(part) for part in parts))  # noqa: S311 - a sample, not a secret


def quotas(total: int, shares: Mapping[T, float]) -> list[T]:
    """Return ``total`` items with ``shares`` of each, exactly and not on average, in the order of ``shares``.

    Everything with a share gets at least one when ``total`` allows: a small sample has every special
    case. What rounding leaves over goes to, or is taken from, the largest; too few for one of each: the largest.
    """
    whole = sum(shares.values())
    counts = {item: max(1, round(total * share / whole)) for item, share in shares.items()}
    largest = max(shares, key=lambda item: shares[item])
    counts[largest] += total - sum(counts.values())
    if counts[largest] < 1:
        return sorted(shares, key=lambda item: shares[item], reverse=True)[:total]
    return [item for item, count in counts.items() for _ in range(count)]


def shuffled(rng: random.Random, items: Sequence[T]) -> list[T]:
    return rng.sample(items, len(items))


def years_before(day: date, years: int) -> date:
    """Return the same calendar day ``years`` earlier; for 29 February, 28 February."""
    return day.replace(year=day.year - years, day=28 if (day.month, day.day) == (2, 29) else day.day)


class Births:
    """Gives out birth dates and personnummer, the reserved test series first.

    A *band* is an age: everybody who is ``age`` years old on ``start``.
    """

    def __init__(self, seed: int, start: date) -> None:
        self._seed, self._start = seed, start
        self._cards: dict[tuple[int, Sex], list[date]] = {}
        self._layers: dict[tuple[int, Sex, date], Iterator[int]] = {}
        self._left: dict[tuple[int, Sex], int] = defaultdict(int)

    def next(self, age: int, sex: Sex, fits: Callable[[date], bool]) -> tuple[date, str]:
        """Return a birth date that ``fits``, and a personnummer that nobody has yet.

        Raises ValueError when no birth date of that age fits.
        """
        hand = age, sex
        for fresh in (False, True):
            if fresh or hand not in self._cards:
                self._cards[hand] = self._deck(age, sex)
            cards = self._cards[hand]
            for index in range(len(cards) - 1, -1, -1):
                if fits(cards[index]):
                    born = cards.pop(index)
                    layer = self._layers.setdefault((age, sex, born), birth_numbers(sex))
                    return born, personnummer(born, next(layer))
        raise ValueError(f"no birth date of age {age} on {self._start} fits")

    def _deck(self, age: int, sex: Sex) -> list[date]:
        self._left[age, sex] += 1
        after, last = years_before(self._start, age + 1), years_before(self._start, age)
        days = (last - after).days
        rng = stream(self._seed, "births", age, sex, self._left[age, sex])
        return shuffled(rng, [after + timedelta(days=day) for day in range(1, days + 1)])
