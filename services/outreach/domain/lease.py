"""How long a claim holds without any sign of its holder."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from contracts.tasks import TaskState

# Real time: with a clock that runs fast, a lease of hours would be over before a request is.
AT_LEAST = timedelta(minutes=1)


def lease_length(wanted: timedelta, speed: float) -> timedelta:
    """Return the civil length of a lease: as wanted, but at least a real minute at this speed of the clock."""
    return max(wanted, AT_LEAST * speed)


def is_claimed(state: str, claimed_until: datetime | None, now: datetime) -> bool:
    """Return whether somebody has a task right now: a claim whose lease is over counts no more."""
    return state == TaskState.CLAIMED and claimed_until is not None and claimed_until > now


def as_read(task: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Return a task as it is at an instant: free when its claim's lease is over, swept or not."""
    if task["state"] == TaskState.CLAIMED and not is_claimed(task["state"], task["claimed_until"], now):
        return {
            **task, "state": TaskState.OPEN, "claimed_by": None, "claimed_at": None, "claimed_until": None,
        }  # fmt: skip
    return dict(task)
