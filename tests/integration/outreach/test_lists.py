"""Task lists and journeys: who sees what, filters, and paging."""

import random
from collections.abc import AsyncIterator, Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from chassis.auth import Principal
from chassis.paging import encode_cursor
from contracts.access import decide
from contracts.actions import Action
from contracts.reasons import Step
from contracts.tasks import TaskKind
from services.outreach.domain.access import scope_of
from tests.integration.outreach.conftest import Record
from tests.integration.outreach.youths import Youth, cancelled, completed, protected_task

pytestmark = pytest.mark.stack
As = Callable[..., dict[str, str]]
DISTRICTS = ("farsta", "bromma", None)


async def pages(
    api: httpx.AsyncClient, headers: dict[str, str], path: str, **query: Any
) -> AsyncIterator[list[Any]]:
    cursor: str | None = None
    while True:
        params = {**query, **({"cursor": cursor} if cursor else {})}
        answer = await api.get(path, params=params, headers=headers)
        assert answer.status_code == 200, answer.text
        yield answer.json()["items"]
        if (cursor := answer.json()["next"]) is None:
            return


async def listed(api: httpx.AsyncClient, headers: dict[str, str], path: str = "/tasks", **query: Any) -> list[Any]:
    return [item async for page in pages(api, headers, path, **query) for item in page]


@pytest.fixture
async def youths(record: Record) -> list[Youth]:
    """Nine youths of two districts and none; each with a done and an open task; three more are protected."""
    youths = [Youth(district=DISTRICTS[number % 3]) for number in range(9)]
    for number, youth in enumerate(youths):
        done = youth.spec(due_on=date(2026, 3, 1) + timedelta(days=number % 4))
        todo = youth.spec(attempt=2, due_on=date(2026, 3, 5) + timedelta(days=number % 2))
        await record(youth.opening(done), youth.opening(todo, closed=(completed(done),)))
    hidden = [Youth(district=None) for _ in range(3)]
    for youth in hidden:
        await record(youth.opening(protected_task(youth), step=Step.MANUAL))
    return youths + hidden


@pytest.mark.parametrize(
    ("role", "districts"),
    [
        ("local_coordinator", ("farsta",)),
        ("local_coordinator", ("farsta", "bromma")),
        ("local_coordinator", ()),
        ("kaa_coordinator", ()),
        ("special_handler", ()),
    ],
)
async def test_the_sql_shows_what_the_rule_says(
    api: httpx.AsyncClient, as_: As, pool: asyncpg.Pool, youths: list[Youth], role: str, districts: tuple[str, ...]
) -> None:
    granted = decide(Action.TASKS_READ, {role})
    scope = scope_of(Principal("anna", frozenset({role}), frozenset(districts), grants=granted))
    rows = await pool.fetch("select task_id, restricted, district from tasks")
    expected = {str(row["task_id"]) for row in rows if scope.sees(protected=row[1], district=row[2])}
    headers = as_(role, *districts)
    assert {task["task_id"] for task in await listed(api, headers)} == expected
    for row in rows:
        answer = await api.get(f"/tasks/{row['task_id']}", headers=headers)
        assert answer.status_code == (200 if str(row["task_id"]) in expected else 404)


async def test_filters(api: httpx.AsyncClient, as_: As, youths: list[Youth]) -> None:
    headers = as_("kaa_coordinator")
    farsta = youths[0]
    assert len(await listed(api, headers)) == 18
    assert len(await listed(api, headers, state="open")) == 9
    assert len(await listed(api, headers, state=["open", "claimed"])) == 9
    assert len(await listed(api, headers, state=["open", "completed"])) == 18
    assert await listed(api, headers, kind="mapping") == []
    assert len(await listed(api, headers, kind=["mapping", "call"], district="farsta")) == 6
    assert len(await listed(api, headers, youth_id=str(farsta.youth_id))) == 2
    assert len(await listed(api, headers, due_before="2026-03-02")) == 3
    assert await listed(api, headers, group="special_handlers") == []
    assert len(await listed(api, as_("special_handler"), group="special_handlers", kind="protected")) == 3
    assert await listed(api, headers, claimed_by="me") == []
    task_id = (await listed(api, headers, state="open"))[0]["task_id"]
    await api.post(f"/tasks/{task_id}/claim", headers=headers)
    assert [task["task_id"] for task in await listed(api, headers, claimed_by="me")] == [task_id]
    assert [task["task_id"] for task in await listed(api, headers, claimed_by="anna", state="claimed")] == [
        task_id
    ]
    assert len(await listed(api, headers, state="open")) == 8
    assert len(await listed(api, headers, state=["open", "claimed"])) == 9
    assert len(await listed(api, headers, "/journeys", step="calling")) == 9
    assert len(await listed(api, headers, "/journeys", step=["calling", "manual"], district="bromma")) == 3


@pytest.mark.parametrize("path", ["/tasks", "/journeys"])
@pytest.mark.parametrize("limit", [1, 2, 5, 18, 500])
async def test_pages_put_together_are_the_whole_list(
    api: httpx.AsyncClient, as_: As, youths: list[Youth], path: str, limit: int
) -> None:
    headers = as_("kaa_coordinator")
    whole = await listed(api, headers, path, limit=500)
    assert await listed(api, headers, path, limit=limit) == whole
    sizes = [len(page) async for page in pages(api, headers, path, limit=limit)]
    assert all(size == limit for size in sizes[:-1])
    if path == "/tasks":
        assert whole == sorted(whole, key=lambda task: (task["due_on"], task["task_id"]))


async def test_paging_neither_repeats_nor_skips_while_staff_work(
    api: httpx.AsyncClient, as_: As, record: Record
) -> None:
    """Tasks are closed and opened between the pages: whatever was open all the time is seen exactly once."""
    chance = random.Random(4)
    youths = [Youth() for _ in range(24)]
    specs = [youth.spec(due_on=date(2026, 3, 1) + timedelta(days=chance.randrange(4))) for youth in youths]
    for youth, spec in zip(youths, specs, strict=True):
        await record(youth.opening(spec))
    closing = chance.sample(range(24), 8)
    stays = {str(spec.task_id) for number, spec in enumerate(specs) if number not in closing}
    seen: list[str] = []
    async for page in pages(api, as_("kaa_coordinator"), "/tasks", state="open", limit=3):
        seen += [task["task_id"] for task in page]
        if closing:
            number = closing.pop()
            await record(youths[number].progress(closed=(cancelled(specs[number]),)))
        newcomer = Youth()
        await record(newcomer.opening(newcomer.spec(due_on=date(2026, 3, 1))))
    assert len(seen) == len(set(seen))
    assert stays <= set(seen)


async def test_a_work_list_is_read_from_its_index(pool: asyncpg.Pool, record: Record) -> None:
    """Few open tasks among many old ones: no list may read them all."""
    await pool.execute(
        "insert into tasks (task_id, youth_id, episode_id, kind, task_group, district, attempt, due_on, state, "
        "opened_at, closed_at) select gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'call', "
        "'coordinators', 'farsta', 1, date '2025-01-01' + n % 300, 'cancelled', now(), now() "
        "from generate_series(1, 20000) n"
    )
    youth = Youth()
    await record(youth.opening(youth.spec()))
    # Statistics are the table owner's to gather; without any, the planner guesses worse, not better.
    sql = (
        "explain select * from tasks where not restricted and state in ('open', 'claimed') "
        "order by due_on, task_id limit 51"
    )
    plan = "\n".join(row[0] for row in await pool.fetch(sql))
    assert "tasks_open" in plan
    assert "Seq Scan" not in plan


@pytest.mark.parametrize(
    ("query", "status", "named"),
    [
        ({"state": "done"}, 422, "query.state"),
        ({"due_before": "soon"}, 422, "query.due_before"),
        ({"limit": "501"}, 422, "query.limit"),
        ({"youth_id": "20080101-1234"}, 422, "query.youth_id"),
        ({"district": "Farsta!"}, 422, "query.district"),
        ({"claimed_by": "a\0"}, 422, "query.claimed_by"),
        ({"cursor": "abc"}, 400, "bad-cursor"),
        ({"cursor": encode_cursor("2026-03-01", "no-id")}, 400, "bad-cursor"),
    ],
)
async def test_a_wrong_parameter_is_named_and_its_value_is_not_repeated(
    api: httpx.AsyncClient, as_: As, query: dict[str, str], status: int, named: str
) -> None:
    answer = await api.get("/tasks", params=query, headers=as_("kaa_coordinator"))
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert named in answer.text
    assert "20080101" not in answer.text


async def test_one_task_tells_its_history(api: httpx.AsyncClient, as_: As, record: Record) -> None:
    youth = Youth()
    spec = youth.spec()
    await record(youth.opening(spec))
    headers = as_("local_coordinator", "farsta")
    await api.post(f"/tasks/{spec.task_id}/claim", headers=headers)
    await record(youth.progress(closed=(completed(spec),)))
    task = (await api.get(f"/tasks/{spec.task_id}", headers=headers)).json()
    assert [(entry["event"], entry["actor"]) for entry in task["history"]] == [
        ("opened", "workflow"), ("claimed", "anna"), ("completed", "anna"),
    ]  # fmt: skip
    assert (task["state"], task["outcome"]["result"]) == ("completed", "no_answer")
    assert task["opened_at"].endswith("+01:00")  # Stockholm's time


async def test_a_journey_tells_its_transitions(api: httpx.AsyncClient, as_: As, record: Record) -> None:
    youth = Youth()
    await record(youth.progress(Step.AWAITING_START), youth.progress(Step.FIRST_CONTACT, started=True))
    journey = (await api.get(f"/youths/{youth.youth_id}", headers=as_("kaa_coordinator"))).json()
    assert journey["step"] == "first_contact"
    assert [entry["step"] for entry in journey["transitions"]] == ["awaiting_start", "first_contact"]
    assert (await api.get(f"/youths/{uuid4()}", headers=as_("kaa_coordinator"))).status_code == 404


async def test_looks_at_protected_identities_are_on_record(
    api: httpx.AsyncClient, as_: As, pool: asyncpg.Pool, youths: list[Youth]
) -> None:
    headers = as_("special_handler", subject="sam")
    (first, *_) = await listed(api, headers, kind=TaskKind.PROTECTED.value)
    await api.get(f"/tasks/{first['task_id']}", headers=headers)
    reads = await pool.fetch("select actor, role, youth_id from audit where action = 'task.read'")
    assert len(reads) == 3 + 1
    assert {(row["actor"], row["role"]) for row in reads} == {("sam", "special_handler")}
    await listed(api, as_("kaa_coordinator"))
    assert await pool.fetchval("select count(*) from audit where action = 'task.read'") == 4
