"""A bound per caller, whom an address stands for."""

import pytest

from chassis.rate_limit import MOST_CALLERS, RateLimit, caller_at


class SetLimit(RateLimit):
    """A limit whose time is set."""

    at = 0.0

    def _now(self) -> float:  # type: ignore[override]
        return self.at


def test_who_has_used_up_the_bound_waits_for_the_window_to_end() -> None:
    limit = SetLimit(3)
    for _ in range(3):
        assert not limit.spent("192.0.2.1")
        limit.count("192.0.2.1")
    assert limit.spent("192.0.2.1")
    assert not limit.spent("192.0.2.2")
    limit.at = 59.9
    assert limit.spent("192.0.2.1")
    limit.at = 60.0
    assert not limit.spent("192.0.2.1")
    limit.count("192.0.2.1")
    assert not limit.spent("192.0.2.1")
    assert limit.retry_after == {"Retry-After": "60"}


def test_it_does_not_grow_without_end() -> None:
    limit = SetLimit(1)
    for number in range(MOST_CALLERS + 1):
        limit.count(str(number))
    assert not limit.spent("0")  # the oldest is forgotten
    assert limit.spent("1")
    assert limit.spent(str(MOST_CALLERS))


async def test_time_is_the_event_loops() -> None:
    limit = RateLimit(1)
    limit.count("192.0.2.1")
    assert limit.spent("192.0.2.1")


@pytest.mark.parametrize(
    ("host", "caller"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::9", "2001:db8:1:2::"),
        ("2001:db8:1:3::9", "2001:db8:1:3::"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        (None, "unknown"),
        ("somewhere", "unknown"),
    ],
)
def test_a_caller_is_an_address_or_the_network_of_a_subscriber(host: str | None, caller: str) -> None:
    assert caller_at(host) == caller
