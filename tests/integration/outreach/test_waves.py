"""Waves on a real database, by the API: who gets one, who does not, and that it can be held up."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from contracts.reasons import EndReason, Step
from contracts.waves import ReleaseBatch, WaveState
from services.outreach.settings import Settings
from services.outreach.wave_activities import WaveActivities
from tests.integration.outreach.conftest import Record
from tests.integration.outreach.waves import Mailing, mailing
from tests.integration.outreach.youths import Youth

pytestmark = pytest.mark.stack
As = Callable[..., dict[str, str]]


@pytest.fixture
async def run(api: httpx.AsyncClient, as_: As, pool: asyncpg.Pool, settings: Settings) -> AsyncIterator[Mailing]:
    async with mailing(api, as_("kaa_coordinator", subject="karin"), pool, settings) as run:
        yield run


@pytest.fixture
def activities(pool: asyncpg.Pool, settings: Settings) -> WaveActivities:
    return WaveActivities(pool, settings.clock)


async def stands_at(record: Record, step: Step, district: str | None = "farsta", **fields: Any) -> Youth:
    youth = Youth(district=district)
    await record(youth.progress(step, **fields))
    return youth


async def many(record: Record, number: int, step: Step = Step.WATCH) -> list[Youth]:
    return [await stands_at(record, step, ("farsta", "bromma")[n % 2]) for n in range(number)]


async def test_the_preview_tells_who_and_how_many_and_why_others_do_not(
    run: Mailing, record: Record, pool: asyncpg.Pool, as_: As
) -> None:
    await many(record, 6)
    await stands_at(record, Step.AWAITING_START)
    await stands_at(record, Step.ENDED, ended=EndReason.STARTED_SCHOOL)
    protected = await stands_at(record, Step.MANUAL, None)
    await pool.execute("update journeys set protected = true where youth_id = $1", protected.youth_id)
    held = await stands_at(record, Step.CALLING)
    await pool.execute("update journeys set step = 'on_hold' where youth_id = $1", held.youth_id)
    mailed = await stands_at(record, Step.FIRST_CONTACT)
    await pool.execute(
        "update transitions set at = now() + interval '1 hour' where youth_id = $1", mailed.youth_id
    )

    wave_id = uuid4()
    shown = await run.preview(wave_id)
    assert (shown["state"], shown["letters"], shown["sms_at_most"], shown["waiting"]) == ("preview", 6, 6, 6)
    assert shown["excluded"] == {"ended": 0, "protected": 1, "held": 1, "new": 1, "mailed": 1}
    assert shown["by_district"] == [
        {"district": None, "recipients": 0, "waiting": 0, "handed_over": 0, "excluded": 1},
        {"district": "bromma", "recipients": 3, "waiting": 3, "handed_over": 0, "excluded": 0},
        {"district": "farsta", "recipients": 3, "waiting": 3, "handed_over": 0, "excluded": 3},
    ]
    assert shown["sending_days"] == 1
    assert await run.preview(wave_id, expect=200) == shown, "repeated"
    await run.preview(wave_id, expect=409, districts=["bromma"])
    here = await run.preview(districts=["bromma"])
    assert (here["letters"], here["districts"]) == (3, ["bromma"])
    listed = (await run.api.get("/waves", headers=as_("operator"))).json()
    assert [one["wave_id"] for one in listed["items"]] == [here["wave_id"], shown["wave_id"]]
    assert not run.notifications.batches


async def test_an_approved_wave_hands_everybody_over_once(
    run: Mailing, record: Record, pool: asyncpg.Pool
) -> None:
    youths = await many(record, 5)
    gone, protected = await stands_at(record, Step.CALLING), await stands_at(record, Step.CALLING)
    wave = await run.preview()
    assert wave["letters"] == 7
    # Between the preview and the sending:
    await record(gone.progress(Step.ENDED, ended=EndReason.DEAD))
    await pool.execute(
        "update journeys set protected = true, district = null where youth_id = $1", protected.youth_id
    )
    await run.act(wave, "approve")
    done = await run.is_over(wave)
    assert sorted(run.notifications.youths) == sorted(youth.youth_id for youth in youths)
    assert (done["state"], done["handed_over"], done["waiting"]) == ("done", 5, 0)
    assert (done["excluded"]["ended"], done["excluded"]["protected"]) == (1, 1)
    assert (done["approved_by"], done["finished_at"] is not None) == ("karin", True)
    assert (await run.act(wave, "stop", expect=409))["state"] == "done"

    audited = await pool.fetch("select action, count(*) as n from audit where action like 'wave.%' group by 1")
    assert dict(map(tuple, audited)) == {
        "wave.preview": 1, "wave.approve": 1, "wave.hand_over": 5, "wave.close": 1,
    }  # fmt: skip
    # A second wave so soon finds those of the first written to.
    await pool.execute("update wave_youths set handed_over_at = handed_over_at + interval '1 hour'")
    again = await run.preview()
    assert (again["letters"], again["excluded"]["mailed"]) == (0, 5)


async def test_a_wave_can_be_paused_resumed_and_stopped(run: Mailing, record: Record) -> None:
    await many(record, 130)  # the first batch takes a hundred
    wave = await run.preview()
    run.notifications.open.clear()
    await run.act(wave, "approve")
    assert (await run.act(wave, "approve"))["state"] == "running", "repeated"
    assert (await run.act(wave, "pause"))["state"] == "paused"
    run.notifications.open.set()
    assert (await run.act(wave, "pause"))["state"] == "paused"
    other = await run.preview()
    answer = await run.act(other, "approve", expect=409)
    assert answer["type"].endswith("another-wave")
    assert (await run.act(wave, "resume"))["state"] == "running"
    assert (await run.act(wave, "stop"))["state"] == "stopped"
    stopped = await run.is_over(wave)
    assert (stopped["recalled"], stopped["too_late"]) == (3, 1)
    assert stopped["finished_at"] is not None
    assert stopped["handed_over"] in (0, 100), "stopped before the first batch, or after it"
    assert len(run.notifications.youths) == stopped["handed_over"]
    assert (await run.act(wave, "stop"))["state"] == "stopped", "repeated"
    assert (await run.act(wave, "resume", expect=409))["state"] == "stopped"
    assert (await run.act(other, "approve"))["state"] == "running", "now it is the other's turn"


async def test_a_preview_that_is_given_up_is_over_at_once(run: Mailing) -> None:
    wave = await run.preview()
    stopped = await run.act(wave, "stop")
    assert (stopped["state"], stopped["finished_at"] is not None) == ("stopped", True)
    await run.act(wave, "approve", expect=409)
    await run.act({"wave_id": str(uuid4())}, "approve", expect=404)


async def test_a_batch_that_is_asked_for_again_is_the_same(
    run: Mailing, record: Record, pool: asyncpg.Pool, activities: WaveActivities
) -> None:
    await many(record, 7)
    wave = await run.preview()
    wave_id = UUID(wave["wave_id"])
    one, two = (ReleaseBatch(wave_id=wave_id, batch=number, size=3) for number in (1, 2))
    assert (await activities.release_batch(one)).state is WaveState.PREVIEW, "not approved: nobody"
    await pool.execute("update waves set state = 'running', approved_at = now() where wave_id = $1", wave_id)
    first = await activities.release_batch(one)
    assert (len(first.youths), first.left) == (3, 4)
    assert (await activities.release_batch(one)).youths == first.youths
    second = await activities.release_batch(two)
    assert (len(second.youths), second.left) == (3, 1)
    assert not {youth.youth_id for youth in first.youths} & {youth.youth_id for youth in second.youths}
    looked = await activities.release_batch(ReleaseBatch(wave_id=wave_id, batch=3, size=3, looks_only=True))
    assert (looked.state, looked.youths) == (WaveState.RUNNING, ())
    assert await pool.fetchval("select count(*) from wave_youths where batch is not null") == 6


async def test_a_wave_whose_workflow_could_not_be_started_is_started_by_repeating(
    run: Mailing, record: Record, pool: asyncpg.Pool
) -> None:
    await many(record, 2)
    wave = await run.preview()
    # The process died between writing the approval down and starting the workflow.
    await pool.execute(
        "update waves set state = 'running', approved_at = now(), begins = now() - interval '1 day'"
    )
    await run.act(wave, "approve")
    assert (await run.is_over(wave))["handed_over"] == 2
    await run.act(wave, "approve", expect=409)  # after the end nothing starts anew


async def test_of_seven_thousand_a_batch_takes_no_second(
    pool: asyncpg.Pool, run: Mailing, activities: WaveActivities, settings: Settings
) -> None:
    at = settings.clock.now() - timedelta(days=60)
    await pool.execute(
        "insert into journeys (youth_id, episode_id, district, step, moved_at, registered_on, start_by)"
        " select gen_random_uuid(), gen_random_uuid(), 'd' || n % 14, 'watch', $1::timestamptz, $2, $2"
        " from generate_series(1, 7500) n",
        at,
        at.date(),
    )
    await pool.execute(
        "insert into transitions (progress_id, youth_id, episode_id, step, at)"
        " select gen_random_uuid(), youth_id, episode_id, s.step, $1 from journeys,"
        " unnest(array['awaiting_start', 'first_contact', 'calling', 'tried_to_reach', 'watch']) as s (step)",
        at,
    )
    await pool.execute("analyze journeys, transitions")
    began = settings.clock.now()
    wave = await run.preview()
    assert wave["letters"] == 7_500
    await pool.execute("update waves set state = 'running', approved_at = now()")
    released = await activities.release_batch(ReleaseBatch(wave_id=UUID(wave["wave_id"]), batch=1, size=100))
    assert (len(released.youths), released.left) == (100, 7_400)
    districts = await pool.fetchval(
        "select count(distinct district) from journeys join wave_youths using (youth_id) where batch = 1"
    )
    assert districts == 14, "a batch mixes the districts"
    assert settings.clock.now() - began < timedelta(seconds=10)
