"""Schools tell of pupils who are away a lot: before a dropout, and of some who stay after all."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from chassis.clock import STOCKHOLM, CivilClock
from contracts.ids import business_id
from contracts.roles import Role
from deploy.demo.behaviour import Behaviour
from deploy.demo.client import Refused, Stack
from deploy.demo.municipality import FIRST_DAY, LAST_DAY
from deploy.demo.school_year import sleep_until
from deploy.demo.staff import Team
from deploy.sample.people import Person, Placement

PERIOD, BEFORE_DROPOUT = timedelta(days=30), timedelta(days=25)
PERCENT = 40
TERM_BEGINS, TERM_DAYS = date(2025, 10, 1), 200
AT = time(9)


@dataclass(frozen=True, slots=True)
class Absent:
    """A pupil, and the day on which the school tells of a month's absence."""

    person: Person
    placement: Placement
    told_on: date


def absent(people: Iterable[Person], behaviour: Behaviour) -> Iterator[Absent]:
    """Yield who is reported for absence in the school year; a dropout follows for some."""
    for person in people:
        placement = person.placements[0] if person.placements else None
        if placement is None or placement.kind == "other" or placement.starts_on > FIRST_DAY:
            continue
        leaves = placement.end_kind == "dropout" and placement.told_on is not None
        if placement.ends_on is not None and (not leaves or placement.ends_on <= FIRST_DAY + PERIOD):
            continue
        if not behaviour.is_absent(person.key, leaves=leaves):
            continue
        told_on = TERM_BEGINS + timedelta(days=person.key % TERM_DAYS)
        if leaves and placement.ends_on is not None:
            told_on = max(placement.ends_on - BEFORE_DROPOUT, FIRST_DAY + PERIOD)
        if told_on < LAST_DAY:
            yield Absent(person, placement, told_on)


class Schools:
    """Each with a token of its own unit."""

    def __init__(self, stack: Stack, clock: CivilClock, people: Iterable[Person], seed: int, team: Team) -> None:
        self._stack, self._clock, self._team = stack, clock, team
        self._absent = sorted(absent(people, Behaviour(seed)), key=lambda one: (one.told_on, one.person.key))

    async def live(self) -> None:
        """Through the year: returns after the last report."""
        for one in self._absent:
            await sleep_until(self._clock, datetime.combine(one.told_on, AT, STOCKHOLM))
            await self._report(one)

    async def _report(self, one: Absent) -> None:
        unit, day = one.placement.school_unit, one.told_on
        school = self._stack.caller(Role.SCHOOL, subject=f"skola-{unit}", units=(unit,))
        report = {
            "person_number": one.person.number_on(day),
            "school_unit": unit,
            "kind": "invalid_absence",
            "absence_from": (day - PERIOD).isoformat(),
            "event_date": day.isoformat(),
            "absence_percent": PERCENT,
            "reported_by": "principal",
        }
        key = business_id("absent", one.person.key, day)
        try:
            await school.post("registry", "/school-reports", report, key=str(key))
        except Refused as refusal:
            self._team.note(refusal)
