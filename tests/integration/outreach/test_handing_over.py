"""Giving one task to one of the staff."""

import asyncio

import asyncpg
import httpx
import pytest

from contracts.reasons import Step
from services.outreach.settings import Settings
from tests.integration.outreach.conftest import Record
from tests.integration.outreach.staff import As, Office, ids
from tests.integration.outreach.youths import Youth, cancelled, protected_task

pytestmark = pytest.mark.stack


@pytest.fixture
async def office(api: httpx.AsyncClient, as_: As, settings: Settings) -> Office:
    office = Office(api, as_, settings.clock.today())
    await office.put("anna", "farsta")
    await office.put("bo", "farsta", capacity=1)
    await office.put("dora", "bromma")
    return office


async def opened(record: Record, youth: Youth) -> str:
    spec = youth.spec()
    await record(youth.opening(spec))
    return str(spec.task_id)


async def assign(office: Office, who: str, task_id: str, to: str, *districts: str) -> httpx.Response:
    headers = office.as_("local_coordinator", *(districts or ("farsta",)), subject=who)
    return await office.api.post(f"/tasks/{task_id}/assign", json={"to": to}, headers=headers)


async def test_a_colleague_gets_it_whatever_their_load(office: Office, record: Record, pool: asyncpg.Pool) -> None:
    tasks = [await opened(record, Youth()) for _ in range(3)]
    owners = [await office.owner(task_id) for task_id in tasks]
    given = [await assign(office, "anna", task_id, "bo") for task_id in tasks]
    assert [answer.status_code for answer in given] == [200] * 3
    assert {answer.json()["assigned_to"] for answer in given} == {"bo"}
    assert ids(await office.list_of("bo", "farsta")) == set(tasks)
    again = await assign(office, "anna", tasks[0], "bo")
    assert again.json() == given[0].json()
    # Each that changed hands is on record once: in the history and in the audit.
    changed = len([owner for owner in owners if owner != "bo"])
    for statement in (
        "select count(*) from task_history where event = 'assigned' and actor = 'anna' and assigned_to = 'bo'",
        "select count(*) from audit where (action, actor, role) = ('task.assigned', 'anna', 'local_coordinator')",
    ):
        assert await pool.fetchval(statement) == changed


async def test_who_has_claimed_it_finishes_it(office: Office, record: Record) -> None:
    task_id = await opened(record, Youth())
    claim = f"/tasks/{task_id}/claim"
    anna = office.as_("local_coordinator", "farsta", subject="anna")
    assert (await office.api.post(claim, headers=anna)).status_code == 200
    given = (await assign(office, "bo", task_id, "bo")).json()
    assert (given["assigned_to"], given["claimed_by"]) == ("bo", "anna")
    bo = office.as_("local_coordinator", "farsta", subject="bo")
    assert (await office.api.post(claim, headers=bo)).status_code == 409


async def test_the_receiver_must_be_there_and_of_the_district(office: Office, record: Record) -> None:
    task_id = await opened(record, Youth())
    owner = await office.owner(task_id)
    await office.put("cilla", "farsta", active_to=office.day(-1))
    await office.put("eva", "farsta")
    await office.away("eva")
    await office.put("sam", group="special_handlers")
    refused = {to: await assign(office, "anna", task_id, to) for to in ("cilla", "eva", "nobody", "dora", "sam")}
    assert {to: answer.json()["reason"] for to, answer in refused.items()} == {
        "cilla": "staff-not-there",
        "eva": "staff-not-there",
        "nobody": "staff-not-there",
        "dora": "not-of-their-district",
        "sam": "not-of-their-district",
    }
    assert {answer.status_code for answer in refused.values()} == {409}
    assert await office.owner(task_id) == owner


async def test_only_what_the_caller_sees_and_is_open(office: Office, record: Record) -> None:
    youth = Youth()
    spec = youth.spec()
    await record(youth.opening(spec))
    task_id = str(spec.task_id)
    assert (await assign(office, "dora", task_id, "dora", "bromma")).status_code == 404
    hidden = Youth(district=None)
    protected = protected_task(hidden)
    await record(hidden.opening(protected, step=Step.MANUAL))
    city = await office.api.post(f"/tasks/{protected.task_id}/assign", json={"to": "anna"}, headers=office.city)
    assert city.status_code == 404
    await record(youth.progress(closed=(cancelled(spec),)))
    assert (await assign(office, "anna", task_id, "bo")).json()["reason"] == "task-not-current"


async def test_two_who_register_a_member_at_once_do_not_overwrite_each_other(office: Office) -> None:
    async def put(capacity: int) -> int:
        body = {"districts": ["farsta"], "capacity": capacity, "active_from": "2026-01-01"}
        return (await office.api.put("/staff/fia", json=body, headers=office.city)).status_code

    assert sorted(await asyncio.gather(put(10), put(20))) == [201, 428]


async def test_who_reads_the_staff_register_is_on_record(office: Office, pool: asyncpg.Pool) -> None:
    before = await pool.fetchval("select max(id) from audit")
    await office.api.get("/staff", headers=office.city)
    await office.api.get("/staff/bo", headers=office.city)
    rows = await pool.fetch("select actor, role, action, subject from audit where id > $1 order by id", before)
    assert [tuple(row) for row in rows] == [
        ("kim", "kaa_coordinator", "staff.list", None),
        ("kim", "kaa_coordinator", "staff.read", "bo"),
    ]
