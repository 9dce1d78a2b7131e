"""Home visits in the calendars of the staff: held, booked, given back, never twice; the day of a pair."""

import asyncio
from datetime import datetime, time, timedelta
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from chassis.clock import STOCKHOLM
from chassis.postgres import transaction
from chassis.problems import Problem
from contracts.reasons import EndReason, Step
from contracts.tasks import HomeVisitOutcome, HomeVisitResult, Outcome, PlanHomeVisitOutcome, TaskKind
from services.outreach import booking
from services.outreach.db import journeys
from services.outreach.domain.policy import load_policy
from services.outreach.settings import POLICIES, Settings
from tests.integration.outreach.conftest import Record
from tests.integration.outreach.staff import As, Office
from tests.integration.outreach.youths import Youth, cancelled, completed

pytestmark = pytest.mark.stack
POLICY = load_policy(POLICIES / "stockholm.json")
NOBODY_HOME = HomeVisitOutcome(result=HomeVisitResult.NOBODY_HOME)
CALLED_OFF = HomeVisitOutcome(result=HomeVisitResult.CALLED_OFF)


@pytest.fixture
def office(api: httpx.AsyncClient, as_: As, settings: Settings) -> Office:
    return Office(api, as_, settings.clock.today())


@pytest.fixture
def soon(settings: Settings) -> datetime:
    """Two o'clock in three days."""
    return datetime.combine(settings.clock.today() + timedelta(days=3), time(14), STOCKHOLM)


async def hold(pool: asyncpg.Pool, youth: Youth, at: datetime, *staff: str, key: str = "key-12345") -> None:
    plan = PlanHomeVisitOutcome(visit_at=at, staff=(staff[0], staff[1]))
    async with transaction(pool) as conn:
        await booking.hold(conn, youth.youth_id, key, plan, POLICY)


async def booked(record: Record, youth: Youth, at: datetime, *staff: str, key: str | None = None) -> UUID:
    """Record that a visit is planned, as the workflow does; returns its id."""
    spec = youth.spec(TaskKind.HOME_VISIT, not_before=at, staff=staff or ("anna", "bo"))
    await record(youth.opening(spec, step=Step.DOOR_CARD, decision_key=key))
    return spec.task_id


async def calendar(pool: asyncpg.Pool) -> list[tuple[str, bool]]:
    """Return who is taken, and whether it is for a visit that is booked."""
    rows = await pool.fetch("select staff_id, task_id is not null as booked from calendar order by 1, 2")
    return [(row["staff_id"], row["booked"]) for row in rows]


async def state(pool: asyncpg.Pool, visit_id: UUID) -> str | None:
    found: str | None = await pool.fetchval("select state from visits where task_id = $1", visit_id)
    return found


# --- held and booked ---


async def test_what_is_held_for_a_decision_is_booked_with_it(
    pool: asyncpg.Pool, record: Record, soon: datetime
) -> None:
    youth = Youth()
    await hold(pool, youth, soon, "bo", "anna")
    assert await calendar(pool) == [("anna", False), ("bo", False)]
    visit_id = await booked(record, youth, soon, "bo", "anna", key="key-12345")
    assert await calendar(pool) == [("anna", True), ("bo", True)]
    row = await pool.fetchrow("select * from visits where task_id = $1", visit_id)
    assert row is not None
    assert (row["staff"], row["ends_at"] - row["starts_at"]) == (["bo", "anna"], POLICY.visit_length)


async def test_of_two_youths_for_whom_the_same_two_are_wanted_at_once_one_gets_them(
    pool: asyncpg.Pool, soon: datetime
) -> None:
    wanted = [
        hold(pool, Youth(), soon + timedelta(minutes=10 * number), *staff)
        for number, staff in enumerate([("anna", "bo"), ("bo", "anna"), ("bo", "cia"), ("dag", "bo")])
    ]
    outcomes = await asyncio.gather(*wanted, return_exceptions=True)
    refused = [one for one in outcomes if one is not None]
    assert len(refused) == 3
    assert all(isinstance(one, Problem) and one.code == "staff-not-free" for one in refused)
    assert len(await calendar(pool)) == 2


async def test_the_next_visit_may_begin_when_the_one_before_ends(pool: asyncpg.Pool, soon: datetime) -> None:
    await hold(pool, Youth(), soon, "anna", "bo")
    await hold(pool, Youth(), soon + POLICY.visit_length, "anna", "bo")
    with pytest.raises(Problem) as refused:
        await hold(pool, Youth(), soon + timedelta(minutes=30), "anna", "cia")
    assert refused.value.extensions["staff"] == [{"staff_id": "anna", "why": "at_another_visit"}]


async def test_no_process_can_book_anybody_twice(pool: asyncpg.Pool, soon: datetime) -> None:
    """Not by our care but by the database's."""
    await hold(pool, Youth(), soon, "anna", "bo")
    with pytest.raises(asyncpg.ExclusionViolationError):
        await pool.execute(
            "insert into calendar values ('anna', tstzrange($1, $2), $3, 'key-2')",
            soon + timedelta(minutes=59),
            soon + timedelta(hours=2),
            uuid4(),
        )


async def test_who_is_away_or_not_of_the_staff_makes_no_visit(
    pool: asyncpg.Pool, office: Office, soon: datetime
) -> None:
    await office.put("anna", "farsta")
    await office.put("bo", "farsta")
    await office.away("bo", first=2, last=3)
    with pytest.raises(Problem) as refused:
        await hold(pool, Youth(), soon, "bo", "eli")
    assert refused.value.extensions["staff"] == [
        {"staff_id": "bo", "why": "away"},
        {"staff_id": "eli", "why": "not_in_register"},
    ]
    assert refused.value.detail is not None
    assert await calendar(pool) == []
    await office.put("eli", "farsta")
    await hold(pool, Youth(), soon, "anna", "eli")


@pytest.mark.parametrize(
    ("outcome", "became"), [(NOBODY_HOME, "done"), (CALLED_OFF, "called_off"), (None, "cancelled")]
)
async def test_a_visit_that_is_over_gives_the_time_back(
    pool: asyncpg.Pool, record: Record, soon: datetime, outcome: Outcome | None, became: str
) -> None:
    youth = Youth()
    spec = youth.spec(TaskKind.HOME_VISIT, not_before=soon)
    await record(youth.opening(spec, step=Step.DOOR_CARD))
    over = completed(spec, outcome) if outcome else cancelled(spec)
    await record(youth.progress(Step.MAPPING, closed=(over,)))
    assert await state(pool, spec.task_id) == became
    assert await calendar(pool) == []


async def test_what_ends_the_planning_gives_back_what_was_held(
    pool: asyncpg.Pool, record: Record, soon: datetime
) -> None:
    youth, other = Youth(), Youth()
    planning = youth.spec(TaskKind.PLAN_HOME_VISIT)
    await record(youth.opening(planning, step=Step.TRIED_TO_REACH))
    await hold(pool, youth, soon, "anna", "bo")
    await hold(pool, other, soon, "cia", "dag")
    await record(youth.progress(Step.MAPPING, closed=(cancelled(planning),)))  # the youth has answered
    assert await calendar(pool) == [("cia", False), ("dag", False)]
    await record(other.progress(Step.ENDED, ended=EndReason.STARTED_SCHOOL))
    assert await calendar(pool) == []


async def test_a_visit_whose_end_was_recorded_before_it_takes_no_time(
    pool: asyncpg.Pool, record: Record, soon: datetime
) -> None:
    youth = Youth()
    spec = youth.spec(TaskKind.HOME_VISIT, not_before=soon)
    opening = youth.opening(spec, step=Step.DOOR_CARD)
    await record(youth.progress(Step.MAPPING, closed=(cancelled(spec),)), opening)
    assert await calendar(pool) == []
    assert await state(pool, spec.task_id) is None


# --- free slots ---


async def test_free_slots_are_those_of_the_district_in_which_two_are_there(
    api: httpx.AsyncClient, as_: As, office: Office, pool: asyncpg.Pool
) -> None:
    for name, district in (("anna", "farsta"), ("bo", "farsta"), ("cia", "farsta"), ("dag", "bromma")):
        await office.put(name, district)
    headers = as_("local_coordinator", "farsta", subject="anna")
    page = (await api.get("/visits/free-slots", params={"district": "farsta", "limit": 3}, headers=headers)).json()
    first = page["items"][0]
    assert (first["staff"], first["free"]) == (["anna", "bo"], ["anna", "bo", "cia"])
    assert page["next"] == page["items"][-1]["starts_at"]
    following = await api.get(
        "/visits/free-slots", params={"district": "farsta", "limit": 3, "after": page["next"]}, headers=headers
    )
    assert following.json()["items"][0]["starts_at"] > page["next"]

    await hold(pool, Youth(), datetime.fromisoformat(first["starts_at"]), "anna", "bo")
    again = (await api.get("/visits/free-slots", params={"district": "farsta"}, headers=headers)).json()
    assert again["items"][0]["starts_at"] != first["starts_at"]  # only one is left at that time
    mine = {"district": "farsta", "staff": ["me", "cia"]}
    assert (await api.get("/visits/free-slots", params=mine, headers=headers)).json()["items"][0]["staff"] == [
        "anna",
        "cia",
    ]
    elsewhere = await api.get("/visits/free-slots", params={"district": "bromma"}, headers=headers)
    assert elsewhere.status_code == 403
    assert (await api.get("/visits/free-slots", headers=headers)).status_code == 422


async def test_free_slots_for_a_youth_end_with_the_duty_and_are_none_for_a_protected_one(
    api: httpx.AsyncClient, as_: As, office: Office, record: Record, pool: asyncpg.Pool
) -> None:
    await office.put("anna", "farsta")
    await office.put("bo", "farsta")
    youth = Youth()
    await record(youth.progress())
    path, headers = f"/visits/free-slots?youth_id={youth.youth_id}", as_("kaa_coordinator")
    assert (await api.get(path, headers=headers)).json()["items"]
    await pool.execute("update journeys set last_covered_day = $1", office.today - timedelta(days=1))
    assert (await api.get(path, headers=headers)).json() == {"items": [], "next": None}
    await pool.execute("update journeys set protected = true, district = null")
    assert (await api.get(path, headers=headers)).status_code == 404
    assert (await api.get(path, headers=as_("special_handler"))).json()["reason"] == "protected"


# --- the day of a pair ---


async def test_the_day_list_of_a_pair_is_in_the_order_of_the_times(
    api: httpx.AsyncClient, as_: As, record: Record, soon: datetime
) -> None:
    afternoon = await booked(record, Youth(), soon + timedelta(hours=2))
    morning = await booked(record, Youth(), soon - timedelta(hours=3))
    await booked(record, Youth(), soon + timedelta(days=1))
    with_another = await booked(record, Youth(), soon, "anna", "cia")
    params = {"date": soon.date().isoformat(), "staff": ["bo", "anna"]}
    pair = (await api.get("/visits/day-list", params=params, headers=as_("kaa_coordinator", subject="kim"))).json()
    assert [item["visit_id"] for item in pair["items"]] == [str(morning), str(afternoon)]
    mine = await api.get(
        "/visits/day-list", params={"date": params["date"]}, headers=as_("local_coordinator", "farsta")
    )
    assert [item["visit_id"] for item in mine.json()["items"]] == [str(morning), str(with_another), str(afternoon)]
    assert set(mine.json()["items"][0]) == {
        "visit_id", "youth_id", "district", "attempt", "staff", "starts_at", "ends_at", "state", "checked_in_at",
        "check_out_by", "checked_out_at", "alarm_id", "missed_alarm_id",
    }  # fmt: skip


async def test_on_the_day_list_is_nobody_whom_the_caller_may_not_see(
    api: httpx.AsyncClient, as_: As, record: Record, soon: datetime
) -> None:
    await booked(record, Youth(), soon)
    params = {"date": soon.date().isoformat(), "staff": ["anna"]}
    for headers, shown in (
        (as_("local_coordinator", "farsta", subject="eli"), 1),
        (as_("local_coordinator", "bromma", subject="eli"), 0),
        (as_("local_coordinator", "bromma", subject="bo"), 1),  # one of the two, covering in another district
        (as_("special_handler", subject="sam"), 0),
    ):
        items = (await api.get("/visits/day-list", params=params, headers=headers)).json()["items"]
        assert len(items) == shown, headers


async def test_a_protected_youth_is_never_on_it_nor_one_whose_visit_is_called_off(
    api: httpx.AsyncClient, as_: As, record: Record, pool: asyncpg.Pool, soon: datetime
) -> None:
    protected, ill = Youth(), Youth()
    hidden = await booked(record, protected, soon)
    off = ill.spec(TaskKind.HOME_VISIT, not_before=soon + timedelta(hours=2))
    await record(
        ill.opening(off, step=Step.DOOR_CARD),
        ill.progress(Step.TRIED_TO_REACH, closed=(completed(off, CALLED_OFF),)),
    )
    await pool.execute(journeys.TASKS_FOLLOW, protected.youth_id, True, None, soon)
    for headers in (as_("kaa_coordinator"), as_("special_handler"), as_("local_coordinator", subject="bo")):
        params = {"date": soon.date().isoformat(), "staff": ["anna"]}
        assert (await api.get("/visits/day-list", params=params, headers=headers)).json()["items"] == []
    assert (await api.get(f"/visits/{hidden}", headers=as_("kaa_coordinator"))).status_code == 404
    assert (await api.get(f"/visits/{hidden}", headers=as_("special_handler", subject="sam"))).status_code == 200
    looks = await pool.fetch("select actor, role from audit where action = 'visit.read'")
    assert [tuple(look) for look in looks] == [("sam", "special_handler")]
    read = await api.get(f"/visits/{off.task_id}", headers=as_("kaa_coordinator"))
    assert read.json()["state"] == "called_off"
