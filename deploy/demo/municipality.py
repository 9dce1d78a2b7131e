"""The sample municipality of the demonstration: how many youths are covered when, and its extracts."""

from dataclasses import dataclass
from datetime import date, timedelta

from contracts.registry_activities import Source
from deploy.sample.extract import Row, extract, people
from deploy.sample.people import Person

FIRST_DAY, LAST_DAY = date(2025, 8, 15), date(2026, 6, 30)
EXTRACT_EVERY = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Municipality:
    """``covered`` youths in the course of the year: a third on the first day, the others later.

    More on the first day would be a queue: the intake begins with them in a few days, which at the demonstration's
    speed are as many seconds. Some come after the last extract, and in June those with a studiebevis come by
    themselves. For the 300 youths of `make demo`, exactly 300 are covered (a test counts them for seed 1).
    """

    seed: int
    covered: int

    @property
    def on_the_first_day(self) -> int:
        return max(1, round(self.covered / 3))

    def people(self) -> tuple[Person, ...]:
        return people(self.seed, self.on_the_first_day, FIRST_DAY, None, self._arriving)

    def extract(self, day: date) -> dict[Source, list[Row]]:
        return extract(self.seed, self.on_the_first_day, day, start=FIRST_DAY, arriving=self._arriving)

    @property
    def _arriving(self) -> int:
        return round(0.72 * self.covered)


def extract_days() -> list[date]:
    """Return the days for which the sources deliver."""
    return [FIRST_DAY + EXTRACT_EVERY * number for number in range((LAST_DAY - FIRST_DAY) // EXTRACT_EVERY + 1)]
