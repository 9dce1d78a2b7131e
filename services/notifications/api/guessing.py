"""A bound on guessing codes. The code's 60 bits are the protection; this keeps the noise down.

A caller is an address. Behind a proxy all would be one: name the proxy in FORWARDED_ALLOW_IPS (uvicorn's).
"""

import asyncio
from collections import OrderedDict

MISSES = 60  # in a window, per caller
WINDOW_SECONDS = 60.0  # real
MOST_CALLERS = 10_000


class GuessLimit:
    """Counts unknown codes per caller, in this process. Who answers with a good code is never counted."""

    def __init__(self) -> None:
        self._misses: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def blocked(self, caller: str) -> bool:
        since, misses = self._misses.get(caller, (0.0, 0))
        return misses >= MISSES and self._now() - since < WINDOW_SECONDS

    def missed(self, caller: str) -> None:
        now = self._now()
        since, misses = self._misses.pop(caller, (now, 0))
        if now - since >= WINDOW_SECONDS:
            since, misses = now, 0
        self._misses[caller] = (since, misses + 1)
        while len(self._misses) > MOST_CALLERS:
            self._misses.popitem(last=False)

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()
