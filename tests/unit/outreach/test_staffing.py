"""Who is there, who covers whom, and who is given which task."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from contracts.tasks import TaskGroup
from services.outreach.domain.assignment import Work, assign, is_anybody_there, room
from services.outreach.domain.staffing import Absence, Member, covered_by, gone, uncovered

MONDAY = date(2026, 10, 5)
FRIDAY = date(2026, 10, 9)


def member(staff_id: str, *districts: str, **fields: Any) -> Member:
    return Member(
        **{
            "staff_id": staff_id,
            "group": TaskGroup.COORDINATORS,
            "districts": frozenset(districts),
            "capacity": 10,
            "active_from": date(2026, 1, 1),
            **fields,
        }
    )


def work(district: str | None = "farsta", **fields: Any) -> Work:
    group = TaskGroup.COORDINATORS
    return Work(**{"task_id": uuid4(), "group": group, "district": district, "day": MONDAY, **fields})


def owner(one: Work, *staff: Member) -> str | None:
    return assign([one], staff)[one.task_id]


def away(cover: str | None = None) -> tuple[Absence, ...]:
    return (Absence(MONDAY, FRIDAY, cover),)


def registered(*staff: Member) -> dict[str, Member]:
    return {one.staff_id: one for one in staff}


def test_a_task_goes_to_the_least_load_relative_to_capacity() -> None:
    busy = member("anna", "farsta", capacity=10, load=3)
    less = member("bo", "farsta", capacity=100, load=20)
    assert owner(work(), busy, less) == "bo"


def test_ties_go_by_staff_id_whatever_the_order() -> None:
    staff = [member(name, "farsta") for name in ("cilla", "anna", "bo")]
    assert owner(work(), *staff) == owner(work(), *reversed(staff)) == "anna"


def test_only_the_district_and_the_city_take_a_task() -> None:
    assert owner(work("farsta"), member("anna", "bromma")) is None
    assert owner(work("farsta"), member("anna", "bromma"), member("kim")) == "kim"
    assert owner(work(None), member("anna", "farsta")) is None  # a youth whose district is not known
    assert owner(work(None), member("kim")) == "kim"


def test_special_handlers_tasks_are_theirs_alone() -> None:
    handler = member("sam", group=TaskGroup.SPECIAL_HANDLERS)
    hidden = work(None, group=TaskGroup.SPECIAL_HANDLERS)
    assert owner(hidden, member("kim"), handler) == "sam"
    assert owner(hidden, member("kim")) is None
    assert owner(work(), handler) is None


def test_who_has_the_youth_goes_on_even_with_a_full_load() -> None:
    full = member("anna", "farsta", load=10)
    assert owner(work(keepers=("anna",)), full, member("bo", "farsta")) == "anna"
    assert owner(work(keepers=("gone", "anna")), full) == "anna"


def test_a_keeper_who_is_away_or_has_moved_is_not_waited_for() -> None:
    bo = member("bo", "farsta")
    assert owner(work(keepers=("anna",)), member("anna", "farsta", absences=away()), bo) == "bo"
    assert owner(work(keepers=("anna",)), member("anna", "bromma"), bo) == "bo"


def test_a_task_for_later_waits_for_its_keeper_to_come_back() -> None:
    anna = member("anna", "farsta", absences=away())
    later = work(keepers=("anna",), day=FRIDAY + timedelta(days=3))
    assert owner(later, anna, member("bo", "farsta")) == "anna"


def test_nobody_is_given_more_than_their_capacity() -> None:
    staff = [member("anna", "farsta", capacity=2), member("bo", "farsta", capacity=1)]
    owners = assign([work() for _ in range(5)], staff).values()
    assert sorted(str(one) for one in owners) == ["None", "None", "anna", "anna", "bo"]


def test_who_has_left_or_not_come_yet_is_given_nothing() -> None:
    assert owner(work(), member("anna", "farsta", active_to=MONDAY - timedelta(days=1))) is None
    assert owner(work(), member("anna", "farsta", active_from=FRIDAY)) is None
    assert owner(work(), member("anna", "farsta", active_to=MONDAY)) == "anna"  # the last day is one


def test_a_cover_who_is_there_covers() -> None:
    staff = registered(member("anna", "farsta", absences=away("bo")), member("bo", "farsta", "bromma"))
    assert uncovered(staff, MONDAY) == {}
    assert covered_by(staff, "bo", MONDAY) == {"anna": FRIDAY}
    assert covered_by(staff, "bo", FRIDAY + timedelta(days=1)) == {}


def test_a_cover_who_is_away_has_left_or_lacks_the_district_covers_nothing() -> None:
    anna = member("anna", "farsta", absences=away("bo"))
    for bo in (
        member("bo", "farsta", absences=(Absence(MONDAY, MONDAY),)),
        member("bo", "farsta", active_to=date(2026, 9, 1)),
        member("bo", "bromma"),
        member("bo", group=TaskGroup.SPECIAL_HANDLERS),
    ):
        staff = registered(anna, bo)
        assert uncovered(staff, MONDAY)["anna"] == FRIDAY
        assert covered_by(staff, "bo", MONDAY) == {}


def test_an_absence_until_further_notice_has_no_last_day() -> None:
    anna = member("anna", "farsta", absences=(Absence(MONDAY, FRIDAY), Absence(MONDAY)))
    assert uncovered(registered(anna), FRIDAY) == {"anna": None}


def test_a_person_of_one_district_does_not_cover_one_of_the_city() -> None:
    assert not member("bo", "farsta").can_cover(member("kim"))
    assert member("kim").can_cover(member("bo", "farsta"))
    assert not member("kim").can_cover(member("kim"))


def test_who_has_left_is_gone() -> None:
    left = member("anna", active_to=MONDAY - timedelta(days=1))
    assert gone(registered(left, member("bo"), member("cilla", active_from=FRIDAY)), MONDAY) == ("anna", "cilla")


def test_room_is_what_the_present_have_left() -> None:
    staff = [
        member("anna", "farsta", load=8),
        member("bo", "bromma", load=10),
        member("cilla", "jarva", absences=away()),
    ]
    assert room(TaskGroup.COORDINATORS, MONDAY, staff).districts == ("farsta",)
    assert room(TaskGroup.COORDINATORS, MONDAY, staff).tasks == 2
    assert not room(TaskGroup.SPECIAL_HANDLERS, MONDAY, staff).tasks


DISTRICTS = st.sampled_from(["farsta", "bromma", "jarva"])
STAFF = st.lists(
    st.builds(
        member,
        st.sampled_from("abcdefgh"),
        capacity=st.integers(1, 4),
        load=st.integers(0, 4),
        districts=st.frozensets(DISTRICTS, max_size=2),
        group=st.sampled_from(TaskGroup),
        absences=st.sampled_from([(), away()]),
    ),
    unique_by=lambda one: one.staff_id,
)
WORKS = st.lists(
    st.builds(
        work,
        st.one_of(st.none(), DISTRICTS),
        group=st.sampled_from(TaskGroup),
        day=st.sampled_from([MONDAY, FRIDAY + timedelta(days=7)]),
        keepers=st.lists(st.sampled_from("abcdefgh"), max_size=2).map(tuple),
    ),
    max_size=12,
)


@given(WORKS, STAFF)
def test_every_task_is_given_to_somebody_who_may_and_can_or_nobody_has_room(
    works: list[Work], staff: list[Member]
) -> None:
    given_to = assign(works, staff)
    members = registered(*staff)
    assert set(given_to) == {one.task_id for one in works}
    assert given_to == assign(works, reversed(staff))  # nothing depends on the order of the register
    load = {one.staff_id: one.load for one in staff}
    for one in works:
        owner_id = given_to[one.task_id]
        if owner_id is not None:
            chosen = members[owner_id]
            assert chosen.may_take(one.group, one.district)
            assert chosen.is_present(one.day)
            assert owner_id in one.keepers or load[owner_id] < chosen.capacity
            load[owner_id] += 1
        elif is_anybody_there(one, staff):
            able = [two for two in staff if two.may_take(one.group, one.district) and two.is_present(one.day)]
            assert all(load[two.staff_id] >= two.capacity for two in able)
            assert not {two.staff_id for two in able} & set(one.keepers)


def test_the_id_of_a_task_decides_nothing() -> None:
    first, second = work(task_id=UUID(int=1)), work(task_id=UUID(int=2))
    staff = (member("anna", "farsta"), member("bo", "farsta"))
    assert owner(first, *staff) == owner(second, *staff)
