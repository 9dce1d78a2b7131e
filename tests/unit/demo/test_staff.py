"""Who of the staff does what, who is away, whom schools report: decided without asking anybody."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from contracts.roles import Role
from contracts.tasks import TaskKind
from deploy.demo.away import Absence, ill_on, planned
from deploy.demo.behaviour import HOLD_DAYS, Behaviour, Found
from deploy.demo.municipality import FIRST_DAY, LAST_DAY, Municipality
from deploy.demo.schools import PERIOD, absent
from deploy.demo.staff import whose
from deploy.demo.views import Task
from deploy.sample.staff import CITY, colleagues, local_ids

THERE = ("anna", "bo")


def task(kind: TaskKind = TaskKind.CALL, staff: tuple[str, ...] = (), assigned_to: str | None = None) -> Task:
    return Task.model_validate(
        {
            "task_id": UUID(int=7), "youth_id": UUID(int=1), "kind": kind, "group": "coordinators",
            "district": "farsta", "attempt": 1, "not_before": None, "due_on": date(2025, 10, 10), "staff": staff,
            "state": "open", "opened_at": datetime(2025, 10, 6, tzinfo=UTC), "assigned_to": assigned_to,
        }
    )  # fmt: skip


def test_everybody_does_what_is_theirs() -> None:
    assert whose(task(assigned_to="bo"), THERE) == "bo"
    assert whose(task(), THERE) in THERE  # nobody's: anybody's
    assert whose(task(assigned_to="cia"), THERE) is None  # away: hers, or her cover's
    assert whose(task(assigned_to=CITY), THERE) is None


def test_a_visit_is_made_by_the_two_who_are_named() -> None:
    assert whose(task(TaskKind.HOME_VISIT, ("cia", "bo"), "cia"), THERE) == "bo"
    assert whose(task(TaskKind.HOME_VISIT, ("cia", "dan"), "bo"), THERE) is None


def test_the_staff_of_each_district_and_of_the_city_can_be_registered() -> None:
    ids = [one.staff_id for one in colleagues()]
    assert len(set(ids)) == len(ids) == 11 * 3 + 2
    groups = {one.role: one.entry(FIRST_DAY)["group"] for one in colleagues()}
    assert groups[Role.SPECIAL_HANDLER] == "special_handlers"
    assert groups[Role.LOCAL_COORDINATOR] == groups[Role.KAA_COORDINATOR] == "coordinators"
    assert all(bool(one.districts) is (one.role is Role.LOCAL_COORDINATOR) for one in colleagues())


def test_absences_lie_in_the_year_with_and_without_a_cover_of_the_same_district() -> None:
    found = list(planned())
    assert {one.cover is None for one in found} == {True, False}
    for one in found:
        district = one.staff_id.removeprefix("lokal-").rpartition("-")[0]
        assert one.staff_id in local_ids(district)
        assert one.cover is None or one.cover in set(local_ids(district)) - {one.staff_id}
        assert FIRST_DAY < one.first_day < one.last_day < LAST_DAY
    assert all(FIRST_DAY < day < LAST_DAY for day in ill_on())
    week = Absence("anna", date(2025, 10, 6), date(2025, 10, 10))
    assert [week.includes(date(2025, 10, number)) for number in (5, 6, 10, 11)] == [False, True, True, False]


@pytest.mark.parametrize("covered", [60, 300])
def test_schools_report_pupils_who_are_enrolled_then(covered: int) -> None:
    found = list(absent(Municipality(1, covered).people(), Behaviour(1)))
    assert {one.placement.end_kind == "dropout" for one in found} == {True, False} or covered == 60
    for one in found:
        placement = one.placement
        assert placement.starts_on < one.told_on - PERIOD < LAST_DAY
        assert placement.ends_on is None or one.told_on < placement.ends_on or placement.end_kind != "dropout"


def test_a_number_is_found_by_what_there_is() -> None:
    behaviour = Behaviour(1)
    with_phone = {behaviour.find_details(key, has_phone=True, minor=True) for key in range(200)}
    assert with_phone == {Found.ANOTHER, Found.NOTHING}
    of_age = {behaviour.find_details(key, has_phone=False, minor=False) for key in range(200)}
    assert of_age == {Found.ENTERED, Found.NOTHING}
    minor = {behaviour.find_details(key, has_phone=False, minor=True) for key in range(200)}
    assert minor == {Found.ENTERED, Found.NOTHING, Found.GUARDIANS}


def test_who_is_held_is_drawn_by_the_day_and_not_by_how_often_it_is_asked() -> None:
    behaviour, asked_on = Behaviour(1), date(2025, 10, 20)
    first = [behaviour.hold(key, asked_on) for key in range(500)]
    assert first == [behaviour.hold(key, asked_on) for key in range(500)]
    held = [one for one in first if one is not None]
    assert 20 < len(held) < 60
    assert all(HOLD_DAYS[0] <= days <= HOLD_DAYS[1] for days, _ in held)
    assert {early for _, early in held} == {True, False}
    assert first != [behaviour.hold(key, asked_on + timedelta(days=31)) for key in range(500)]
