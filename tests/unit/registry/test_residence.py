"""Where a person lived on a day: one case each, and laws of all histories."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.domain.facts import PersonFacts, Protection, Statement, Status
from services.registry.domain.residence import Residence, district_on, effects, residence_on
from tests.unit.registry.people import STOCKHOLM, days, histories

SEPT, OCT, NOV = date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)
HOME = Statement(SEPT, STOCKHOLM, "farsta")
MOVED = replace(HOME, file_date=OCT, district=None, status=Status.MOVED_OUT, status_date=date(2026, 9, 20))
GONE = replace(HOME, file_date=OCT, absent=True)
BACK = replace(HOME, file_date=NOV, district="bromma", moved_in_on=date(2026, 10, 25))
ONE_DAY = timedelta(days=1)


@given(histories(), days, days)
def test_another_district_never_changes_whether_somebody_lives_here(
    facts: PersonFacts, told_on: date, on: date
) -> None:
    """What db/population.py relies on: whom the duty does not hold for need not be decided anew."""
    statements, newest = facts.statements, facts.statements[-1]
    if newest.absent:
        return
    moved = replace(newest, file_date=max(told_on, newest.file_date), district="jarva")
    for protection in (Protection.NONE, Protection.PROTECTED_REGISTRATION):
        before = residence_on(statements, protection, on, STOCKHOLM)
        after = residence_on((*statements, moved), protection, on, STOCKHOLM)
        assert before.here == after.here


def lives(on: date, *statements: Statement) -> Residence:
    return residence_on(statements, Protection.NONE, on, STOCKHOLM)


@pytest.mark.parametrize(
    ("on", "statements", "here", "explanation"),
    [
        (date(2020, 1, 1), (HOME,), True, "registered_here"),
        (date(2026, 9, 19), (HOME, MOVED), True, "registered_here"),
        (date(2026, 9, 20), (HOME, MOVED), False, "moved_out"),
        (date(2026, 9, 19), (MOVED,), True, "registered_here"),  # who left lately has lived here
        (date(2026, 9, 30), (HOME, GONE), True, "registered_here"),
        (OCT, (HOME, GONE), False, "not_in_extract"),
        (date(2026, 10, 24), (HOME, MOVED, BACK), False, "moved_out"),
        (date(2026, 10, 25), (HOME, MOVED, BACK), True, "registered_here"),
        (date(2026, 9, 1), (HOME, MOVED, BACK), True, "registered_here"),
        # A return without a date counts from the file that brings it.
        (date(2026, 10, 31), (HOME, GONE, replace(HOME, file_date=NOV)), False, "not_in_extract"),
        (NOV, (HOME, GONE, replace(HOME, file_date=NOV)), True, "registered_here"),
        # Another district, told later, tells nothing of the time before.
        (date(2026, 10, 31), (HOME, GONE, replace(HOME, file_date=NOV),
                              replace(HOME, file_date=NOV + ONE_DAY, district="jarva")), False, "not_in_extract"),
        # The move was told in error: the past is corrected.
        (date(2026, 9, 25), (replace(HOME, moved_in_on=date(2012, 8, 1)), MOVED,
                             replace(HOME, file_date=NOV, moved_in_on=date(2012, 8, 1))), True, "registered_here"),
        (date(2026, 9, 25), (replace(HOME, moved_in_on=date(2026, 9, 26)),), False, "not_yet_moved_in"),
        (date(2026, 9, 25), (replace(HOME, municipality="0126"),), False, "registered_elsewhere"),
        (date(2026, 9, 25), (HOME, replace(HOME, file_date=OCT, municipality="0126")), True, "registered_here"),
        (OCT, (HOME, replace(HOME, file_date=OCT, municipality="0126")), False, "registered_elsewhere"),
    ],
)  # fmt: skip
def test_residence(on: date, statements: tuple[Statement, ...], here: bool, explanation: str) -> None:
    found = lives(on, *statements)
    assert (found.here, found.explanation) == (here, explanation)


@pytest.mark.parametrize(
    ("on", "statements", "district"),
    [
        (date(2020, 1, 1), (HOME,), "farsta"),
        (date(2026, 9, 30), (HOME, replace(HOME, file_date=OCT, district="jarva")), "farsta"),
        (OCT, (HOME, replace(HOME, file_date=OCT, district="jarva")), "jarva"),
        (date(2026, 10, 20), (HOME, MOVED), "farsta"),  # the last that is known
        (date(2026, 10, 25), (HOME, MOVED, BACK), "bromma"),
        (date(2026, 10, 24), (HOME, MOVED, BACK), "farsta"),
        (OCT, (MOVED,), None),
    ],
)
def test_district(on: date, statements: tuple[Statement, ...], district: str | None) -> None:
    assert district_on(statements, on) == district


@given(histories(), days)
def test_nothing_changes_between_the_days_on_which_it_can(facts: PersonFacts, on: date) -> None:
    if on in effects(facts.statements):
        return
    before = on - ONE_DAY
    assert lives(on, *facts.statements).here == lives(before, *facts.statements).here
    assert district_on(facts.statements, on) == district_on(facts.statements, before)


@given(histories(), st.data())
def test_what_is_said_again_changes_nothing(facts: PersonFacts, data: st.DataObject) -> None:
    """A file that repeats what was known is no news, whatever the day that is asked for."""
    newest = facts.statements[-1]
    again = (*facts.statements, replace(newest, file_date=newest.file_date + timedelta(days=30)))
    if newest.gone_from is None and newest.since is None and len(facts.statements) > 1:
        return  # a return without a date: the repetition is not stored either, see db/population.py
    if newest.absent or (newest.gone_from is not None and newest.status_date is None):
        return  # dated by the file, and not stored again either
    if newest.municipality != STOCKHOLM:
        return
    on = data.draw(days)
    assert lives(on, *again).here == lives(on, *facts.statements).here
    assert district_on(again, on) == district_on(facts.statements, on)
