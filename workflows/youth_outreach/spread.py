"""Spreading youths over days and minutes by a hash of their id, so that they do not all come at once."""

from datetime import timedelta
from hashlib import sha256
from uuid import UUID

LONGEST_JITTER = timedelta(minutes=5)


def fraction(youth_id: UUID, salt: str) -> float:
    """Return a number in [0, 1): the same for the same youth and salt, evenly spread over youths."""
    digest = sha256(salt.encode() + youth_id.bytes).digest()
    return int.from_bytes(digest[:6]) / 2**48


def jitter(youth_id: UUID, salt: str, wait: timedelta) -> timedelta:
    """Return a civil duration to add to a wait: a twentieth of the wait, and five minutes, at most."""
    return min(LONGEST_JITTER, wait / 20) * fraction(youth_id, salt)
