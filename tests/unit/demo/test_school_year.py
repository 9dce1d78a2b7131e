"""The demonstration's time, bookings and tolerance."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.districts import districts_on
from deploy.demo.checks import UNDER_WAY, last_letter_day
from deploy.demo.municipality import FIRST_DAY, Municipality, extract_days
from deploy.demo.school_year import BEGIN, END, fast_clock
from deploy.demo.staff import pair
from deploy.demo.tolerance import TOLERANCES, differences
from deploy.demo.views import SyncRun
from deploy.sample.extract import HORIZON
from services.outreach.domain.policy import load_policy
from services.outreach.settings import POLICIES
from tests.unit.sample.test_extract import covered

POLICY = load_policy(POLICIES / "stockholm.json")


def test_the_clock_shows_the_first_and_the_last_day_when_it_should() -> None:
    year_takes, begins_in = timedelta(minutes=4.6), timedelta(seconds=30)
    clock = fast_clock(year_takes, begins_in)
    assert clock.civil(clock.real_anchor) == BEGIN
    assert abs(clock.civil(clock.real_anchor + year_takes) - END) < timedelta(minutes=5)
    assert abs(clock.real(BEGIN) - datetime.now(UTC) - begins_in) < timedelta(seconds=10)  # noqa: TID251
    assert END.date() - FIRST_DAY < HORIZON


@given(st.integers(0, 10_000))
def test_a_visit_is_always_made_by_two(key: int) -> None:
    for district in districts_on(FIRST_DAY):
        first, second = pair(district.code, key)
        assert first != second


def run(day: int, finished_after: int) -> SyncRun:
    as_of = FIRST_DAY + timedelta(days=day)
    finished_at = datetime.combine(as_of, time(7), UTC) + timedelta(days=finished_after)
    return SyncRun(run_id=UUID(int=day), as_of=as_of, state="done", finished_at=finished_at)


def test_protection_counts_from_the_sync_that_brings_it() -> None:
    runs = [run(0, 1), run(14, 5), run(28, 1)]
    assert last_letter_day(date.min, runs) < FIRST_DAY
    assert last_letter_day(FIRST_DAY + timedelta(days=3), runs) == FIRST_DAY + timedelta(days=19) + UNDER_WAY
    assert last_letter_day(FIRST_DAY + timedelta(days=40), runs) == date.max


def test_three_hundred_are_covered_in_the_course_of_the_year() -> None:
    municipality = Municipality(1, 300)
    keys = {number: person.key for person in municipality.people() for number in person.numbers()}
    seen: set[int] = set()
    for day in extract_days():
        seen |= {keys[number] for number in covered(municipality.extract(day), day)}
    assert len(seen) == 300


def funnel(**changed: int) -> dict[str, object]:
    total = dict.fromkeys(TOLERANCES, 200) | {"reached_by": {"call": 50}, "ended_by": {"dead": 1}} | changed
    return {"total": total}


def test_the_tolerance_lets_small_differences_pass() -> None:
    assert list(differences(funnel(), funnel(reached=205, in_support=190))) == []


@pytest.mark.parametrize(
    "changed", [{"covered": 201}, {"reached": 180}, {"sought": 190}, {"reached_by": {"call": 80}}]
)
def test_the_tolerance_tells_what_differs(changed: dict[str, int]) -> None:
    assert len(list(differences(funnel(), funnel(**changed)))) == 1
