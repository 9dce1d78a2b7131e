"""What an operator does to many at once: on real workflows, with a dry run, once, and on record."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from temporalio import workflow
from temporalio.client import WorkflowHandle
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from chassis.inbox import Inbox
from contracts.ids import youth_workflow_id
from contracts.reasons import Step
from contracts.roles import Role
from services.outreach.app import make_app
from services.outreach.operations import district, stuck
from services.outreach.operations.__main__ import parser
from services.outreach.operations.__main__ import run as command
from services.outreach.operations.acting import VARIABLE, NotDone, Operator, Trail, operator_of
from services.outreach.pace import Pace
from services.outreach.settings import Settings
from services.outreach.signals import Signals
from tests.integration.notifications.servers import serving as serving_on_port
from tests.integration.outreach.conftest import Record
from tests.integration.outreach.running import Running, eventually, running
from tests.integration.outreach.waves import mailing
from tests.integration.outreach.youths import Youth, incoming

pytestmark = pytest.mark.stack
As = Callable[..., dict[str, str]]
Out = Callable[[], str]
OVE = Operator("ove", Role.OPERATOR)


@pytest.fixture
async def run_(pool: asyncpg.Pool, settings: Settings) -> AsyncIterator[Running]:
    async with running(pool, settings) as run:
        yield run


@pytest.fixture
def out(capsys: pytest.CaptureFixture[str]) -> Out:
    return lambda: capsys.readouterr().out


@pytest.fixture
def as_operator(token: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, token("operator", subject="ove"))


async def audited(pool: asyncpg.Pool, action: str) -> list[tuple[str, str, UUID, str]]:
    rows = await pool.fetch("select * from audit where action = $1 order by youth_id", action)
    return [(row["actor"], row["role"], row["youth_id"], row["why"]) for row in rows]


async def called(run: Running, district: str = "farsta") -> Youth:
    """Register a youth; the tests' policy begins soon, and here it is only waited for the first step."""
    youth = Youth(district=district)
    await run.register(youth, registered_on=run.settings.clock.today())
    await eventually(
        lambda: run.pool.fetchval("select true from transitions where youth_id = $1", youth.youth_id), "a journey"
    )
    return youth


# --- a district on hold ---


async def step_of(run: Running, youth: Youth) -> str:
    step: str = await run.pool.fetchval("select step from journeys where youth_id = $1", youth.youth_id)
    return step


@pytest.mark.usefixtures("as_operator")
async def test_a_district_waits_and_goes_on(run_: Running, settings: Settings, out: Out) -> None:
    here = [await called(run_) for _ in range(3)]
    elsewhere = await called(run_, "bromma")
    reached = await called(run_)
    handle = run_.client.get_workflow_handle(youth_workflow_id(reached.youth_id))
    await handle.execute_update("record_contact", {"decision_key": "k", "by": "anna", "way": "drop_in"})
    until = settings.clock.today() + timedelta(days=3)
    hold = ["hold-district", "farsta", "--until", str(until)]

    assert await command(hold, settings) == 0
    assert "3 searches of farsta wait" in (said := out())
    assert "Nothing was done" in said
    assert await audited(run_.pool, "hold.place") == []

    assert await command([*hold, "--do"], settings) == 0
    assert "3 told, 0 had ended meanwhile" in out()
    for youth in here:
        await run_.step(youth, Step.ON_HOLD)
    assert await step_of(run_, elsewhere) != Step.ON_HOLD
    assert await step_of(run_, reached) == Step.MAPPING
    why = f"district farsta until {until}"
    assert await audited(run_.pool, "hold.place") == [
        ("ove", "operator", youth_id, why) for youth_id in sorted(youth.youth_id for youth in here)
    ]

    late = await called(run_)  # who comes later is held by the same command again, and nobody else is told
    assert await command([*hold, "--do"], settings) == 0
    assert "1 told" in out()
    await run_.step(late, Step.ON_HOLD)

    assert await command(["release-district", "farsta"], settings) == 0
    assert "4 of farsta wait" in out()
    assert await command(["release-district", "farsta", "--do"], settings) == 0
    assert "4 told" in out()
    await eventually(lambda: _waits(run_, 0), "all go on")
    assert {await step_of(run_, youth) for youth in (*here, late)} == {Step.FIRST_CONTACT}
    assert len(await audited(run_.pool, "hold.end")) == 4


async def test_broken_off_it_goes_on_with_who_is_left(
    run_: Running, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(district, "PAGE", 1)
    youths = [await called(run_) for _ in range(2)]
    until = settings.clock.today() + timedelta(days=3)
    farsta = district.District(run_.pool, "farsta")
    signals, trail = Signals(run_.client, Pace(100)), Trail(run_.pool, settings.clock, OVE)

    def killed(_: int) -> None:
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await farsta.hold(until, signals, trail, killed)
    await eventually(lambda: _waits(run_, 1), "the first")
    assert await farsta.hold(until, signals, trail, lambda _: None) == district.Told(told=1, gone=0)
    for youth in youths:
        await run_.step(youth, Step.ON_HOLD)
    assert not await farsta.to_hold(until)
    assert len(await audited(run_.pool, "hold.place")) == 2


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


def test_who_acts_must_be_an_operator(token: Callable[..., str], settings: Settings) -> None:
    assert operator_of(token("operator", subject="ove"), settings) == OVE
    for wrong in (token("statistician"), "no token", None):
        with pytest.raises(NotDone):
            operator_of(wrong, settings)


def test_a_dry_run_is_the_default_and_a_pace_has_bounds() -> None:
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


# --- stuck runs ---


@workflow.defn(name="Deciding")
class Faulty:
    """Sleeps where it should wait for its signal, as code that was let out by mistake."""

    @workflow.run
    async def run(self) -> str:
        await workflow.sleep(timedelta(days=1))
        return "slept"

    @workflow.signal
    def go(self) -> None: ...


@workflow.defn(name="Deciding")
class Right:
    def __init__(self) -> None:
        self.gone = False

    @workflow.run
    async def run(self) -> str:
        await workflow.wait_condition(lambda: self.gone)
        return "went on"

    @workflow.signal
    def go(self) -> None:
        self.gone = True


@pytest.mark.usefixtures("as_operator")
async def test_what_faulty_code_decided_is_decided_anew(
    run_: Running, settings: Settings, out: Out, pool: asyncpg.Pool
) -> None:
    """Its timer is in the history, so the right code does not fit: the run stands still until then."""
    client, queue, youth_id = run_.client, f"deciding-{uuid4()}", uuid4()
    run_.youths.append(Youth(youth_id=youth_id))
    unsandboxed = UnsandboxedWorkflowRunner()
    handle: WorkflowHandle[Any, str] = await client.start_workflow(
        "Deciding", id=youth_workflow_id(youth_id), task_queue=queue, result_type=str
    )
    async with Worker(client, task_queue=queue, workflows=[Faulty], workflow_runner=unsandboxed):
        await eventually(lambda: _has_timer(handle), "the faulty decision")
    await handle.signal("go")
    async with Worker(client, task_queue=queue, workflows=[Right], workflow_runner=unsandboxed):

        async def ours() -> list[stuck.Stuck]:
            return [one for one in await stuck.stuck(client) if one.workflow_id == handle.id]

        (found,) = await eventually(ours, "a run that is reported")
        assert found.cause == "WorkflowTaskFailedCauseNonDeterministicError"
        assert await command(["stuck-runs"], settings) == 0
        said = out()
        assert handle.id in said
        assert "WorkflowTaskFailedCauseNonDeterministicError" in said
        assert "Nothing was done" in said

        trail = Trail(pool, settings.clock, OVE)
        driven = await stuck.drive_again(client, [found], trail, Pace(100), lambda _: None)
        assert (driven.driven, driven.over) == (1, 0)
        again = client.get_workflow_handle(handle.id, result_type=str)
        assert await asyncio.wait_for(again.result(), 60) == "went on"
        driven = await stuck.drive_again(client, [found], trail, Pace(100), lambda _: None)
        assert driven.driven + driven.over == 1, "the same again does no harm"
    assert (await audited(pool, "journey.redrive"))[0] == ("ove", "operator", youth_id, "workflow task failed")


async def _has_timer(handle: WorkflowHandle[Any, Any]) -> bool:
    return any(event.HasField("timer_started_event_attributes") for event in (await handle.fetch_history()).events)


# --- over HTTP ---


@pytest.fixture
async def url(settings: Settings) -> AsyncIterator[str]:
    app = make_app(settings)
    async with app.router.lifespan_context(app), serving_on_port(app) as url:
        yield url


@pytest.mark.usefixtures("as_operator")
async def test_dead_and_parked_events_are_handled_again(
    run_: Running, settings: Settings, url: str, out: Out, pool: asyncpg.Pool
) -> None:
    """A change came before its registration, as when one was lost: replayed once the registration has come."""
    youth, hopeless = Youth(), Youth()
    group = next(group for group in run_.facts.groups() if group.name == "outreach-registry")
    inbox = Inbox(pool, group.name, group.handle, group.before)
    for one in (youth, hopeless):
        for code, cause in (("bromma", "OutreachMissing"), ("jarva", "parked")):
            event = incoming(one.changed(district=code), settings.clock.now())
            await inbox._park(pool, event, _Record(), cause)
    await run_.register(youth, registered_on=settings.clock.today())

    assert await command(["dead-letters", "--url", url], settings) == 0
    said = out()
    assert "4 events of 2 youths wait" in said
    assert "2 outreach-registry: parked" in said
    assert await audited(pool, "dead_letter.replay") == []

    assert await command(["dead-letters", "--url", url, "--do"], settings) == 0
    assert "2 events handled, 0 left; the first event of 1 youths failed again" in out()
    assert await pool.fetchval("select count(*) from dead_letters where resolved_at is null") == 2
    assert await pool.fetchval("select district from journeys where youth_id = $1", youth.youth_id) == "jarva"
    assert {row[2] for row in await audited(pool, "dead_letter.replay")} == {youth.youth_id, hopeless.youth_id}


class _Record:
    partition, offset = 0, 0


@pytest.mark.usefixtures("as_operator")
async def test_a_wave_is_stopped(
    api: httpx.AsyncClient, as_: As, pool: asyncpg.Pool, settings: Settings, record: Record, url: str, out: Out
) -> None:
    async with mailing(api, as_("kaa_coordinator", subject="karin"), pool, settings) as run:
        for _ in range(3):
            await record(Youth().progress(Step.WATCH))
        shown = await run.preview()
        stop = ["stop-wave", shown["wave_id"], "--url", url]
        assert await command(stop, settings) == 0
        assert re.search(r"is preview: 3 youths wait, 0 are handed over\nNothing was done", out())
        assert await command([*stop, "--do"], settings) == 0
        assert "is stopped" in out()
        (by,) = await pool.fetch("select actor from audit where action = 'wave.stop'")
        assert by["actor"] == "ove"
        assert await command(["stop-wave", str(uuid4()), "--url", url], settings) == 1


async def test_over_http_the_service_says_who_may(
    settings: Settings, url: str, token: Callable[..., str], monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv(VARIABLE, token("statistician"))
    assert await command(["dead-letters", "--url", url], settings) == 1
    assert "Your role may not do this" in capsys.readouterr().err
    monkeypatch.delenv(VARIABLE)
    assert await command(["dead-letters", "--url", url], settings) == 1
    monkeypatch.setenv(VARIABLE, token("operator"))
    assert await command(["dead-letters", "--url", "http://127.0.0.1:1"], settings) == 1
    assert "does not answer" in capsys.readouterr().err
