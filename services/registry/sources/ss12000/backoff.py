"""How long to wait before asking again. Pure."""

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from services.registry.sources.ss12000.config import Patience

# What passes by itself. 500 too: school systems answer so under load.
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})

_SECONDS = re.compile(r"[0-9]{1,9}")


def seconds_before(attempt: int, told: float | None, chance: float, patience: Patience) -> float | None:
    """Return the seconds to wait before attempt number ``attempt`` (2 is the first repetition).

    ``told`` is the server's Retry-After; it is never cut short, and None is returned when it is longer than
    we may wait, or when there are no attempts left. Without it the wait doubles, up to its limit; ``chance``
    (0-1) spreads it over its upper half, so that many who were refused do not come back together.
    """
    if attempt > patience.attempts:
        return None
    if told is not None and told > patience.longest_told_seconds:
        return None
    doubled = patience.first_wait_seconds * 2.0 ** min(attempt - 2, 30)
    own = min(doubled, patience.longest_wait_seconds) * (0.5 + chance / 2)
    return max(own, told or 0.0)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a Retry-After header tells, or None.

    It may be a date. What counts is the server's own clock, so it is compared with the answer's Date; without
    one a date tells nothing.
    """
    value = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(value):
        return float(value)
    try:
        until, sent = parsedate_to_datetime(value), parsedate_to_datetime(headers.get("date", ""))
        return max(0.0, (until - sent).total_seconds())
    except (TypeError, ValueError):
        return None
