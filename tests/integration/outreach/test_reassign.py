"""Handing many tasks over at once."""

from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from contracts.reasons import Step
from services.outreach.settings import Settings
from tests.integration.outreach.conftest import Record
from tests.integration.outreach.staff import As, Office, ids
from tests.integration.outreach.youths import Youth, protected_task

pytestmark = pytest.mark.stack


@pytest.fixture
async def office(api: httpx.AsyncClient, as_: As, settings: Settings, record: Record) -> Office:
    """Anna has six tasks of Farsta; bo and cilla have none yet; dora is of Bromma."""
    office = Office(api, as_, settings.clock.today())
    await office.put("anna", "farsta")
    for days in range(6):
        youth = Youth()
        await record(youth.opening(youth.spec(due_on=office.today + timedelta(days=days))))
    await office.put("bo", "farsta", capacity=3)
    await office.put("cilla", "farsta", capacity=2)
    await office.put("dora", "bromma")
    return office


async def reassign(office: Office, key: str = "reassign-1", **body: Any) -> httpx.Response:
    headers = {**office.city, "Idempotency-Key": key}
    return await office.api.post("/tasks/reassign", json=body, headers=headers)


async def test_a_dry_run_tells_how_many_and_changes_nothing(office: Office, pool: asyncpg.Pool) -> None:
    told = await reassign(office, which={"assigned_to": "anna"}, by_load=True)
    assert told.json() == {
        "dry_run": True, "found": 6, "moved": 5, "left": 1, "to": {"bo": 3, "cilla": 2}, "more": False,
    }  # fmt: skip
    assert len(await office.list_of("anna", "farsta")) == 6
    assert await pool.fetchval("select count(*) from reassignments") == 0


async def test_by_load_it_does_what_the_dry_run_told_once_per_key(office: Office, pool: asyncpg.Pool) -> None:
    wanted: dict[str, Any] = {"which": {"assigned_to": "anna"}, "by_load": True, "dry_run": False}
    done = await reassign(office, **wanted)
    assert done.json()["to"] == {"bo": 3, "cilla": 2}
    assert (await reassign(office, **wanted)).json() == done.json()
    assert [len(await office.list_of(one, "farsta")) for one in ("anna", "bo", "cilla")] == [1, 3, 2]
    # What nobody has room for stays where it is. Each task is on record.
    assert await pool.fetchval("select count(*) from audit where action = 'task.assigned' and actor = 'kim'") == 5
    moved = await pool.fetch("select assigned_to from task_history where event = 'assigned' and actor = 'kim'")
    assert sorted(row["assigned_to"] for row in moved) == ["bo"] * 3 + ["cilla"] * 2
    reused = await reassign(office, which={"district": "farsta"}, by_load=True, dry_run=False)
    assert (reused.status_code, reused.json()["type"].rpartition(":")[2]) == (422, "idempotency-key-reused")


async def test_to_one_of_the_staff_with_a_filter(office: Office) -> None:
    which = {"district": "farsta", "kind": ["call"], "due_before": office.day(2)}
    done = await reassign(office, which=which, to="bo", dry_run=False)
    assert done.json()["to"] == {"bo": 2}
    assert {task["due_on"] for task in await office.list_of("bo", "farsta")} == {office.day(0), office.day(1)}


async def test_the_receiver_must_be_there_and_of_the_district(office: Office) -> None:
    told = (await reassign(office, which={"assigned_to": "anna"}, to="dora", dry_run=False)).json()
    assert (told["moved"], told["left"]) == (0, 6)
    await office.away("bo")
    for receiver in ("bo", "nobody"):
        refused = await reassign(office, "reassign-2", which={"assigned_to": "anna"}, to=receiver, dry_run=False)
        assert (refused.status_code, refused.json()["reason"]) == (409, "staff-not-there")


async def test_what_is_nobodys_can_be_handed_out(office: Office, pool: asyncpg.Pool) -> None:
    await pool.execute("update tasks set assigned_to = null")
    told = (await reassign(office, which={"unassigned": True}, to="bo", dry_run=False)).json()
    assert told["moved"] == 6
    assert (
        len(await office.list_of("bo", "farsta")) == 6
    )  # by name, beyond the capacity: the coordinator's to judge


async def test_special_handlers_hand_over_theirs_and_nobody_elses(office: Office, record: Record) -> None:
    for name in ("sam", "tove"):
        await office.put(name, group="special_handlers")
    youth = Youth(district=None)
    task = protected_task(youth)
    await record(youth.opening(task, step=Step.MANUAL))
    which = {"assigned_to": "sam"}
    assert (await reassign(office, which=which, to="tove", dry_run=False)).json()["found"] == 0
    handler = office.as_("special_handler", subject="sam", key="reassign-2")
    body = {"which": which, "to": "tove", "dry_run": False}
    assert (await office.api.post("/tasks/reassign", json=body, headers=handler)).json()["moved"] == 1
    tove = office.as_("special_handler", subject="tove")
    assert ids(await office.items(tove, list="mine")) == {str(task.task_id)}


async def test_it_must_be_said_which_and_to_whom(office: Office) -> None:
    wrong: list[dict[str, Any]] = [
        {"which": {}, "by_load": True},
        {"which": {"kind": ["call"]}, "by_load": True},
        {"which": {"assigned_to": "anna", "unassigned": True}, "by_load": True},
        {"which": {"district": "farsta"}},
        {"which": {"district": "farsta"}, "to": "bo", "by_load": True},
    ]
    assert [(await reassign(office, **body)).status_code for body in wrong] == [422] * len(wrong)
