"""When a send is tried again, and when we stop. Real time: trouble at a provider is not civil.

The back-off is 5 s, 10 s, 20 s ... at most 15 minutes; a message is given up after 40 tries, some nine
hours, so that a night without the provider loses nothing. Being throttled is not a try.
"""

from dataclasses import dataclass
from datetime import timedelta

FIRST = timedelta(seconds=5)
LONGEST = timedelta(minutes=15)
MAX_ATTEMPTS = 40
# An unclear outcome is asked about after this long: the provider must have had time to show it.
ASK_AFTER = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Again:
    """Try again this long from now."""

    after: timedelta


@dataclass(frozen=True, slots=True)
class GiveUp:
    pass


def after_failed_attempt(attempts: int) -> Again | GiveUp:
    """Return what follows when attempt number ``attempts`` (from 1) surely sent nothing."""
    if attempts >= MAX_ATTEMPTS:
        return GiveUp()
    return Again(min(FIRST * 2 ** min(attempts - 1, 20), LONGEST))


def after_unclear_attempt(attempts: int) -> Again | GiveUp:
    """Return when the provider is asked what became of attempt number ``attempts``."""
    if attempts >= MAX_ATTEMPTS:
        return GiveUp()
    return Again(max(ASK_AFTER, min(FIRST * 2 ** min(attempts - 1, 20), LONGEST)))
