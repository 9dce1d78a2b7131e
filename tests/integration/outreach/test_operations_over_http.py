"""What an operator does over the services' APIs: dead letters handled again, a wave stopped."""

import re
from collections.abc import AsyncIterator, Callable
from uuid import uuid4

import asyncpg
import httpx
import pytest

from chassis.inbox import Inbox
from contracts.reasons import Step
from services.outreach.app import make_app
from services.outreach.operations.__main__ import run as command
from services.outreach.operations.acting import VARIABLE
from services.outreach.settings import Settings
from tests.integration.notifications.servers import serving as serving_on_port
from tests.integration.outreach.conftest import Record
from tests.integration.outreach.operating import audited
from tests.integration.outreach.running import Running, running
from tests.integration.outreach.waves import mailing
from tests.integration.outreach.youths import Youth, incoming

pytestmark = pytest.mark.stack
As = Callable[..., dict[str, str]]
Out = Callable[[], str]


@pytest.fixture
async def run(pool: asyncpg.Pool, settings: Settings) -> AsyncIterator[Running]:
    async with running(pool, settings) as run:
        yield run


@pytest.fixture
async def url(settings: Settings) -> AsyncIterator[str]:
    app = make_app(settings)
    async with app.router.lifespan_context(app), serving_on_port(app) as url:
        yield url


@pytest.mark.usefixtures("as_operator")
async def test_dead_and_parked_events_are_handled_again(
    run: Running, settings: Settings, url: str, out: Out, pool: asyncpg.Pool
) -> None:
    """A change came before its registration, as when one was lost: replayed once the registration has come."""
    youth, hopeless = Youth(), Youth()
    group = next(group for group in run.facts.groups() if group.name == "outreach-registry")
    inbox = Inbox(pool, group.name, group.handle, group.before)
    for one in (youth, hopeless):
        for code, cause in (("bromma", "OutreachMissing"), ("jarva", "parked")):
            event = incoming(one.changed(district=code), settings.clock.now())
            await inbox._park(pool, event, _Record(), cause)
    await run.register(youth, registered_on=settings.clock.today())

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
    async with mailing(api, as_("kaa_coordinator", subject="karin"), pool, settings) as wave:
        for _ in range(3):
            await record(Youth().progress(Step.WATCH))
        shown = await wave.preview()
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
