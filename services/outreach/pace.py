"""An even pace: no burst of signals may make a staff member's decision wait."""

import asyncio


class Pace:
    """Lets callers through one after the other, at most ``per_second`` of them (real seconds)."""

    def __init__(self, per_second: float) -> None:
        self._interval = 1 / per_second
        self._next = float("-inf")
        self._turn = asyncio.Lock()  # first come, first served

    async def wait(self) -> None:
        """Return when it is the caller's turn."""
        async with self._turn:
            now = asyncio.get_running_loop().time()
            if self._next > now:
                await asyncio.sleep(self._next - now)
            self._next = max(self._next, now) + self._interval
