"""Who lives in the sample municipality on its first day: the covered youths, and everybody else.

Proportions: law-and-data section 3 and the plan's categories. The covered youths are drawn by *profile*
with exact quotas, so that the smallest sample has every special case.
"""

import random
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

from contracts.reasons import Sex
from deploy.sample import school_year
from deploy.sample.draw import Births, quotas, shuffled, stream
from deploy.sample.names import CARE_OF, FIRST_NAMES, LAST_NAMES, STREETS
from deploy.sample.numbers import phone
from deploy.sample.people import Address, Exam, Person, Placement
from deploy.sample.places import (
    ADULT_SCHOOLS,
    COMPULSORY_SCHOOLS,
    DISTRICTS,
    ELSEWHERE,
    OTHER_SCHOOLS,
    OWN_SCHOOLS,
    PROGRAMMES,
    SHARES,
)

# Profiles of the covered, in percent: why they are covered, or what else they do meanwhile.
COVERED_SHARES: dict[str, float] = {
    "left_school": 38,
    "studiebevis": 16,
    "left_introduction": 13,
    "never_started": 9,
    "moved_in": 7,
    "newly_arrived": 5,
    "sfi": 4,
    "komvux": 4,
    "folkhogskola": 3,
    "coordination_number": 1,
}
OTHER_SHARES: dict[str, float] = {"national": 88, "introduction": 7, "equivalent": 3, "anpassad": 2}
EXAM_OF = {
    "national": "gymnasieexamen",
    "equivalent": "ib",
    "anpassad": "gymnasiebevis_anpassad",
}
COVERED_AGES: dict[int, float] = {16: 20, 17: 26, 18: 30, 19: 24}
OTHER_AGES: dict[int, float] = {15: 12, 16: 22, 17: 23, 18: 23, 19: 20}
WOMEN_COVERED, WOMEN = 0.45, 0.49
WITH_PHONE_COVERED, WITH_PHONE = 0.75, 0.7


class Residents:
    """Makes people one after another; each has a random stream of their own."""

    def __init__(self, seed: int, start: date) -> None:
        self.seed, self.start = seed, start
        self.people: list[Person] = []
        self._births = Births(seed, start)
        self._phones = 0

    def add(self, profile: str, age: int, sex: Sex, fits: Callable[[date], bool]) -> tuple[Person, random.Random]:
        """Add a person of ``age`` on the first day, whose birth date ``fits``."""
        key = len(self.people)
        rng = stream(self.seed, "person", key)
        born, number = self._births.next(age, sex, fits)
        person = Person(
            key=key,
            born=born,
            sex=sex,
            number=number,
            first_name=rng.choice(FIRST_NAMES[sex]),
            last_name=rng.choice(LAST_NAMES),
            addresses=[(date.min, address(rng))],
            profile=profile,
        )
        if rng.random() < 0.8:  # the rest have lived here since birth
            person.moved_in_on = born + timedelta(days=rng.randrange(0, 14 * 365))
        self.people.append(person)
        return person, rng

    def give_phone(self, person: Person) -> None:
        person.phone = phone(self._phones)
        self._phones += 1


def address(rng: random.Random) -> Address:
    """Return an invented address in one of the districts."""
    district = rng.choices(DISTRICTS, SHARES)[0]
    door = f" lgh {rng.randrange(10, 16)}{rng.randrange(1, 7):02d}" if rng.random() < 0.6 else ""
    return Address(
        street=f"{rng.choice(STREETS)} {rng.randrange(1, 98)}{door}",
        postal_code=f"{district.postal}{rng.randrange(30, 80)}",
        city=district.city,
        district=district.code,
        care_of=rng.choice(CARE_OF) if rng.random() < 0.03 else "",
    )


def add_covered(residents: Residents, count: int) -> list[Person]:
    """Add ``count`` youths who are covered on the first day, and return them."""
    seed, start = residents.seed, residents.start
    rng = stream(seed, "covered")
    profiles = shuffled(rng, quotas(count, COVERED_SHARES))
    ages = shuffled(rng, quotas(count, COVERED_AGES))
    sexes = _sexes(rng, count, WOMEN_COVERED)
    # Three years of school lie behind a studiebevis: the oldest ages, whatever the time of the year.
    profiles.sort(key=lambda profile: profile == "studiebevis", reverse=True)
    ages.sort(reverse=True)
    finished = profiles.count("studiebevis")
    ages = [max(COVERED_AGES)] * finished + shuffled(rng, ages[finished:])
    covered = []
    for profile, age, sex in zip(profiles, ages, sexes, strict=True):
        ready = _READY.get(profile, school_year.compulsory_end)
        person, own = residents.add(profile, age, sex, partial(_before, ready, start - timedelta(days=30)))
        _covered_past(person, own, start)
        covered.append(person)
    for person in shuffled(rng, covered)[: round(count * WITH_PHONE_COVERED)]:
        residents.give_phone(person)
        person.email = f"ungdom{person.key}@example.org" if rng.random() < 0.5 else ""
    return covered


def add_others(residents: Residents, count: int) -> None:
    """Add ``count`` residents who are not covered: pupils and those who have an exam."""
    rng = stream(residents.seed, "others")
    kinds = shuffled(rng, quotas(count, OTHER_SHARES))
    ages = shuffled(rng, quotas(count, OTHER_AGES))
    sexes = _sexes(rng, count, WOMEN)
    for kind, age, sex in zip(kinds, ages, sexes, strict=True):
        person, own = residents.add(kind, age, sex, lambda born: True)
        _pupil_past(person, own, residents.start, kind)
        if own.random() < WITH_PHONE:
            residents.give_phone(person)


def add_gone(residents: Residents, count: int) -> None:
    """Add people who left the municipality lately, and who would be covered had they not."""
    rng = stream(residents.seed, "gone")
    statuses = quotas(count, {"moved_out": 5, "emigrated": 2, "dead": 1})
    for status in statuses:
        person, own = residents.add("gone", 18, rng.choice(list(Sex)), lambda born: True)
        _compulsory(person, own)
        person.status, person.moved_to = status, own.choice(ELSEWHERE) if status == "moved_out" else ""
        person.status_date = residents.start - timedelta(days=own.randrange(5, 60))


def _sexes(rng: random.Random, count: int, women: float) -> list[Sex]:
    return shuffled(rng, [Sex.WOMAN if index < round(count * women) else Sex.MAN for index in range(count)])


def _compulsory(person: Person, rng: random.Random) -> None:
    person.compulsory_school = rng.choice(COMPULSORY_SCHOOLS)
    person.compulsory_completed_on = school_year.compulsory_end(person.born)


def _day(rng: random.Random, first: date, last: date) -> date:
    return first + timedelta(days=rng.randrange(max(1, (last - first).days)))


def upper_secondary(person: Person, rng: random.Random, kind: str) -> Placement:
    """Straight on to upper-secondary school; about half of the pupils go to the city's own schools."""
    starts_on = school_year.upper_start(person.born)
    return Placement(
        school_unit=rng.choice(OWN_SCHOOLS if rng.random() < 0.5 else OTHER_SCHOOLS),
        kind=kind,
        programme={"introduction": "IMV", "equivalent": "IB"}.get(kind) or rng.choice(PROGRAMMES),
        starts_on=starts_on,
        seen_on=starts_on - timedelta(days=60),
    )


def other_studies(programme: str, starts_on: date) -> Placement:
    """Studies that leave the youth covered: SFI, Komvux, folkhögskola."""
    return Placement(ADULT_SCHOOLS[programme], "other", programme, starts_on, seen_on=starts_on)


# What must lie behind a covered youth of a profile, beside compulsory school.
_READY: dict[str, Callable[[date], date]] = {
    "studiebevis": school_year.upper_end,
    "left_school": school_year.upper_start,
    "left_introduction": school_year.upper_start,
    "komvux": school_year.upper_start,
    "folkhogskola": school_year.upper_start,
}


def _before(ready: Callable[[date], date], latest: date, born: date) -> bool:
    return ready(born) < latest


def _covered_past(person: Person, rng: random.Random, start: date) -> None:
    """Give a covered youth the past that their profile says."""
    profile = person.profile
    school_ends = school_year.compulsory_end(person.born)
    if profile in ("newly_arrived", "sfi", "coordination_number"):
        # Registered in the country when no longer of compulsory school age: after the June of the tenth year.
        arrived = _day(rng, max(school_ends + timedelta(days=20), start - timedelta(days=500)), start)
        person.immigrated_on = person.moved_in_on = arrived
        if profile == "sfi":
            person.placements.append(other_studies("SFI", _day(rng, arrived, start)))
        return
    _compulsory(person, rng)
    if profile == "moved_in":
        person.moved_in_on = _day(rng, max(school_ends, start - timedelta(days=200)), start)
    if profile in ("moved_in", "never_started"):
        return
    placement = upper_secondary(person, rng, "introduction" if profile == "left_introduction" else "national")
    person.placements.append(placement)
    if profile == "studiebevis":
        placement.end(school_year.upper_end(person.born), "studiebevis")
        person.exams.append(Exam("studiebevis", school_year.upper_end(person.born)))
        return
    latest = min(start, school_year.upper_end(person.born))
    left_on = _day(rng, max(placement.starts_on, latest - timedelta(days=450)), latest)
    placement.end(left_on, "dropout")
    if profile in ("komvux", "folkhogskola"):
        programme = "KOMVUX" if profile == "komvux" else "FHS"
        person.placements.append(other_studies(programme, _day(rng, left_on, start)))


def _pupil_past(person: Person, rng: random.Random, start: date, kind: str) -> None:
    """Give a resident who is not covered a school to go to, or an exam."""
    if school_year.compulsory_end(person.born) > start:
        person.compulsory_school = rng.choice(COMPULSORY_SCHOOLS)
        return
    _compulsory(person, rng)
    ended = school_year.upper_end(person.born)
    over = ended <= start
    # From an introduction programme pupils go on to a national one.
    placement = upper_secondary(person, rng, "national" if over and kind == "introduction" else kind)
    person.placements.append(placement)
    if over:
        placement.end(ended, "exam")
        person.exams.append(Exam(EXAM_OF[placement.kind], ended))
