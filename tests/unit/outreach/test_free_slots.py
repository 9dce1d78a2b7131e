"""Times for home visits: never fewer than two staff, on a holiday or its eve, too soon, or twice the same."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.clock import STOCKHOLM
from contracts.policy import HourSlot
from contracts.tasks import TaskGroup
from services.outreach.domain.free_slots import Busy, Slot, free_slots, later
from services.outreach.domain.policy import load_policy
from services.outreach.domain.staffing import Absence, Member
from services.outreach.domain.visit_staff import candidates, why_not_there
from services.outreach.settings import POLICIES
from workflows.youth_outreach.dates import why_no_visit_at

POLICY = load_policy(POLICIES / "stockholm.json")
NAMES = ("anna", "bo", "cia", "dag")
NOW = datetime(2026, 10, 1, 9, tzinfo=STOCKHOLM)
LAST_DAY = date(2028, 5, 5)


def member(staff_id: str, *absences: Absence, districts: tuple[str, ...] = ("farsta",)) -> Member:
    return Member(
        staff_id=staff_id, group=TaskGroup.COORDINATORS, districts=frozenset(districts), capacity=10,
        active_from=date(2026, 1, 1), absences=absences,
    )  # fmt: skip


def slots(
    *members: Member,
    busy: tuple[Busy, ...] = (),
    now: datetime = NOW,
    count: int = 30,
    wanted: tuple[str, ...] = (),
) -> list[Slot]:
    return list(islice(free_slots(POLICY, now, members, busy, wanted=frozenset(wanted)), count))


def visit(start: datetime, *staff: str, length: timedelta = timedelta(hours=1)) -> Busy:
    return Busy(tuple(staff), start, later(start, length))


# --- always ---

moments = st.integers(0, 700 * 24 * 4).map(
    lambda quarters: (datetime(2026, 1, 1, tzinfo=UTC) + quarters * timedelta(minutes=15)).astimezone(STOCKHOLM)
)


@st.composite
def absences(draw: st.DrawFn) -> Absence:
    first = date(2026, 1, 1) + timedelta(days=draw(st.integers(0, 700)))
    length = draw(st.one_of(st.none(), st.integers(0, 60)))
    return Absence(first, None if length is None else first + timedelta(days=length))


@st.composite
def visits_near(draw: st.DrawFn, now: datetime) -> Busy:
    start = now + timedelta(minutes=draw(st.integers(0, 40 * 24 * 4)) * 15)
    staff = draw(st.lists(st.sampled_from(NAMES), min_size=2, max_size=2, unique=True))
    return visit(start, *sorted(staff), length=timedelta(minutes=draw(st.integers(1, 300))))


@given(st.data(), moments, st.timedeltas(timedelta(minutes=20), timedelta(hours=4)))
def test_every_proposal_keeps_every_rule(data: st.DataObject, now: datetime, length: timedelta) -> None:
    policy = POLICY.model_copy(update={"visit_length": length})
    staff = [member(name, *data.draw(st.lists(absences(), max_size=2))) for name in NAMES]
    busy = data.draw(st.lists(visits_near(now), max_size=12))
    last_day = now.date() + timedelta(days=data.draw(st.integers(0, 60)))
    wanted = frozenset(data.draw(st.sets(st.sampled_from(NAMES), max_size=2)))
    by_id = {one.staff_id: one for one in staff}
    for slot in islice(free_slots(policy, now, staff, busy, last_day=last_day, wanted=wanted), 60):
        assert len(set(slot.staff)) == 2
        assert wanted <= set(slot.staff) <= set(slot.free)
        for name in slot.staff:
            assert by_id[name].is_present(slot.start.date()), "who is away goes nowhere"
            assert not any(
                name in one.staff and utc(one.start) < utc(slot.end) and utc(slot.start) < utc(one.end)
                for one in busy
            ), "nobody is at two visits"
        # The workflow, which has the last word: lead time, latest, working day, eves, hours, the duty.
        assert why_no_visit_at(policy, slot.start, now, last_day) is None
        assert slot.start.weekday() < 5
        assert slot.start.date() not in POLICY.holidays
        assert slot.start.time() >= policy.visit_hours.start
        assert slot.end.time() <= policy.visit_hours.end
        assert slot.end.date() == slot.start.date()


def utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


@given(moments)
def test_what_is_proposed_is_never_proposed_again_once_it_is_booked(now: datetime) -> None:
    staff, busy = [member("anna"), member("bo")], list[Busy]()
    for _ in range(12):
        slot = next(free_slots(POLICY, now, staff, busy))
        assert all(utc(one.end) <= utc(slot.start) or utc(slot.end) <= utc(one.start) for one in busy)
        busy.append(visit(slot.start, *slot.staff))


# --- by example ---


def test_the_first_slot_is_when_the_post_has_arrived() -> None:
    assert slots(member("anna"), member("bo"), count=1)[0].start == NOW + timedelta(days=7, hours=1)


def test_one_alone_makes_no_visit() -> None:
    assert slots(member("anna")) == []
    assert slots(member("anna"), member("bo", Absence(date(2026, 1, 1)))) == []


@pytest.mark.parametrize("eve", [date(2026, 12, 24), date(2026, 12, 31), date(2026, 6, 19)])
def test_no_visit_on_an_eve(eve: date) -> None:
    planned = datetime.combine(eve - timedelta(days=10), time(9), STOCKHOLM)
    days = {slot.start.date() for slot in slots(member("anna"), member("bo"), now=planned, count=200)}
    assert days
    assert eve not in days


def test_none_after_the_duty() -> None:
    found = free_slots(POLICY, NOW, [member("anna"), member("bo")], [], last_day=date(2026, 10, 7))
    assert list(found) == []


def test_the_pair_that_is_out_that_day_goes_on() -> None:
    first = slots(*map(member, NAMES), count=1)[0].start
    proposed = slots(*map(member, NAMES), busy=(visit(first, "cia", "dag"),), count=2)
    assert proposed[0].staff == ("anna", "bo")  # at the same time
    assert proposed[1].staff == ("cia", "dag")


def test_who_has_the_fewest_visits_goes_when_nobody_is_out() -> None:
    another_day = NOW + timedelta(days=14)
    proposed = slots(*map(member, NAMES), busy=(visit(another_day, "anna", "cia"),), count=1)
    assert proposed[0].staff == ("bo", "dag")


def test_one_is_asked_for_by_name() -> None:
    assert slots(*map(member, NAMES), wanted=("dag",), count=1)[0].staff == ("anna", "dag")
    assert slots(*map(member, NAMES), wanted=("dag", "cia"), count=1)[0].staff == ("cia", "dag")
    assert slots(*map(member, NAMES), wanted=("eli",)) == []


def test_a_policy_of_any_hour_has_slots_also_when_clocks_change() -> None:
    policy = POLICY.model_copy(
        update={
            "visit_hours": HourSlot(name="any", start=time(0), end=time(0)),
            "visit_lead_time": timedelta(0),
            "working_days_only": False,
        }
    )
    for day, hours in ((date(2026, 3, 29), 23), (date(2026, 10, 25), 25)):
        midnight = datetime.combine(day, time(0), STOCKHOLM)
        found = free_slots(policy, midnight, [member("anna"), member("bo")], [], last_day=day)
        assert len({utc(slot.start) for slot in found}) == hours


def test_who_can_be_named_for_a_visit() -> None:
    register = {"anna": member("anna", Absence(NOW.date())), "bo": member("bo")}
    assert why_not_there(register, ("anna", "bo"), NOW.date()) == {"anna": "away"}
    assert why_not_there(register, ("bo", "eli"), NOW.date()) == {"eli": "not_in_register"}
    assert why_not_there(register, ("bo",), date(2025, 1, 1)) == {"bo": "not_in_register"}
    assert why_not_there({}, ("eli", "fia"), NOW.date()) == {}, "a group without register does not use it"


def test_who_is_proposed_works_in_the_district_or_is_asked_for() -> None:
    register = {"anna": member("anna"), "cia": member("cia", districts=("kista",))}
    assert [one.staff_id for one in candidates(register, "farsta", ())] == ["anna"]
    assert [one.staff_id for one in candidates(register, "farsta", ("cia",))] == ["anna", "cia"]
    assert [one.staff_id for one in candidates({}, "farsta", ("eli", "fia"))] == ["eli", "fia"]
