"""The demonstration's behaviour and municipality as the planner's assumptions: both take the same for granted.

Shares are the behaviour's own. How many come and go is what the sample tells of the time that is asked about.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import TypeVar

from contracts.messages import MessageKind
from contracts.reasons import ReachedBy
from contracts.tasks import CallResult, HomeVisitResult, MappingResult, Occupation
from deploy.demo import behaviour
from deploy.demo.municipality import Municipality, extract_days
from deploy.sample.people import Person
from services.outreach.planner.assumptions import Assumptions

T = TypeVar("T")
EIGHTEEN = timedelta(days=18 * 365.25)


def assumptions(municipality: Municipality, first: date, last: date, open_youths: int) -> Assumptions:
    """Return what the planner is to take for granted from ``first`` to ``last``.

    ``open_youths``: how many there are on the first day. How long staff take is left at the planner's default: it
    depends on the machine's speed, and is measured there.
    """
    coming = list(_coming(municipality, first, last))
    without_phone = sum(not one.phone for one, _ in coming) / max(len(coming), 1)
    weeks = (last - first) / timedelta(weeks=1)
    districts = Counter(one.address_on(day).district for one, day in coming)
    return Assumptions(
        elusive=behaviour.ELUSIVE,
        answers=_answers(without_phone),
        calls=(_without(CallResult.NO_ANSWER, behaviour.CALLS),),
        visits=(_without(HomeVisitResult.NOBODY_HOME, behaviour.HOME_VISITS),),
        visits_of_elusive=_without(HomeVisitResult.NOBODY_HOME, behaviour.HOME_VISITS_OF_ELUSIVE),
        answer_days=sum(behaviour.ANSWERS_WITHIN_DAYS) / 2,
        mapping=_without(MappingResult.DECLINES, behaviour.MAPPINGS),
        occupations=_occupations(),
        follow_up_ends=behaviour.FOLLOW_UP_ENDS,
        visit_days=sum(behaviour.VISIT_AFTER_DAYS) / 2,
        without_phone=without_phone,
        numbers_found=_numbers_found(coming),
        ends_per_year=_ends_per_year(municipality, first, last, open_youths + len(coming) / 2),
        intake_per_week={district: count / weeks for district, count in districts.items()},
        intake_by_month=_season([day for _, day in coming], first, last),
    )


def _answers(without_phone: float) -> dict[MessageKind, float]:
    """Return who answers a letter, of those who are not elusive. Who has no telephone cannot by SMS."""
    return {
        kind: sum(share * (1 - without_phone * (way is ReachedBy.SMS_ANSWER)) for way, share in ways.items())
        for kind, ways in behaviour.ANSWERS.items()
    }


def _without(rest: T, shares: Mapping[T, float]) -> dict[T, float]:
    """Leave out what the planner takes for the rest."""
    return {kind: share for kind, share in shares.items() if kind is not rest}


def _occupations() -> dict[Occupation, float]:
    whole = sum(behaviour.OCCUPATIONS.values())
    shares = {kind: weight / whole for kind, weight in behaviour.OCCUPATIONS.items()}
    return _without(Occupation.OTHER, shares)


def _numbers_found(coming: Iterable[tuple[Person, date]]) -> float:
    """Return how often a search finds a number, of those without one: their own, or their guardians'."""
    without = [(one, day) for one, day in coming if not one.phone]
    minors = sum(day - one.born < EIGHTEEN for one, day in without) / max(len(without), 1)
    return behaviour.NUMBER_ENTERED + behaviour.GUARDIANS_FOUND * minors


def _coming(municipality: Municipality, first: date, last: date) -> Iterable[tuple[Person, date]]:
    """Yield who comes under the duty in the time, and on which day the register knows it."""
    for person in municipality.people():
        dropout = next((one for one in person.placements if one.end_kind == "dropout"), None)
        told_on = person.appears_on or (dropout.told_on if dropout else None)
        known_on = next((day for day in extract_days() if told_on is not None and day >= told_on), None)
        if known_on is not None and first < known_on < last:
            yield person, known_on


def _season(days: Iterable[date], first: date, last: date) -> dict[int, float]:
    """Return how many times the average come in each month of the time."""
    coming = Counter(day.month for day in days)
    length = Counter((first + timedelta(days=number)).month for number in range((last - first).days))
    average = coming.total() / length.total()
    return {month: coming[month] / number / average for month, number in length.items()} if average else {}


def _ends_per_year(municipality: Municipality, first: date, last: date, youths: float) -> float:
    """Return how many duties end before twenty, per youth and year: the sample's fates of the first covered."""
    covered = municipality.people()[: municipality.on_the_first_day]
    ends = sum(any(first <= day < last for day in _ends(one)) for one in covered)
    return ends / (youths * ((last - first) / timedelta(days=365.25)))


def _ends(person: Person) -> Iterable[date]:
    """Yield the days on which the duty for somebody ends otherwise than at twenty."""
    if person.status_date is not None:
        yield person.status_date
    yield from (one.issued_on for one in person.exams if one.kind != "studiebevis")
    yield from (one.starts_on for one in person.placements if one.kind != "other" and one.ends_on is None)
