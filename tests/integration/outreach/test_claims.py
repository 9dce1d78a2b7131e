"""Claiming and releasing: one task, one member of staff."""

import asyncio
from collections.abc import Callable

import asyncpg
import httpx
import pytest

from tests.integration.outreach.conftest import Record
from tests.integration.outreach.youths import Youth, cancelled

pytestmark = pytest.mark.stack
As = Callable[..., dict[str, str]]


@pytest.fixture
async def task_id(record: Record) -> str:
    youth = Youth()
    spec = youth.spec()
    await record(youth.opening(spec))
    return str(spec.task_id)


async def test_two_claim_at_once_and_one_gets_it(
    api: httpx.AsyncClient, as_: As, pool: asyncpg.Pool, task_id: str
) -> None:
    staff = ["anna", "bo", "cilla", "david"]
    answers = await asyncio.gather(
        *(api.post(f"/tasks/{task_id}/claim", headers=as_("local_coordinator", subject=one)) for one in staff)
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    (winner,) = [answer.json() for answer in answers if answer.status_code == 200]
    assert winner["claimed_by"] in staff
    assert {answer.json()["reason"] for answer in answers if answer.status_code == 409} == {"claimed-by-another"}
    assert await pool.fetchval("select count(*) from task_history where event = 'claimed'") == 1


async def test_claiming_again_renews_the_lease_and_nothing_else(
    api: httpx.AsyncClient, as_: As, pool: asyncpg.Pool, task_id: str
) -> None:
    headers = as_("local_coordinator")
    first = await api.post(f"/tasks/{task_id}/claim", headers=headers)
    again = await api.post(f"/tasks/{task_id}/claim", headers=headers)
    lease = "claimed_until"
    assert {**first.json(), lease: None} == {**again.json(), lease: None}
    assert again.json()[lease] > first.json()[lease]
    assert await pool.fetchval("select count(*) from audit where action = 'task.claim'") == 1


async def test_released_by_its_claimer_or_a_coordinator_of_the_city(
    api: httpx.AsyncClient, as_: As, pool: asyncpg.Pool, task_id: str
) -> None:
    anna, bo = as_("local_coordinator", subject="anna"), as_("local_coordinator", subject="bo")
    city = as_("kaa_coordinator", subject="kim")
    for releaser in (anna, city):
        await api.post(f"/tasks/{task_id}/claim", headers=anna)
        refused = await api.post(f"/tasks/{task_id}/release", headers=bo)
        assert refused.status_code == 403
        released = await api.post(f"/tasks/{task_id}/release", headers=releaser)
        assert (released.status_code, released.json()["state"]) == (200, "open")
        assert released.json()["claimed_by"] is None
    assert (await api.post(f"/tasks/{task_id}/release", headers=bo)).status_code == 200  # is free already
    actors = [row["actor"] for row in await pool.fetch("select actor from audit where action = 'task.release'")]
    assert actors == ["anna", "kim"]


async def test_a_closed_task_is_neither_claimed_nor_released(
    api: httpx.AsyncClient, as_: As, record: Record
) -> None:
    youth = Youth()
    spec = youth.spec()
    await record(youth.opening(spec), youth.progress(closed=(cancelled(spec),)))
    for verb in ("claim", "release"):
        answer = await api.post(f"/tasks/{spec.task_id}/{verb}", headers=as_("kaa_coordinator"))
        assert (answer.status_code, answer.json()["reason"]) == (409, "task-not-current")
