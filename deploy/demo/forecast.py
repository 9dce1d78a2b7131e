"""The planner against the year: what it forecasts in October is what is then done, within a tolerance.

The planner is asked through its API as anybody asks it, with the demonstration's own behaviour as assumptions.
Its luck is another than the youths': so it is asked several times, each with other luck, and the mean is compared.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import sqrt
from typing import Any

from chassis.clock import STOCKHOLM, CivilClock
from contracts.messages import Channel
from contracts.tasks import HomeVisitResult, TaskKind, TaskState
from deploy.demo.assumed import assumptions
from deploy.demo.client import Caller
from deploy.demo.invariants.databases import Databases
from deploy.demo.municipality import Municipality
from deploy.demo.school_year import sleep_until
from deploy.sample.places import DISTRICTS
from deploy.sample.staff import IN_A_DISTRICT

# The term mailing is over (the planner knows no waves), and it is eight weeks since so many were registered in one
# night, so that who came lately are those who come in a year. To the middle of June.
ASKED_ON, WEEKS, TIMES = datetime.combine(date(2025, 10, 13), time(6), STOCKHOLM), 35, 4
SHARE, DEVIATIONS = 0.10, 2.0
# As the sample's staff register has them: room for all that comes, so that the intake alone is limited by them.
STAFFING = {
    "coordinators": {**{district.code: IN_A_DISTRICT for district in DISTRICTS}, "none": 1},
    "minutes_per_day": 24 * 60,
}
COMPARED = ("calls", "home_visits", "letters", "mappings")
TASKS = {
    "calls": TaskKind.CALL,
    "visits_planned": TaskKind.PLAN_HOME_VISIT,
    "home_visits": TaskKind.HOME_VISIT,
    "mappings": TaskKind.MAPPING,
    "follow_ups": TaskKind.FOLLOW_UP,
}
CHANNELS = {"letters": Channel.LETTER, "sms": Channel.SMS}


@dataclass(frozen=True, slots=True)
class Comparison:
    """A figure of the planner's (the mean of its answers), and what was done in the same time (civil)."""

    measure: str
    forecast: float
    done: float

    @property
    def tolerance(self) -> float:
        """Return how far apart they may be: a tenth; or what luck does with small numbers, two standard
        deviations of a count (its root each)."""
        return max(SHARE * self.done, DEVIATIONS * sqrt(self.done))

    @property
    def holds(self) -> bool:
        return abs(self.forecast - self.done) <= self.tolerance


class Forecasting:
    """Asks the planner on a day of the autumn."""

    def __init__(self, clock: CivilClock, city: Caller, municipality: Municipality) -> None:
        self._clock, self._city, self._municipality = clock, city, municipality
        self.answers: list[tuple[datetime, Mapping[str, Any]]] = []  # when it was asked, and the totals

    async def live(self) -> None:
        """Returns when it has answered."""
        await sleep_until(self._clock, ASKED_ON)
        measured = await self._city.get("outreach", "/plans/assumptions")
        youths = sum(one.ended_at is None for one in await self._city.journeys())
        first = self._clock.today()
        taken = assumptions(self._municipality, first, first + timedelta(weeks=WEEKS), youths).model_dump(
            mode="json"
        )
        taken["task_days"] = measured["assumptions"]["task_days"]
        for seed in range(TIMES):
            asked_at = self._clock.now()
            ask = {"weeks": WEEKS, "seed": seed, "assumptions": taken, "staffing": STAFFING}
            answer = await self._city.post("outreach", "/plans/forecast", ask)
            self.answers.append((asked_at, answer["totals"]))

    def compared(self, found: Databases) -> list[Comparison]:
        """Return each figure beside what was done. Empty when the planner has not answered."""
        if not self.answers:
            return []
        return [
            Comparison(
                measure,
                _mean(totals[measure] for _, totals in self.answers),
                _mean(done(found, measure, at, at + timedelta(weeks=WEEKS)) for at, _ in self.answers),
            )
            for measure in (*TASKS, *CHANNELS)
        ]


def done(found: Databases, measure: str, begins: datetime, ends: datetime) -> int:
    """Return how many tasks were done, or messages asked for (but those of the term mailing), in a time.

    A visit that was called off was not made: that somebody falls ill, the planner cannot know.
    """
    if measure in TASKS:
        kind = TASKS[measure]
        over = (one for one in found.tasks if one.kind == kind and one.state == TaskState.COMPLETED)
        made = (one.closed_at for one in over if one.result != HomeVisitResult.CALLED_OFF)
        return sum(at is not None and begins <= at < ends for at in made)
    channel = CHANNELS[measure]
    own = (one for one in found.messages if one.channel == channel and one.wave_id is None)
    return sum(begins <= one.queued_at < ends for one in own)


def as_text(compared: Iterable[Comparison]) -> Iterator[str]:
    """Yield the table: what was forecast, what was done, and whether they agree."""
    yield f"  {'':<20}{'forecast':>9}{'done':>9}{'apart':>9}{'may be':>9}"
    for one in compared:
        apart, verdict = one.forecast - one.done, "" if one.measure in COMPARED else "  (not judged)"
        row = f"{one.forecast:>9.1f}{one.done:>9.1f}{apart:>+9.1f}{one.tolerance:>9.1f}"
        yield f"  {one.measure.replace('_', ' '):<20}{row}{verdict}"


def apart(compared: Iterable[Comparison]) -> Iterator[str]:
    """Tell of the figures that do not agree."""
    found = list(compared)
    if not found:
        yield "the planner was not asked"
    for one in found:
        if one.measure in COMPARED and not one.holds:
            yield (
                f"the planner forecast {one.forecast:.0f} {one.measure.replace('_', ' ')}, "
                f"there were {one.done:.0f}: more than {one.tolerance:.0f} apart"
            )


def _mean(numbers: Iterable[float]) -> float:
    found = list(numbers)
    return sum(found) / len(found)
