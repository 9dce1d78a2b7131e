"""Sending hours of SMS: civil time of day, so that nobody is woken."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from chassis.clock import STOCKHOLM


@dataclass(frozen=True, slots=True)
class SendingHours:
    """From ``start`` up to but not including ``end``, the same day, Stockholm time."""

    start: time
    end: time

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise ValueError("sending hours must start before they end, on the same day")

    def open_at(self, civil: datetime) -> bool:
        """Return whether SMS may be sent at a civil instant."""
        return self.start <= civil.astimezone(STOCKHOLM).time() < self.end

    def next_opening(self, civil: datetime) -> datetime:
        """Return the civil instant when they open next: ``civil`` itself when they are open."""
        local = civil.astimezone(STOCKHOLM)
        if self.open_at(local):
            return local
        day = local.date() if local.time() < self.start else local.date() + timedelta(days=1)
        return datetime.combine(day, self.start, STOCKHOLM)
