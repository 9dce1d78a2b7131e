"""The demonstration's time, bookings and tolerance."""

from datetime import UTC, datetime, timedelta

import pytest

from deploy.demo.municipality import FIRST_DAY, Municipality, extract_days
from deploy.demo.school_year import BEGIN, END, fast_clock
from deploy.demo.tolerance import TOLERANCES, differences
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
