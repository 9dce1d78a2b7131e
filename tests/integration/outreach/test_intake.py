"""The daily intake on a real database: who waits, who begins, and what is told of who waited too long."""

import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from contracts.events import OutreachStarted
from contracts.intake import IntakeRequest
from contracts.reasons import Step
from contracts.start_deadline import StartDeadlineBreached
from deploy.local.databases import Database
from services.outreach.app import make_app
from services.outreach.settings import POLICIES, Settings
from tests.integration.outreach.conftest import LoadSettings, Record, serving
from tests.integration.outreach.running import Running, eventually, running
from tests.integration.outreach.youths import Youth

pytestmark = pytest.mark.stack
As = Callable[..., dict[str, str]]
EVENT = "select data from outbox where key = $1 and type = $2"


@pytest.fixture
def settings(database: Database, load_settings: LoadSettings, tmp_path: Path) -> Settings:
    """The local policy with intake by capacity: one coordinator a district, two searches a day each."""
    policy = json.loads((POLICIES / "local.json").read_text())
    policy |= {"intake": "capacity", "coordinators_per_district": 1, "intake_per_coordinator": 2}
    file = tmp_path / "policy.json"
    file.write_text(json.dumps(policy))
    return load_settings(database, UPPSOK_OUTREACH_POLICY_FILE=str(file))


@pytest.fixture
async def run(pool: asyncpg.Pool, settings: Settings) -> AsyncIterator[Running]:
    async with running(pool, settings) as run:
        yield run


async def waits(run: Running, days: int, district: str | None = "farsta") -> Youth:
    """Register a youth who came under the duty so many days ago."""
    youth = Youth(district=district)
    await run.register(youth, registered_on=run.settings.clock.today() - timedelta(days=days))
    return youth


async def picks(run: Running) -> list[UUID]:
    planned = await run.intake.plan_intake(IntakeRequest())
    return [pick.youth_id for pick in planned.picks]


async def test_the_intake_begins_with_the_oldest_up_to_the_limit_and_with_whose_month_ends(
    run: Running, settings: Settings, as_: As
) -> None:
    newest, older, oldest, old = [await waits(run, days) for days in (0, 12, 20, 14)]
    elsewhere = await waits(run, 3, district="bromma")
    last_day = await waits(run, 29)  # the month ends tomorrow
    for youth in run.youths:
        await run.step(youth, "awaiting_start")
    async with serving(make_app(settings)) as api:
        asked = await api.get("/intake", headers=as_("kaa_coordinator"))
        assert asked.status_code == 200
        shown = {one["district"]: one for one in asked.json()["districts"]}
        assert shown["farsta"] == {
            "district": "farsta", "waiting": 5, "capacity": 2, "begun": 0, "picked": 2, "urgent": 1,
        }  # fmt: skip
        assert shown["bromma"]["picked"] == 1

        for _ in range(2):  # a second run the same day adds nothing
            started = await api.post("/intake", headers=as_("operator", subject="olle"))
            assert started.status_code == 202
            await run.client.get_workflow_handle(started.json()["workflow_id"]).result()
            for youth in (last_day, oldest, elsewhere):
                await run.step(youth, "first_contact")
    assert await picks(run) == []
    for youth in (newest, older, old):
        assert await run.pool.fetchval("select step from journeys where youth_id = $1", youth.youth_id) == (
            "awaiting_start"
        )
    # Tomorrow, when today's starts do not count any more, the next oldest follow.
    await run.pool.execute("update journeys set started_at = started_at - interval '1 day'")
    assert await picks(run) == [old.youth_id, older.youth_id]
    audited = "select actor, role from audit where action = 'intake.run'"
    assert [tuple(row) for row in await run.pool.fetch(audited)] == [("olle", "operator")] * 2


async def test_neither_protected_nor_ended_youths_are_begun_with(run: Running) -> None:
    protected, ended, waiting = Youth(), Youth(), Youth()
    today = run.settings.clock.today()
    for youth, fields in ((protected, {"protected": True}), (ended, {}), (waiting, {})):
        await run.register(youth, registered_on=today, **fields)
    await run.step(protected, "manual")
    await run.pool.execute("update journeys set ended_at = now() where youth_id = $1", ended.youth_id)
    assert await picks(run) == [waiting.youth_id]


async def test_a_breach_of_the_month_is_told_once_whether_or_not_the_workflow_lives(
    pool: asyncpg.Pool, settings: Settings, record: Record
) -> None:
    async with running(pool, settings) as run:
        await run.rest()  # nothing works: no timer starts anybody
        lost, in_time = await waits(run, 31), await waits(run, 30)
        report = await run.intake.plan_intake(IntakeRequest())
        assert report.breached == 1
        assert [pick.youth_id for pick in report.picks] == [lost.youth_id, in_time.youth_id]
        assert (await run.intake.plan_intake(IntakeRequest())).breached == 0

        (told,) = await pool.fetch(EVENT, lost.youth_id, StartDeadlineBreached.type)
        breach = StartDeadlineBreached.model_validate(told["data"])
        today = settings.clock.today()
        assert (breach.registered_on, breach.due_on) == (today - timedelta(days=31), today - timedelta(days=1))
        assert await pool.fetch(EVENT, in_time.youth_id, StartDeadlineBreached.type) == []

        await run.work()  # the workers come back: the search begins late, which is no second breach
        await eventually(
            lambda: pool.fetchval("select true from journeys where youth_id = $1 and started_late", lost.youth_id),
            "a late start",
        )
        assert len(await pool.fetch(EVENT, lost.youth_id, OutreachStarted.type)) == 1
        assert len(await pool.fetch(EVENT, lost.youth_id, StartDeadlineBreached.type)) == 1


async def test_a_start_that_comes_late_tells_the_breach_itself(run: Running) -> None:
    youth = await waits(run, 45)
    await run.step(youth, "first_contact")
    (told,) = await run.pool.fetch(EVENT, youth.youth_id, StartDeadlineBreached.type)
    assert told["data"]["due_on"] == str(run.settings.clock.today() - timedelta(days=15))


@pytest.mark.parametrize("role", ["local_coordinator", "statistician", "special_handler", "service"])
async def test_the_intake_is_the_citys(api: httpx.AsyncClient, as_: As, role: str) -> None:
    for method in ("GET", "POST"):
        assert (await api.request(method, "/intake", headers=as_(role))).status_code == 403


async def test_by_the_old_policy_there_is_none(api: httpx.AsyncClient, as_: As) -> None:
    shown: dict[str, Any] = (await api.get("/intake", headers=as_("kaa_coordinator"))).json()
    assert shown["picked"] == 0


def test_steps_that_wait_are_named_as_in_the_contract() -> None:
    """The SQL's word for it."""
    from services.outreach.db import intake

    assert f"step = '{Step.AWAITING_START}'" in intake.WAITING
