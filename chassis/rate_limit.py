"""How often a caller may do something. A caller is a network address; the count is of this process alone."""

import asyncio
from collections import OrderedDict
from ipaddress import IPv6Address, ip_address

MOST_CALLERS = 10_000


def caller_at(host: str | None) -> str:
    """Return the name under which an address is counted: of IPv6 its /64, which one subscriber has whole.

    Behind a proxy all callers would be one: name the proxy in UPPSOK_TRUSTED_PROXIES.
    """
    try:
        address = ip_address(host or "")
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(IPv6Address(int(address) >> 64 << 64))
    return str(address)


class RateLimit:
    """Allows each caller ``most`` times in a window of ``seconds`` (real) from its first."""

    def __init__(self, most: int, seconds: float = 60.0) -> None:
        self.most, self.seconds = most, seconds
        self._counts: OrderedDict[str, tuple[float, int]] = OrderedDict()

    @property
    def retry_after(self) -> dict[str, str]:
        """The header that says when to come again."""
        return {"Retry-After": str(int(self.seconds))}

    def spent(self, caller: str) -> bool:
        """Return whether a caller has had all it is allowed."""
        since, count = self._counts.get(caller, (0.0, 0))
        return count >= self.most and self._now() - since < self.seconds

    def count(self, caller: str) -> None:
        now = self._now()
        since, count = self._counts.pop(caller, (now, 0))
        if now - since >= self.seconds:
            since, count = now, 0
        self._counts[caller] = (since, count + 1)
        while len(self._counts) > MOST_CALLERS:
            self._counts.popitem(last=False)

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()
