"""The civil clock: civil time (Stockholm) from real time, with a speed.

In production the speed is 1 and civil time is real time. In the demonstration and the end-to-end
tests a school year takes minutes, with the same code and timers. The mapping is a pure function of
a `ClockSpec`, so that services and deterministic workflow code compute the same instant:
``civil = civil_anchor + (real - real_anchor) * speed``.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

STOCKHOLM = ZoneInfo("Europe/Stockholm")


class ClockSpec(BaseModel):
    """How civil time follows from real time. Both anchors are the same instant, seen by each clock."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    speed: float = Field(default=1.0, gt=0, description="Civil seconds per real second")
    real_anchor: AwareDatetime = datetime(2020, 1, 1, tzinfo=UTC)
    civil_anchor: AwareDatetime = datetime(2020, 1, 1, tzinfo=UTC)

    @model_validator(mode="after")
    def identity_at_speed_one(self) -> "ClockSpec":
        """A shifted clock at speed 1 would let a production system live in another year."""
        if self.speed == 1.0 and self.real_anchor != self.civil_anchor:
            raise ValueError("a clock at speed 1 must not be shifted")
        return self

    def civil(self, real: datetime) -> datetime:
        """Return the civil instant, in Stockholm's zone, of a real instant (aware)."""
        elapsed = real.astimezone(UTC) - self.real_anchor.astimezone(UTC)  # in UTC: no wall-clock arithmetic
        return (self.civil_anchor.astimezone(UTC) + elapsed * self.speed).astimezone(STOCKHOLM)

    def real(self, civil: datetime) -> datetime:
        """Return the real instant (UTC) of a civil instant (aware)."""
        elapsed = civil.astimezone(UTC) - self.civil_anchor.astimezone(UTC)
        return self.real_anchor.astimezone(UTC) + elapsed / self.speed

    def real_duration(self, civil: timedelta) -> timedelta:
        """Return how long a civil duration takes in real time."""
        return civil / self.speed


class CivilClock:
    """The clock of a service process. Inject it; never call ``datetime.now`` in domain code."""

    def __init__(self, spec: ClockSpec) -> None:
        self.spec = spec

    def now(self) -> datetime:
        """Return the civil instant now, in Stockholm's zone."""
        return self.spec.civil(datetime.now(UTC))  # noqa: TID251 - this is the civil clock

    def today(self) -> date:
        """Return the civil date in Stockholm."""
        return self.now().date()
