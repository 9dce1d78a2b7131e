"""The coverage as periods says the same as deciding day by day."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import assume, given

from services.registry.domain.age import ADULT_AT, birthday
from services.registry.domain.coverage import decide
from services.registry.domain.facts import EndKind, PersonFacts, Protection, Statement, Status
from services.registry.domain.residence import district_on
from services.registry.domain.timeline import NEVER, Period, next_look, periods
from tests.unit.registry.people import BORN, STOCKHOLM, compulsory, days, enrolment, moves, person, persons

TWENTY = date(2028, 3, 1)


def test_a_dropout_who_goes_back_to_school() -> None:
    left = enrolment(ends_on=date(2026, 3, 3), end_kind=EndKind.DROPOUT)
    back = enrolment(starts_on=date(2026, 11, 2))
    facts = person(enrolments=(compulsory(), left, back), district="farsta")
    assert periods(facts, STOCKHOLM) == (Period(date(2026, 3, 4), date(2026, 11, 2), "farsta"),)
    facts = replace(facts, enrolments=facts.enrolments[:2])
    assert periods(facts, STOCKHOLM) == (Period(date(2026, 3, 4), TWENTY, "farsta"),)


def test_who_moves_within_the_city_has_a_period_for_each_district() -> None:
    first = Statement(date(2026, 9, 1), STOCKHOLM, "farsta")
    second = replace(first, file_date=date(2026, 10, 1), district="jarva")
    gone = replace(second, file_date=date(2026, 12, 1), status=Status.DEAD, status_date=date(2026, 11, 20))
    assert periods(moves(first, second, gone), STOCKHOLM) == (
        Period(date(2024, 7, 1), date(2026, 10, 1), "farsta"),
        Period(date(2026, 10, 1), date(2026, 11, 20), "jarva"),
    )


def test_nobody_is_looked_at_after_twenty() -> None:
    assert next_look(person(), TWENTY) == NEVER
    assert next_look(person(), TWENTY - timedelta(days=1)) == TWENTY
    assert next_look(person(), BORN) < TWENTY


@given(persons(), days)
def test_a_day_lies_in_a_period_when_the_duty_holds_on_it(facts: PersonFacts, on: date) -> None:
    found = [period for period in periods(facts, STOCKHOLM) if period.start <= on < period.end]
    assert bool(found) == decide(facts, on, STOCKHOLM).covered
    hidden = facts.protection is not Protection.NONE
    lives_in = None if hidden else district_on(facts.statements, on)
    assert all(period.district == lives_in for period in found)


@given(persons())
def test_periods_are_apart_and_in_order(facts: PersonFacts) -> None:
    found = periods(facts, STOCKHOLM)
    assert all(period.start < period.end for period in found)
    for one, other in pairwise(found):
        assert one.end < other.start or (one.end == other.start and one.district != other.district)


@given(persons(), days)
def test_until_the_next_look_every_answer_stays(facts: PersonFacts, on: date) -> None:
    assume(on < birthday(facts.birth_date, ADULT_AT))  # after it, nothing matters
    last = next_look(facts, on) - timedelta(days=1)
    now, then = (decide(facts, day, STOCKHOLM) for day in (on, max(on, last)))
    assert [(one.met, one.explanation) for one in now.results] == [
        (one.met, one.explanation) for one in then.results
    ]
