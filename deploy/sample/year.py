"""What happens in the sample municipality in the year that follows its first day.

Some of the covered start school again, get an exam, move, emigrate or die; one gets a protected identity in
the middle of the year; pupils drop out and people move in, twice as many in the autumn half as in the
spring half (law-and-data section 3); in June the third-year pupils finish. Turning 20 needs no event.
"""

import random
from bisect import bisect
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from itertools import accumulate

from contracts.reasons import Sex
from deploy.sample import school_year
from deploy.sample.draw import quotas, shuffled, stream
from deploy.sample.numbers import TEST_SERIES, personnummer
from deploy.sample.people import Exam, Person, Placement
from deploy.sample.places import ELSEWHERE, OTHER_SCHOOLS, OWN_SCHOOLS, PROGRAMMES
from deploy.sample.population import EXAM_OF, Residents, address, upper_secondary

FATE_SHARES: dict[str, float] = {
    "stays": 73,
    "starts_school": 14,
    "moves_out": 4,
    "moves_within": 4,
    "exam": 3,
    "emigrates": 1,
    "protected": 0.5,
    "dies": 0.5,
}
# Those who come under the duty in the course of the year: dropouts of two kinds of school, and who moves in.
ARRIVAL_SHARES: dict[str, float] = {"national": 17, "introduction": 5, "moved_in": 5, "newly_arrived": 4}
PROTECTIONS = ("sekretessmarkering", "skyddad_folkbokforing")
LATEST_REPORT_DAYS = 20  # the audits blame schools for telling late
WITH_PHONE_NEW = 0.6
STRAIGHT_ON, WITHOUT_EXAM = 0.97, 0.1


def protect(covered: Sequence[Person], seed: int) -> set[int]:
    """Give some covered youths a protected identity from the start (some dozens in a city); their keys."""
    count = max(2, round(len(covered) * 0.006))
    chosen = shuffled(stream(seed, "protected"), covered)[:count]
    for index, person in enumerate(chosen):
        person.protection = PROTECTIONS[index % 2]
        person.protected_from = date.min
    return {person.key for person in chosen}


def tell(residents: Residents, covered: Sequence[Person], arriving: int) -> None:
    """Decide the year after the first day: for the covered, for ``arriving`` others, and for everybody else."""
    start = residents.start
    arrivals = quotas(arriving, ARRIVAL_SHARES)
    rng = stream(residents.seed, "year")
    _fates(residents.seed, start, covered)
    pupils = {kind: shuffled(rng, _pupils(residents, kind)) for kind in ("national", "introduction")}
    for arrival, day in zip(arrivals, arrival_days(rng, start, len(arrivals)), strict=True):
        if arrival in pupils:
            _drops_out(pupils[arrival], rng, day)
        else:
            _arrives(residents, arrival, day)
    _june(residents.seed, residents.people, school_year.next_day(start, 6, 12))


def arrival_days(rng: random.Random, start: date, count: int) -> list[date]:
    """Return ``count`` days of the year after ``start``, spread evenly by weight: autumn counts double."""
    days = school_year.days_between(start + timedelta(days=1), start + timedelta(days=360))
    reached = list(accumulate(_arrival_weight(day) for day in days))
    spread = [days[bisect(reached, (index + 0.5) * reached[-1] / count)] for index in range(count)]
    return shuffled(rng, spread)


def _arrival_weight(day: date) -> float:
    """Two thirds fall on August to December, a third on January to June, nothing on July."""
    return 0 if day.month == 7 else 2 / 153 if day.month > 7 else 1 / 181


def _fates(seed: int, start: date, covered: Sequence[Person]) -> None:
    rng = stream(seed, "fates")
    protected = protect(covered, seed)
    free = shuffled(rng, [person for person in covered if person.key not in protected])
    for person in covered:
        if person.profile == "coordination_number":
            _coordination_number(person, stream(seed, "number", person.key), start)
    for person, fate in zip(free, quotas(len(free), FATE_SHARES), strict=True):
        _meets(person, fate, stream(seed, "fate", person.key), start)


def _coordination_number(person: Person, rng: random.Random, start: date) -> None:
    """A samordningsnummer at first, and a personnummer later in the year."""
    person.coordination_number = personnummer(person.born, TEST_SERIES[person.sex], coordination=True)
    person.number_changed_on = start + timedelta(days=rng.randrange(30, 150))


def _meets(person: Person, fate: str, rng: random.Random, start: date) -> None:
    day = start + timedelta(days=rng.randrange(10, 290))
    if fate == "starts_school":
        _starts_school(person, rng, start)
    elif fate == "exam":
        kind = rng.choice(("gymnasieexamen", "folkhogskola", "foreign"))
        person.exams.append(Exam(kind, day))
    elif fate == "moves_within":
        person.addresses.append((day, address(rng)))
    elif fate == "protected":
        person.protection, person.protected_from = rng.choice(PROTECTIONS), day
    elif fate in _STATUS_OF:
        person.status, person.status_date = _STATUS_OF[fate], day
        person.moved_to = rng.choice(ELSEWHERE) if fate == "moves_out" else ""


_STATUS_OF = {"moves_out": "moved_out", "emigrates": "emigrated", "dies": "dead"}


def _starts_school(person: Person, rng: random.Random, start: date) -> None:
    """Most start again in the first weeks of the autumn term, the others after Christmas."""
    if rng.random() < 0.6:
        day = school_year.next_day(start, 8, 18) + timedelta(days=rng.randrange(0, 35))
    else:
        day = school_year.next_day(start, 1, 8) + timedelta(days=rng.randrange(0, 14))
    introduction = person.profile in ("newly_arrived", "left_introduction") or rng.random() < 0.2
    person.placements.append(
        Placement(
            school_unit=rng.choice(OWN_SCHOOLS if rng.random() < 0.5 else OTHER_SCHOOLS),
            kind="introduction" if introduction else "national",
            programme="IMV" if introduction else rng.choice(PROGRAMMES),
            starts_on=day,
            seen_on=max(day - timedelta(days=10), start + timedelta(days=1)),
        )
    )


def _pupils(residents: Residents, kind: str) -> list[Person]:
    return [
        person for person in residents.people if person.profile == kind and person.placements and not person.exams
    ]


def _drops_out(pupils: list[Person], rng: random.Random, day: date) -> None:
    """The next pupil who is still at school on ``day`` leaves it; the school reports it late."""
    for index, person in enumerate(pupils):
        placement = person.placements[0]
        if placement.starts_on < day < school_year.upper_end(person.born) and placement.ends_on is None:
            placement.end(day, "dropout", told_on=day + timedelta(days=rng.randrange(LATEST_REPORT_DAYS)))
            del pupils[index]
            return


def _arrives(residents: Residents, profile: str, day: date) -> None:
    """Somebody moves in who is covered from that day on."""
    rng = stream(residents.seed, "arrives", len(residents.people))
    person, _ = residents.add(profile, rng.choice((16, 17, 18)), rng.choice(list(Sex)), _schooling_over(residents))
    person.appears_on = person.moved_in_on = day
    if profile == "newly_arrived":
        person.immigrated_on = day
    if rng.random() < WITH_PHONE_NEW:
        residents.give_phone(person)


def _schooling_over(residents: Residents) -> Callable[[date], bool]:
    return lambda born: school_year.compulsory_end(born) + timedelta(days=30) < residents.start


def _june(seed: int, people: Sequence[Person], june: date) -> None:
    """The third year ends with an exam or, for one in ten, a studiebevis; grade nine goes on to grade one."""
    for person in people:
        rng = stream(seed, "june", person.key)
        if school_year.compulsory_end(person.born) == june and person.compulsory_completed_on is None:
            person.compulsory_completed_on = june
            if rng.random() < STRAIGHT_ON:
                person.placements.append(upper_secondary(person, rng, "national"))
        elif school_year.upper_end(person.born) == june and person.placements:
            placement = person.placements[0]
            if placement.starts_on < june and placement.ends_on is None and placement.kind in EXAM_OF:
                _finishes(person, placement, june, studiebevis=rng.random() < WITHOUT_EXAM)


def _finishes(person: Person, placement: Placement, june: date, *, studiebevis: bool) -> None:
    if studiebevis:
        placement.end(june, "studiebevis")
        person.exams.append(Exam("studiebevis", june))
    else:
        placement.end(june, "exam")
        person.exams.append(Exam(EXAM_OF[placement.kind], june))
