"""A district on hold, on real workflows: with a dry run, once, and on record."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from contracts.actions import Action
from contracts.ids import youth_workflow_id
from contracts.reasons import Step
from services.outreach.operations import district
from services.outreach.operations.__main__ import parser
from services.outreach.operations.__main__ import run as command
from services.outreach.operations.acting import NotDone, Trail, operator_of
from services.outreach.pace import Pace
from services.outreach.settings import Settings
from services.outreach.signals import Signals
from tests.integration.outreach.conftest import Record
from tests.integration.outreach.operating import OVE, audited
from tests.integration.outreach.running import Running, eventually, running
from tests.integration.outreach.youths import Youth

pytestmark = pytest.mark.stack
Out = Callable[[], str]


@pytest.fixture
async def run(pool: asyncpg.Pool, settings: Settings) -> AsyncIterator[Running]:
    async with running(pool, settings) as run:
        yield run


async def called(run: Running, district: str = "farsta") -> Youth:
    """Register a youth; the tests' policy begins soon, and here it is only waited for the first step."""
    youth = Youth(district=district)
    await run.register(youth, registered_on=run.settings.clock.today())
    await eventually(
        lambda: run.pool.fetchval("select true from transitions where youth_id = $1", youth.youth_id), "a journey"
    )
    return youth


async def step_of(run: Running, youth: Youth) -> str:
    step: str = await run.pool.fetchval("select step from journeys where youth_id = $1", youth.youth_id)
    return step


@pytest.mark.usefixtures("as_operator")
async def test_a_district_waits_and_goes_on(run: Running, settings: Settings, out: Out) -> None:
    here = [await called(run) for _ in range(3)]
    elsewhere = await called(run, "bromma")
    reached = await called(run)
    handle = run.client.get_workflow_handle(youth_workflow_id(reached.youth_id))
    await handle.execute_update("record_contact", {"decision_key": "k", "by": "anna", "way": "drop_in"})
    until = settings.clock.today() + timedelta(days=3)
    hold = ["hold-district", "farsta", "--until", str(until)]

    assert await command(hold, settings) == 0
    assert "3 searches of farsta wait" in (said := out())
    assert "Nothing was done" in said
    assert await audited(run.pool, "hold.place") == []

    assert await command([*hold, "--do"], settings) == 0
    assert "3 told, 0 had ended meanwhile" in out()
    for youth in here:
        await run.step(youth, Step.ON_HOLD)
    assert await step_of(run, elsewhere) != Step.ON_HOLD
    assert await step_of(run, reached) == Step.MAPPING
    why = f"district farsta until {until}"
    assert await audited(run.pool, "hold.place") == [
        ("ove", "operator", youth_id, why) for youth_id in sorted(youth.youth_id for youth in here)
    ]

    late = await called(run)  # who comes later is held by the same command again, and nobody else is told
    assert await command([*hold, "--do"], settings) == 0
    assert "1 told" in out()
    await run.step(late, Step.ON_HOLD)

    assert await command(["release-district", "farsta"], settings) == 0
    assert "4 of farsta wait" in out()
    assert await command(["release-district", "farsta", "--do"], settings) == 0
    assert "4 told" in out()
    await eventually(lambda: _waits(run, 0), "all go on")
    assert {await step_of(run, youth) for youth in (*here, late)} == {Step.FIRST_CONTACT}
    assert len(await audited(run.pool, "hold.end")) == 4


async def test_broken_off_it_goes_on_with_who_is_left(
    run: Running, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(district, "PAGE", 1)
    youths = [await called(run) for _ in range(2)]
    until = settings.clock.today() + timedelta(days=3)
    farsta = district.District(run.pool, "farsta")
    signals, trail = Signals(run.client, Pace(100)), Trail(run.pool, settings.clock, OVE)

    def killed(_: int) -> None:
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await farsta.hold(until, signals, trail, killed)
    await eventually(lambda: _waits(run, 1), "the first")
    assert await farsta.hold(until, signals, trail, lambda _: None) == district.Told(told=1, gone=0)
    for youth in youths:
        await run.step(youth, Step.ON_HOLD)
    assert not await farsta.to_hold(until)
    assert len(await audited(run.pool, "hold.place")) == 2


async def _waits(run: Running, number: int) -> bool:
    sql = "select count(*) from journeys where step = 'on_hold'"
    return bool(await run.pool.fetchval(sql) == number)


@pytest.mark.usefixtures("as_operator")
async def test_without_temporal_nothing_is_done_and_it_is_said(
    settings: Settings, record: Record, pool: asyncpg.Pool, capsys: pytest.CaptureFixture[str]
) -> None:
    await record(Youth().progress(Step.CALLING))
    away = settings.model_copy(update={"temporal_address": "127.0.0.1:1"})
    until = str(settings.clock.today() + timedelta(days=3))
    assert await command(["hold-district", "farsta", "--until", until, "--do"], away) == 1
    assert "Temporal does not answer at 127.0.0.1:1" in capsys.readouterr().err
    assert await audited(pool, "hold.place") == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ["hold-district", "fasta", "--until", "{tomorrow}"],
            "of district 'fasta'; there are: farsta",
        ),
        (["hold-district", "farsta", "--until", "2020-01-01"], "--until must be from"),
        (["hold-district", "farsta", "--until", "{far}"], "--until must be from"),
        (["hold-district", "farsta", "--until", "{tomorrow}", "--do"], "say who you are"),
    ],
)
async def test_what_stands_in_the_way_is_said(
    arguments: list[str], told: str, settings: Settings, record: Record, capsys: pytest.CaptureFixture[str]
) -> None:
    await record(Youth().progress(Step.CALLING))
    today = settings.clock.today()
    days = {"tomorrow": today + timedelta(days=1), "far": today + timedelta(days=60)}
    assert await command([one.format(**days) for one in arguments], settings) == 1
    assert told in capsys.readouterr().err


async def test_who_acts_must_be_an_operator(token: Callable[..., str], settings: Settings) -> None:
    assert await operator_of(token("operator", subject="ove"), settings, Action.RUNS_HOLD) == OVE
    for wrong in (token("statistician"), "no token", None):
        with pytest.raises(NotDone):
            await operator_of(wrong, settings, Action.RUNS_HOLD)


def test_a_dry_runis_the_default_and_a_pace_has_bounds() -> None:
    assert not parser().parse_args(["stuck-runs"]).do
    assert parser().parse_args(["stuck-runs", "--do", "--per-second", "2"]).do
    for wrong in (["stuck-runs", "--per-second", "0"], ["stuck-runs", "--do", "--dry-run"]):
        with pytest.raises(SystemExit):
            parser().parse_args(wrong)


async def test_as_a_process(settings: Settings, record: Record, database: Any) -> None:
    await record(Youth().progress(Step.CALLING))
    until = settings.clock.today() + timedelta(days=1)
    environment = {
        "DATABASE_URL_OUTREACH": database.app_url,
        "UPPSOK_ENVIRONMENT": "test",
        "TEMPORAL_ADDRESS": settings.temporal_address,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.outreach.operations", "hold-district", "farsta", "--until", str(until),
        env={**os.environ, **environment}, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, _ = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0
    assert said.decode().splitlines() == [
        f"1 searches of farsta wait through {until}",
        "  1 calling",
        "Nothing was done: this is what would be. Add --do to act.",
    ]
