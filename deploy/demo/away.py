"""Who of the staff is away in the year: for weeks with and without a cover, and ill before a visit."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from chassis.clock import STOCKHOLM, CivilClock
from contracts.ids import business_id
from contracts.tasks import TaskKind
from deploy.demo.client import Caller
from deploy.demo.school_year import sleep_until
from deploy.demo.views import Task
from deploy.sample.staff import local_ids

ILL_FOR = timedelta(days=2)
TOLD_AT = time(7)
# So long before the visit, that it is noticed and called off before its time comes, also on a fast clock.
FALLS_ILL_BEFORE = timedelta(days=4)


@dataclass(frozen=True, slots=True)
class Absence:
    """Days away, both included. ``cover`` None: the tasks are given to others."""

    staff_id: str
    first_day: date
    last_day: date
    cover: str | None = None

    def includes(self, day: date) -> bool:
        return self.first_day <= day <= self.last_day


def planned() -> Iterator[Absence]:
    """Yield the absences that are known long before: of the first coordinator of some districts."""
    for number, district in enumerate(
        ("hagersten-alvsjo", "jarva", "enskede-arsta-vantor", "sodermalm", "bromma")
    ):
        away, colleague, _ = local_ids(district)
        first = date(2025, 9, 22) + timedelta(weeks=6) * number
        yield Absence(away, first, first + timedelta(days=25), colleague if number % 2 == 0 else None)


def ill_on() -> tuple[date, ...]:
    """Return the days on which somebody who has a visit before them falls ill."""
    months = ((2025, 10), (2025, 11), (2025, 12), (2026, 1), (2026, 2), (2026, 3), (2026, 4), (2026, 5))
    return tuple(date(year, month, 9) for year, month in months)


class Absences:
    """Tells the staff register who is away, on the day before; knows it as the colleagues do."""

    def __init__(self, clock: CivilClock, city: Caller) -> None:
        self._clock, self._city = clock, city
        self._known: list[Absence] = []

    def away(self, staff_id: str, day: date) -> Absence | None:
        """Return the absence of somebody who is not there on a day."""
        return next((one for one in self._known if one.staff_id == staff_id and one.includes(day)), None)

    def covering(self, day: date) -> set[str]:
        """Return who covers for somebody on a day."""
        return {one.cover for one in self._known if one.cover is not None and one.includes(day)}

    async def live(self) -> None:
        """Through the year: returns after the last."""
        days = sorted([(one.first_day - timedelta(days=1), one) for one in planned()], key=lambda pair: pair[0])
        agenda: list[tuple[date, Absence | None]] = [*days, *((day, None) for day in ill_on())]
        for day, absence in sorted(agenda, key=lambda entry: entry[0]):
            await sleep_until(self._clock, datetime.combine(day, TOLD_AT, STOCKHOLM))
            absence = absence or await self._somebody_ill()
            if absence is not None:
                await self._tell(absence)

    async def _somebody_ill(self) -> Absence | None:
        """Return the absence of one of the two of the next visit that is far enough ahead; None: there is none."""
        earliest = self._clock.now() + FALLS_ILL_BEFORE
        visits = await self._city.tasks(kind=TaskKind.HOME_VISIT)
        ahead = [visit for visit in visits if visit.not_before is not None and visit.not_before >= earliest]
        if not ahead:
            return None
        visit = min(ahead, key=_time)
        day = _time(visit).astimezone(STOCKHOLM).date()
        return Absence(visit.staff[0], self._clock.today(), day + ILL_FOR)

    async def _tell(self, absence: Absence) -> None:
        absence_id = business_id("absence", absence.staff_id, absence.first_day)
        body = {
            "first_day": absence.first_day.isoformat(),
            "last_day": absence.last_day.isoformat(),
            "cover": absence.cover,
        }
        await self._city.put("outreach", f"/staff/{absence.staff_id}/absences/{absence_id}", body)
        self._known.append(absence)


def _time(visit: Task) -> datetime:
    assert visit.not_before is not None  # a visit has a time
    return visit.not_before
