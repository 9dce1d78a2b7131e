"""Reports of concern: at any time, from anywhere, never lost and never in the way of the search."""

from collections.abc import Callable
from datetime import date
from uuid import uuid4

import asyncpg
import httpx
import pytest

from contracts.reasons import EndReason, Step
from contracts.tasks import TaskKind
from services.outreach.db import journeys
from services.outreach.domain.concerns import due_on
from services.outreach.domain.policy import load_policy
from services.outreach.settings import POLICIES, Settings
from tests.integration.outreach.conftest import Record
from tests.integration.outreach.youths import LAST_DAY, NOON, Youth, cancelled

pytestmark = pytest.mark.stack
As = Callable[..., dict[str, str]]
Headers = Callable[[], dict[str, str]]
POLICY = load_policy(POLICIES / "stockholm.json")


def concern(result: str = "reported") -> dict[str, str]:
    return {"kind": "concern", "result": result}


@pytest.fixture
def staff(as_: As) -> Headers:
    """Headers of one who works in Farsta, each time with a key of its own."""
    return lambda: as_("local_coordinator", "farsta", subject="anna", key=str(uuid4()))


@pytest.fixture
async def youth(record: Record) -> Youth:
    """A youth who is being called."""
    youth = Youth()
    await record(youth.opening(youth.spec()))
    return youth


async def raised(api: httpx.AsyncClient, youth: Youth, headers: dict[str, str]) -> dict[str, object]:
    response = await api.post(f"/youths/{youth.youth_id}/concerns", headers=headers)
    assert response.status_code == 201, response.text
    task: dict[str, object] = response.json()
    return task


async def test_a_concern_is_an_urgent_task_of_whoever_raised_it(
    api: httpx.AsyncClient,
    staff: Headers,
    youth: Youth,
    settings: Settings,
    pool: asyncpg.Pool,
) -> None:
    headers = staff()
    task = await raised(api, youth, headers)
    assert (task["kind"], task["state"], task["claimed_by"]) == ("concern", "claimed", "anna")
    assert task["due_on"] == due_on(POLICY, settings.clock.today()).isoformat()
    assert await raised(api, youth, headers) == task  # repeated with the same key: the same one
    read = (await api.get(f"/tasks/{task['task_id']}", headers=headers)).json()
    assert [entry["event"] for entry in read["history"]] == ["opened", "assigned", "claimed"]
    (event,) = await pool.fetch("select data from outbox where data ->> 'kind' = 'concern'")
    assert event["data"]["task_id"] == task["task_id"]
    audited = await pool.fetch("select actor, action from audit where subject = $1 order by id", task["task_id"])
    assert [row["action"] for row in audited] == ["decision.raise_concern", "task.assigned", "task.claim"]
    assert {row["actor"] for row in audited} == {"anna"}


async def test_a_concern_leaves_the_search_as_it_is_and_no_move_cancels_it(
    api: httpx.AsyncClient, staff: Headers, youth: Youth, record: Record, pool: asyncpg.Pool
) -> None:
    before = await pool.fetchrow("select * from journeys where youth_id = $1", youth.youth_id)
    task = await raised(api, youth, staff())
    assert await pool.fetchrow("select * from journeys where youth_id = $1", youth.youth_id) == before
    (call,) = await pool.fetch("select task_id from tasks where kind = 'call' and state = 'open'")
    assert call
    for step in (Step.MAPPING, Step.WATCH):
        await record(youth.progress(step))
    answer = await api.get(f"/tasks/{task['task_id']}", headers=staff())
    assert answer.json()["state"] == "claimed"


async def test_an_open_concern_outlives_the_duty_and_is_completed_then(
    api: httpx.AsyncClient, staff: Headers, record: Record, pool: asyncpg.Pool
) -> None:
    youth = Youth()
    call = youth.spec()
    await record(youth.opening(call))
    task = await raised(api, youth, staff())
    await record(youth.progress(Step.ENDED, ended=EndReason.STARTED_SCHOOL, closed=(cancelled(call),)))
    still = (await api.get("/tasks?state=open&state=claimed", headers=staff())).json()["items"]
    assert [one["task_id"] for one in still] == [task["task_id"]]

    headers = staff()
    url = f"/tasks/{task['task_id']}/complete"
    done = await api.post(url, headers=headers, json=concern())
    assert done.status_code == 200, done.text
    assert done.json() == {"step": "ended", "next_task": None, "due": None}
    assert (await api.post(url, headers=headers, json=concern())).json() == done.json()
    assert (await api.post(url, headers=staff(), json=concern())).json()["reason"] == "task-not-current"
    row = await pool.fetchrow("select state, outcome, completed_by from tasks where kind = 'concern'")
    assert row is not None
    assert tuple(row) == ("completed", concern(), "anna")
    results = await pool.fetch("select data ->> 'result' from outbox where type like '%task-completed%'")
    assert [tuple(row) for row in results] == [("reported",)]


async def test_a_concern_can_be_raised_when_the_duty_has_ended(
    api: httpx.AsyncClient, staff: Headers, record: Record
) -> None:
    youth = Youth()
    await record(youth.progress(Step.ENDED, ended=EndReason.EXAM))
    assert (await raised(api, youth, staff()))["state"] == "claimed"


async def test_several_concerns_may_be_open_at_once(
    api: httpx.AsyncClient, staff: Headers, as_: As, youth: Youth
) -> None:
    mine = await raised(api, youth, staff())
    other = await raised(api, youth, as_("kaa_coordinator", subject="bo", key=str(uuid4())))
    assert mine["task_id"] != other["task_id"]
    theirs = await api.post(f"/tasks/{other['task_id']}/complete", headers=staff(), json=concern())
    assert (theirs.status_code, theirs.json()["reason"]) == (409, "claimed-by-another")


async def test_a_concern_about_a_protected_youth_is_the_special_handlers(
    api: httpx.AsyncClient, staff: Headers, as_: As, youth: Youth, pool: asyncpg.Pool
) -> None:
    before = await raised(api, youth, staff())
    await pool.execute(
        journeys.FACTS, youth.youth_id, youth.episode_id, NOON, None, True, NOON.date(), LAST_DAY, POLICY.version
    )
    await pool.execute(journeys.TASKS_FOLLOW, youth.youth_id, True, None, NOON)
    assert (await api.get(f"/tasks/{before['task_id']}", headers=staff())).status_code == 404
    assert (await api.post(f"/youths/{youth.youth_id}/concerns", headers=staff())).status_code == 404
    task = await raised(api, youth, as_("special_handler", subject="sara", key=str(uuid4())))
    assert (task["group"], task["district"]) == ("special_handlers", None)


@pytest.mark.parametrize("result", ["because he said so", ""])
async def test_no_reason_can_be_given(api: httpx.AsyncClient, staff: Headers, youth: Youth, result: str) -> None:
    task = await raised(api, youth, staff())
    url = f"/tasks/{task['task_id']}/complete"
    assert (await api.post(url, headers=staff(), json=concern(result))).status_code == 422
    assert (await api.post(url, headers=staff(), json=concern() | {"reason": "x"})).status_code == 422


async def test_a_task_of_another_kind_is_not_completed_as_a_concern(
    api: httpx.AsyncClient, staff: Headers, youth: Youth, pool: asyncpg.Pool
) -> None:
    call = await pool.fetchval("select task_id from tasks where kind = $1", TaskKind.CALL)
    answer = await api.post(f"/tasks/{call}/complete", headers=staff(), json=concern())
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "body.kind")


async def test_another_district_and_unknown_youths_are_not_told_apart(
    api: httpx.AsyncClient, as_: As, youth: Youth
) -> None:
    elsewhere = as_("local_coordinator", "bromma", key=str(uuid4()))
    for youth_id in (youth.youth_id, uuid4()):
        assert (await api.post(f"/youths/{youth_id}/concerns", headers=elsewhere)).status_code == 404


@pytest.mark.parametrize(
    ("today", "due"),
    [
        (date(2026, 9, 25), date(2026, 9, 25)),
        (date(2026, 9, 26), date(2026, 9, 28)),  # a Saturday
        (date(2026, 12, 24), date(2026, 12, 28)),  # Christmas, then a weekend
    ],
)
def test_a_concern_is_due_today_or_on_the_next_working_day(today: date, due: date) -> None:
    assert due_on(POLICY, today) == due
