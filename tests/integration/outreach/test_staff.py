"""The staff register: whose tasks are when they are opened, when somebody is away, and when somebody leaves."""

from datetime import timedelta
from uuid import uuid4

import asyncpg
import httpx
import pytest

from contracts.reasons import Step
from contracts.tasks import TaskKind
from services.outreach.db import journeys
from services.outreach.settings import Settings
from tests.integration.outreach.conftest import Record
from tests.integration.outreach.staff import As, Office, ids
from tests.integration.outreach.youths import Youth, completed, protected_task

pytestmark = pytest.mark.stack


@pytest.fixture
def office(api: httpx.AsyncClient, as_: As, settings: Settings) -> Office:
    return Office(api, as_, settings.clock.today())


async def opened(record: Record, youth: Youth, kind: TaskKind = TaskKind.CALL, **fields: object) -> str:
    spec = youth.spec(kind, **fields)
    await record(youth.opening(spec))
    return str(spec.task_id)


async def test_a_task_is_given_by_district_and_load_when_it_is_opened(office: Office, record: Record) -> None:
    await office.put("anna", "farsta", capacity=4)
    await office.put("bo", "farsta", capacity=2)
    await office.put("cilla", "bromma")
    owners = [await office.owner(await opened(record, Youth())) for _ in range(7)]
    # By load relative to capacity; beyond it, nobody.
    assert owners == ["anna", "bo", "anna", "anna", "bo", "anna", None]
    assert len(await office.list_of("anna", "farsta")) == 4
    assert len(await office.list_of("anna", "farsta", list="unassigned")) == 1


async def test_who_has_the_youth_goes_on_with_them(office: Office, record: Record) -> None:
    await office.put("anna", "farsta")
    await office.put("bo", "farsta")
    youth = Youth()
    call = youth.spec()
    await record(youth.opening(call))
    mapping = youth.spec(TaskKind.MAPPING)
    await record(youth.opening(mapping, step=Step.MAPPING, closed=(completed(call, by="bo"),)))
    assert await office.owner(call.task_id) == "anna"
    assert await office.owner(mapping.task_id) == "bo"  # who reached the youth holds the conversation


async def test_a_visit_is_on_the_lists_of_both_who_are_named_for_it(office: Office, record: Record) -> None:
    await office.put("bo", "farsta")
    task_id = await opened(record, Youth(), TaskKind.HOME_VISIT, staff=("bo", "cilla"))
    assert await office.owner(task_id) == "bo"
    assert ids(await office.list_of("cilla", "farsta")) == {task_id}


async def test_a_protected_youths_task_is_a_special_handlers(office: Office, record: Record) -> None:
    await office.put("kim")
    await office.put("sam", group="special_handlers")
    youth = Youth(district=None)
    task = protected_task(youth)
    await record(youth.opening(task, step=Step.MANUAL))
    headers = office.as_("special_handler", subject="sam")
    assert ids(await office.items(headers, list="mine")) == {str(task.task_id)}
    for wanted in ("mine", "district", "unassigned", "overdue", "today", "escalated"):
        assert await office.items(office.city, list=wanted) == []
    summary = (await office.api.get("/tasks/summary", headers=office.city)).json()
    assert set(summary.values()) == {0}


async def test_no_list_tells_of_a_task_that_the_owner_may_not_see(office: Office, record: Record) -> None:
    """The register gives; what may be seen is the token's."""
    await office.put("anna", "farsta")
    await opened(record, Youth())
    assert await office.list_of("anna", "bromma") == []


async def test_a_task_never_disappears_because_its_owner_left(
    office: Office, record: Record, pool: asyncpg.Pool
) -> None:
    await office.put("anna", "farsta")
    tasks = {await opened(record, Youth()) for _ in range(5)}
    await office.api.post(f"/tasks/{min(tasks)}/claim", headers=office.as_("local_coordinator", subject="anna"))
    await office.put("bo", "farsta", capacity=2)
    await office.put("anna", "farsta", active_to=office.day(-1))
    # In the same transaction: what bo has room for is bo's, the rest nobody's, and nothing is claimed.
    assert await pool.fetchval("select count(*) from tasks where assigned_to = 'anna' or state = 'claimed'") == 0
    assert len(await office.list_of("bo", "farsta")) == 2
    mine, free = await office.list_of("bo", "farsta"), await office.list_of("bo", "farsta", list="unassigned")
    assert ids(mine) | ids(free) == tasks
    assert not ids(mine) & ids(free)
    history = await pool.fetch(
        "select event, actor from task_history where event like '%assigned' and actor = 'kim'"
    )
    assert sorted(row["event"] for row in history) == ["assigned"] * 2 + ["unassigned"] * 3
    assert (
        await pool.fetchval("select count(*) from audit where action like 'task.%assigned' and actor = 'kim'") == 5
    )


async def test_a_last_day_that_has_passed_shows_on_the_lists_before_any_sweep(
    office: Office, record: Record, pool: asyncpg.Pool
) -> None:
    await office.put("anna", "farsta")
    task_id = await opened(record, Youth())
    await pool.execute("update staff set active_to = $1", office.today - timedelta(days=1))  # midnight has come
    assert ids(await office.list_of("bo", "farsta", list="unassigned")) == {task_id}
    assert await office.list_of("anna", "farsta") == []


async def test_a_cover_sees_and_works_what_is_due_in_the_absence(office: Office, record: Record, as_: As) -> None:
    await office.put("anna", "farsta")
    due = await opened(record, Youth(), due_on=office.today + timedelta(days=4))
    later = await opened(record, Youth(), due_on=office.today + timedelta(days=5))
    await office.put("bo", "farsta", "bromma")
    assert await office.list_of("bo", "farsta") == []
    await office.away("anna", 0, 4, cover="bo")
    assert ids(await office.list_of("bo", "farsta")) == {due}
    assert ids(await office.list_of("anna", "farsta")) == {due, later}  # they stay anna's
    claimed = await office.api.post(
        f"/tasks/{due}/claim", headers=as_("local_coordinator", "farsta", subject="bo")
    )
    assert claimed.status_code == 200


async def test_without_a_cover_what_is_due_goes_to_others_on_the_first_day(office: Office, record: Record) -> None:
    await office.put("anna", "farsta")
    due = await opened(record, Youth(), due_on=office.today + timedelta(days=4))
    later = await opened(record, Youth(), due_on=office.today + timedelta(days=5))
    await office.put("bo", "farsta")
    await office.away("anna", 1, 4)  # from tomorrow: today it is still anna's
    assert await office.owner(due) == "anna"
    await office.away("anna", 0, 4)
    assert (await office.owner(due), await office.owner(later)) == ("bo", "anna")


async def test_a_cover_must_have_the_districts(office: Office) -> None:
    await office.put("anna", "farsta")
    await office.put("bo", "bromma")
    for cover in ("bo", "nobody", "anna"):
        body = {"first_day": office.day(0), "cover": cover}
        path = f"/staff/anna/absences/{uuid4()}"
        refused = await office.api.put(path, json=body, headers=office.city)
        assert (refused.status_code, refused.json()["reason"]) == (409, "cover-cannot-see")


async def test_when_the_cover_leaves_the_tasks_go_to_others(office: Office, record: Record) -> None:
    await office.put("anna", "farsta")
    task_id = await opened(record, Youth())
    await office.put("bo", "farsta")
    await office.put("cilla", "farsta")
    await office.away("anna", cover="bo")
    assert await office.owner(task_id) == "anna"
    await office.put("bo", "farsta", active_to=office.day(-1))
    assert await office.owner(task_id) == "cilla"


async def test_putting_the_same_again_changes_nothing(office: Office, pool: asyncpg.Pool) -> None:
    first = await office.put("anna", "farsta")
    again = await office.put("anna", "farsta")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.headers["etag"] == again.headers["etag"] == '"1"'
    path = f"/staff/anna/absences/{uuid4()}"
    answers = [
        await office.api.put(path, json={"first_day": office.day(9)}, headers=office.city) for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 200]
    withdrawn = {"first_day": office.day(9), "withdrawn": True}
    assert (await office.api.put(path, json=withdrawn, headers=office.city)).status_code == 428
    stale = {**office.city, "If-Match": '"2"'}
    assert (await office.api.put(path, json=withdrawn, headers=stale)).status_code == 412
    edited = await office.api.put(path, json=withdrawn, headers={**office.city, "If-Match": '"1"'})
    assert (edited.status_code, edited.headers["etag"]) == (200, '"2"')
    actions = await pool.fetch("select action from audit where action like '%.put' order by id")
    assert [row["action"] for row in actions] == ["staff.put", "absence.put", "absence.put"]
    member = (await office.api.get("/staff/anna", headers=office.city)).json()
    assert (member["open_tasks"], member["absences"][0]["withdrawn"]) == (0, True)


async def test_each_sees_themselves_and_says_when_they_are_away(office: Office, as_: As) -> None:
    await office.put("anna", "farsta")
    anna, bo = as_("local_coordinator", "farsta", subject="anna"), as_("local_coordinator", subject="bo")
    path = f"/staff/anna/absences/{uuid4()}"
    body = {"first_day": office.day(0), "last_day": office.day(0)}
    assert (await office.api.put(path, json=body, headers=bo)).status_code == 403
    assert (await office.api.put(path, json=body, headers=anna)).status_code == 201
    assert (await office.api.get("/staff/anna", headers=bo)).status_code == 403
    assert len((await office.api.get("/staff/anna", headers=anna)).json()["absences"]) == 1
    unknown = await office.api.put(path.replace("anna", "zoe"), json=body, headers=office.city)
    assert unknown.status_code == 404


async def test_the_register_is_paged(office: Office) -> None:
    for name in ("cilla", "anna", "bo"):
        await office.put(name, "farsta")
    first = (await office.api.get("/staff", params={"limit": 2}, headers=office.city)).json()
    rest = (await office.api.get("/staff", params={"cursor": first["next"]}, headers=office.city)).json()
    assert [one["staff_id"] for one in first["items"] + rest["items"]] == ["anna", "bo", "cilla"]
    assert rest["next"] is None


async def test_a_wrong_member_is_refused_by_field(office: Office) -> None:
    wrong: list[tuple[dict[str, object], str]] = [
        ({"districts": ["nowhere"]}, "body.districts"),
        ({"capacity": 0}, "body.capacity"),
        ({"active_to": "2025-01-01"}, "body"),
        ({"group": "special_handlers", "districts": ["farsta"]}, "body"),
        ({"why": "ill"}, "body.why"),
    ]
    for fields, named in wrong:
        body = {"capacity": 10, "active_from": "2026-01-01", **fields}
        refused = await office.api.put("/staff/anna", json=body, headers=office.city)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, named)


async def test_a_youth_who_moves_gets_somebody_of_the_new_district(
    office: Office, record: Record, pool: asyncpg.Pool, settings: Settings
) -> None:
    await office.put("anna", "farsta")
    youth = Youth()
    task_id = await opened(record, youth)
    at = settings.clock.now()
    await pool.execute(journeys.TASKS_FOLLOW, youth.youth_id, False, "farsta", at)
    assert await office.owner(task_id) == "anna"
    await pool.execute(journeys.TASKS_FOLLOW, youth.youth_id, False, "bromma", at)
    assert await office.owner(task_id) is None
    events = await pool.fetch("select event, actor from task_history order by id")
    assert [tuple(row) for row in events][-1] == ("unassigned", "registry")
