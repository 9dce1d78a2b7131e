"""Who begins today: oldest first, as many as can be taken, and nobody past the month."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from contracts.intake import IntakePlan
from contracts.policy import OutreachPolicy
from contracts.tasks import TaskGroup
from services.outreach.domain import intake
from services.outreach.domain.intake import Waiting, at_work, capacity, plan, why_no_intake
from services.outreach.domain.policy import load_policy
from services.outreach.domain.staffing import Absence, Member
from services.outreach.settings import POLICIES

POLICY = load_policy(POLICIES / "stockholm.json")
SPREAD = POLICY.model_copy(update={"intake": "spread"})
MONDAY = date(2026, 9, 21)
DAY = timedelta(days=1)
DISTRICTS = ("farsta", "bromma", None)

youths = st.builds(
    lambda number, district, waited: Waiting(
        youth_id=UUID(int=number),
        episode_id=UUID(int=number + 2**64),
        district=district,
        registered_on=MONDAY - waited * DAY,
        start_by=MONDAY - waited * DAY + 30 * DAY,
    ),
    number=st.integers(1, 2**32),
    district=st.sampled_from(DISTRICTS),
    waited=st.integers(0, 45),
)
queues = st.lists(youths, max_size=40, unique_by=lambda one: one.youth_id)
counts = st.dictionaries(st.sampled_from(DISTRICTS), st.integers(0, 8))
shares = st.dictionaries(st.sampled_from(("farsta", "bromma")), st.floats(0, 6))


@given(queue=queues, begun=counts, staff=shares)
def test_an_intake(queue: list[Waiting], begun: dict[str | None, int], staff: dict[str, float]) -> None:
    planned = plan(POLICY, MONDAY, queue, begun, staff)
    picked = {pick.youth_id for pick in planned.picks}
    assert len(picked) == len(planned.picks) == sum(one.picked for one in planned.districts)
    assert {one.district for one in planned.districts} == {one.district for one in queue}

    # The month is a promise: who has no later working day than the next one is begun with, whatever the capacity.
    urgent = {one.youth_id for one in queue if one.start_by <= MONDAY + DAY}
    assert urgent <= picked
    assert {pick.youth_id for pick in planned.picks[: len(urgent)]} == urgent, "and goes first"

    for district in planned.districts:
        there = [one for one in queue if one.district == district.district]
        begin = [one for one in there if one.youth_id in picked]
        assert (district.waiting, district.picked) == (len(there), len(begin))
        # The limit holds back all others...
        room = max(0, district.capacity - begun.get(district.district, 0))
        assert len(begin) <= max(room, district.urgent)
        # ...oldest first, and nobody waits while there is room.
        left = [one for one in there if one.youth_id not in picked]
        assert all(a.registered_on <= b.registered_on for a in begin for b in left)
        assert not left or len(begin) >= room
    order = [next(one for one in queue if one.youth_id == pick.youth_id) for pick in planned.picks[len(urgent) :]]
    assert all(a.registered_on <= b.registered_on for a, b in pairwise(order))


@given(queue=queues, begun=counts)
def test_repeated_on_the_same_day_it_adds_nothing(queue: list[Waiting], begun: dict[str | None, int]) -> None:
    first = plan(POLICY, MONDAY, queue, begun, {})
    picked = {pick.youth_id for pick in first.picks}
    left = [one for one in queue if one.youth_id not in picked]
    now_begun = {d: begun.get(d, 0) + _picked(first, d) for d in DISTRICTS}
    assert plan(POLICY, MONDAY, left, now_begun, {}).picks == ()


def _picked(planned: IntakePlan, district: str | None) -> int:
    return sum(one.picked for one in planned.districts if one.district == district)


@given(waited=st.lists(st.integers(0, 29), max_size=60), holiday=st.integers(1, 40))
def test_on_working_days_alone_nobody_waits_past_the_month(waited: list[int], holiday: int) -> None:
    """Without any youth's own timer, with no capacity at all, over weekends and a long holiday."""
    free = tuple(sorted({MONDAY + (holiday + n) * DAY for n in range(4)}))
    policy: OutreachPolicy = POLICY.model_copy(update={"holidays": free})
    left = [
        Waiting(
            youth_id=UUID(int=n + 1), episode_id=UUID(int=n + 1), district="farsta",
            registered_on=MONDAY - days * DAY, start_by=MONDAY - days * DAY + 30 * DAY,
        )
        for n, days in enumerate(waited)
    ]  # fmt: skip
    for day in (MONDAY + n * DAY for n in range(60)):
        if why_no_intake(policy, day) is None:
            picks = {pick.youth_id for pick in plan(policy, day, left, {}, {"farsta": 0.0}).picks}
            assert all(one.start_by >= day for one in left if one.youth_id in picks)
            left = [one for one in left if one.youth_id not in picks]
    assert left == []


def member(staff_id: str, *districts: str, **fields: Any) -> Member:
    return Member(
        **{
            "staff_id": staff_id, "group": TaskGroup.COORDINATORS, "districts": frozenset(districts),
            "capacity": 30, "active_from": MONDAY - 100 * DAY, **fields,
        }
    )  # fmt: skip


def test_coordinators_count_where_they_work_when_they_are_there() -> None:
    away = (Absence(first_day=MONDAY, last_day=MONDAY),)
    staff = (
        member("a", "farsta"),
        member("b", "farsta", "bromma"),
        member("c", "bromma", absences=away),
        member("d", "jarva", absences=away),
        member("e", "skarholmen", active_to=MONDAY - DAY),
        member("f"),
        member("g", "farsta", group=TaskGroup.SPECIAL_HANDLERS),
    )
    assert at_work(staff, MONDAY) == {"farsta": 1.5, "bromma": 0.5, "jarva": 0.0}
    assert at_work(staff, MONDAY + DAY) == {"farsta": 1.5, "bromma": 1.5, "jarva": 1.0}


def test_capacity_is_of_those_at_work_and_the_policys_where_nobody_is_named() -> None:
    assert capacity(POLICY, None) == 6
    assert capacity(POLICY, 0) == 0
    assert capacity(POLICY, 2.5) == 5
    assert capacity(POLICY, 1 / 3) == 1, "a share of somebody is somebody"
    assert capacity(POLICY, 1 / 3 + 1 / 3 + 1 / 3) == 2


def test_there_is_no_intake_on_a_day_off_or_by_another_policy() -> None:
    assert why_no_intake(POLICY, MONDAY) is None
    assert why_no_intake(POLICY, MONDAY + 5 * DAY) == "no working day"
    assert why_no_intake(POLICY, date(2026, 12, 24)) == "no working day"
    assert why_no_intake(SPREAD, MONDAY) == "the policy spreads starts by the youth's id"


def test_a_plan_fits_into_one_payload() -> None:
    many = [
        Waiting(
            youth_id=UUID(int=n + 1), episode_id=UUID(int=n + 1), district="farsta",
            registered_on=MONDAY - 40 * DAY, start_by=MONDAY - 10 * DAY,
        )
        for n in range(intake.MOST_PICKS + 5)
    ]  # fmt: skip
    planned = plan(POLICY, MONDAY, many, {}, {})
    assert len(planned.picks) == intake.MOST_PICKS
    assert len(planned.model_dump_json()) < 1_000_000
