"""Draws of a simulated youth: each occasion by its own hash, so that two policies meet the same youths.

With one stream of random numbers, one call more under one policy would change the luck of everybody after it.
"""

from collections.abc import Mapping
from datetime import timedelta
from hashlib import blake2b
from math import log
from typing import TypeVar
from uuid import UUID

T = TypeVar("T")
_SCALE = 2.0**48


class Chance:
    """The luck of one youth in one simulation."""

    __slots__ = ("_base",)

    def __init__(self, seed: int, youth_id: UUID) -> None:
        self._base = blake2b(youth_id.bytes, digest_size=8, salt=seed.to_bytes(8, "big"))

    def number(self, what: str, occasion: int) -> float:
        """Return a number in [0, 1): the same for the same occasion."""
        drawn = self._base.copy()
        drawn.update(f"{what}:{occasion}".encode())
        return int.from_bytes(drawn.digest()[:6], "big") / _SCALE

    def pick(self, what: str, occasion: int, shares: Mapping[T, float], rest: T) -> T:
        """Return what an occasion comes to, by the shares; the rest has what they leave."""
        at = self.number(what, occasion)
        for item, share in shares.items():
            if at < share:
                return item
            at -= share
        return rest

    def days(self, what: str, occasion: int, average: float) -> timedelta:
        """Return a wait from half to one and a half of an average number of days."""
        return timedelta(days=average * (0.5 + self.number(what, occasion)))

    def wait(self, what: str, per_year: float) -> timedelta | None:
        """Return when something happens that happens so often a year; None: never."""
        if per_year <= 0:
            return None
        return timedelta(days=min(-log(1 - self.number(what, 0)) / per_year * 365.25, 36_500))
