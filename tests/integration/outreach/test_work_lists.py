"""The work lists of each kind of caller, and their counts."""

from datetime import timedelta

import httpx
import pytest

from contracts.reasons import Step
from services.outreach.db.lists import WorkList
from services.outreach.settings import Settings
from tests.integration.outreach.conftest import Record
from tests.integration.outreach.staff import As, Office, ids
from tests.integration.outreach.youths import Youth, cancelled, protected_task

pytestmark = pytest.mark.stack


@pytest.fixture
async def office(api: httpx.AsyncClient, as_: As, settings: Settings, record: Record) -> Office:
    """Two districts with a task due yesterday, today and tomorrow each, a closed one, and a protected youth's."""
    office = Office(api, as_, settings.clock.today())
    await office.put("anna", "farsta", capacity=1)
    for district in ("farsta", "bromma"):
        for days in (-1, 0, 1):
            youth = Youth(district=district)
            await record(youth.opening(youth.spec(due_on=office.today + timedelta(days=days))))
        youth = Youth(district=district)
        over = youth.spec(due_on=office.today)
        await record(youth.opening(over), youth.progress(closed=(cancelled(over),)))
    youth = Youth(district=None)
    await record(youth.opening(protected_task(youth), step=Step.MANUAL))
    return office


CALLERS = {
    "anna": ("local_coordinator", ("farsta",)),
    "bo": ("local_coordinator", ("bromma",)),
    "kim": ("kaa_coordinator", ()),
    "sam": ("special_handler", ()),
}
EXPECTED = {
    "anna": {"mine": 1, "district": 3, "unassigned": 2, "overdue": 1, "today": 1, "escalated": 0},
    "bo": {"mine": 0, "district": 3, "unassigned": 3, "overdue": 1, "today": 1, "escalated": 0},
    "kim": {"mine": 0, "district": 6, "unassigned": 5, "overdue": 2, "today": 2, "escalated": 0},
    "sam": {"mine": 0, "district": 1, "unassigned": 1, "overdue": 1, "today": 0, "escalated": 0},
}


async def test_the_counts_are_the_lists(office: Office) -> None:
    for who, (role, districts) in CALLERS.items():
        headers = office.as_(role, *districts, subject=who)
        counted = (await office.api.get("/tasks/summary", headers=headers)).json()
        assert counted == EXPECTED[who]
        assert {one.value: len(await office.items(headers, list=one.value)) for one in WorkList} == counted


async def test_no_list_shows_what_access_forbids(office: Office) -> None:
    for who, (role, districts) in CALLERS.items():
        headers = office.as_(role, *districts, subject=who)
        may_see = ids(await office.items(headers))
        for wanted in WorkList:
            assert ids(await office.items(headers, list=wanted.value)) <= may_see
        if districts:
            assert {task["district"] for task in await office.items(headers, list="district")} == set(districts)


async def test_the_city_counts_one_district(office: Office) -> None:
    answer = await office.api.get("/tasks/summary", params={"district": "bromma"}, headers=office.city)
    assert answer.json() == EXPECTED["bo"]


async def test_a_list_takes_the_other_filters_and_is_paged(office: Office) -> None:
    whole = await office.items(office.city, list="unassigned")
    page = (await office.api.get("/tasks", params={"list": "unassigned", "limit": 2}, headers=office.city)).json()
    params = {"list": "unassigned", "cursor": page["next"]}
    rest = (await office.api.get("/tasks", params=params, headers=office.city)).json()
    assert page["items"] + rest["items"] == whole
    assert len(await office.items(office.city, list="unassigned", district="bromma", kind="call")) == 3
    assert len(await office.items(office.city, assigned_to="anna")) == 1
    assert await office.items(office.city, list="mine", kind="mapping") == []
    wrong = await office.api.get("/tasks", params={"list": "yours"}, headers=office.city)
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "query.list")
