"""Kill -9 in the midst of a sync, at each step of it, with news from every kind of source.

After it the register is exactly as before (or, when the commit was on its way, exactly as after); the activity
that is tried again, or the next run, completes it; and it is then, with all that was told of it, as in a city that
was told the same and in which nothing was killed.
"""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from temporalio.exceptions import ApplicationError

from chassis.postgres import create_pool
from contracts.registry_activities import Source, SyncReport, SyncRequest, SyncRun
from deploy.local.databases import Database
from services.registry.activities import NOT_LOADED, RegistryActivities
from services.registry.db import runs
from tests.faults.one_sync import APPLIED
from tests.faults.register_content import comparable, content, differences
from tests.faults.twins import TODAY, Twin, Twins, environment, write_servers
from tests.integration.notifications.servers import serving as serving_school
from tests.integration.registry.city import City, counts
from tests.integration.registry.conftest import as_, make_settings, school, serving
from tests.integration.registry.ss12000.conftest import PROGRAMMES
from tests.integration.registry.ss12000.school import organisation
from tests.integration.registry.ss12000.school_server import BASE, CLIENT_ID, SECRET, TOKEN_PATH, SchoolServer
from tests.stack.tokens import AuthEnv

__all__ = ["as_", "school"]  # fixtures
pytestmark = [pytest.mark.fault, pytest.mark.stack]
ROOT = Path(__file__).parents[2]

GATE = """
create or replace function wait_at_gate() returns trigger language plpgsql as
    'begin perform pg_advisory_xact_lock_shared(77); return new; end'
"""
CLOSE_GATE = "select pg_advisory_xact_lock(77)"
AT_GATE = "select count(*) from pg_locks where not granted and locktype = 'advisory' and objid = 77"
GONE = "select count(*) from pg_stat_activity where application_name = 'one-sync' and datname = current_database()"
STAGED = "select relname from pg_class where relkind = 'r' and relpersistence = 'u'"
EACH = "create trigger gate before {} on {} for each statement execute function wait_at_gate()"
DONE = "for each row when (new.state = 'done') execute function wait_at_gate()"

# Where the process is when it is killed: the trigger at which it waits, in the order in which they come.
STEPS = {
    **{f"reading {source}": EACH.format("insert", f"staging_{source}") for source in Source},
    "reading a page of the server": EACH.format("insert", "staging_ss12000"),
    "the server has been read": EACH.format("insert", "ss12000_readings"),
    "writing persons": EACH.format("insert", "persons"),
    "Navet has been carried out": EACH.format("insert", "navet_files"),
    "merging enrolments": EACH.format("insert", "enrolments"),
    "merging what the server told": EACH.format("insert", "ss12000_rows"),
    "matching reports": EACH.format("update", "school_reports"),
    "opening episodes": EACH.format("insert", "episodes"),
    "telling": EACH.format("insert", "outbox"),
    "the run is done, and not committed": f"create trigger gate before update on sync_runs {DONE}",
}
COMMITTING = f"create constraint trigger gate after update on sync_runs deferrable initially deferred {DONE}"


@pytest.fixture(scope="module")
async def twins(
    service_database: Callable[[str], Awaitable[Database]],
    temporal_address: str,
    auth_env: AuthEnv,
    as_: Callable[..., dict[str, str]],
    school: Callable[..., dict[str, str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Twins]:
    server = SchoolServer(organisations=[organisation()], programmes=PROGRAMMES)
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(serving_school(server.app()))

        async def twin() -> Twin:
            database, folder = await service_database("registry"), tmp_path_factory.mktemp("drop")
            pool = await stack.enter_async_context(await create_pool(database.app_url, application_name="test"))
            file = write_servers(folder, url + BASE, url + TOKEN_PATH, CLIENT_ID, SECRET)
            settings = make_settings(database, folder, temporal_address, auth_env)
            settings = settings.model_copy(update={"registry_ss12000_file": file})
            api = await stack.enter_async_context(serving(settings))
            city = City(pool, RegistryActivities(pool, settings.clock, settings), folder, settings)
            return Twin(city, api, database)

        twins = Twins(await twin(), await twin(), server, as_, school)
        await twins.begin()
        yield twins
    assert server.faults == []


@pytest.fixture
async def migrator(twins: Twins) -> AsyncIterator[asyncpg.Connection]:
    """May do with the harmed city's tables what its own processes may not."""
    conn = await asyncpg.connect(twins.harmed.database.migrator_url)
    await conn.execute(GATE)
    yield conn
    await conn.close()


async def start(twin: Twin) -> Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.faults.one_sync"),
        env=os.environ | environment(twin.city.settings),
        cwd=ROOT,
        stdin=PIPE,
        stdout=PIPE,
    )


async def kill_at(twin: Twin, migrator: asyncpg.Connection, gate: str, run: SyncRun, process: Process) -> set[str]:
    """Let a process do a run, and kill it at a gate; return the activities that it has done."""
    await migrator.execute(gate)
    table = gate.partition(" on ")[2].split()[0]
    async with migrator.transaction():
        await migrator.execute(CLOSE_GATE)
        assert process.stdin is not None
        process.stdin.write(f"{run.run_id}\n".encode())
        while not await twin.city.pool.fetchval(AT_GATE):
            assert process.returncode is None, "it ended by itself"
            await asyncio.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        told, _ = await process.communicate()
    while await twin.city.pool.fetchval(GONE):  # the server notices, and rolls back what was not committed
        await asyncio.sleep(0.02)
    await migrator.execute(f"drop trigger gate on {table}")
    assert process.returncode == -signal.SIGKILL
    return set(told.decode().split())


async def complete(twin: Twin, run: SyncRun, done: set[str], *, in_the_next_run: bool) -> SyncReport:
    """As Temporal does: each activity that has not answered is tried again. Or as the next run does."""
    city = twin.city
    if in_the_next_run:
        await city.pool.execute(runs.ABANDON, run.run_id)
        return await city.sync()
    await asyncio.gather(*(city.load(run, source) for source in Source if source not in done))
    return await city.apply(run)


async def is_as_unharmed(twins: Twins, report: SyncReport, unharmed: SyncReport) -> None:
    assert counts(report) == counts(unharmed)
    assert min(counts(unharmed)) > 0  # something of each kind happened
    found, wanted = await comparable(twins.harmed.city.pool), await comparable(twins.unharmed.city.pool)
    assert differences(found, wanted) == {}
    assert found["public.outbox"].total() > 0


@pytest.mark.parametrize(("place", "step"), list(enumerate(STEPS)), ids=list(STEPS))
async def test_killed_before_the_commit_nothing_has_happened(
    twins: Twins, migrator: asyncpg.Connection, place: int, step: str
) -> None:
    harmed = twins.harmed
    process = await start(harmed)
    await twins.another_day()
    unharmed = await twins.unharmed.city.sync()
    run = await harmed.city.open(SyncRequest(run_id=uuid4(), as_of=TODAY))
    before = await content(harmed.city.pool), await harmed.covered(twins.superuser)
    done = await kill_at(harmed, migrator, STEPS[step], run, process)
    assert APPLIED not in done
    assert differences(await content(harmed.city.pool), before[0]) == {}
    assert await harmed.covered(twins.superuser) == before[1]
    report = await complete(harmed, run, done, in_the_next_run=place % 2 == 1)
    await is_as_unharmed(twins, report, unharmed)


async def test_killed_while_it_commits_all_has_happened_once(twins: Twins, migrator: asyncpg.Connection) -> None:
    """Nobody was told that it is done: the activity is tried again, and answers what it did."""
    harmed = twins.harmed
    process = await start(harmed)
    await twins.another_day()
    unharmed = await twins.unharmed.city.sync()
    run = await harmed.city.open(SyncRequest(run_id=uuid4(), as_of=TODAY))
    done = await kill_at(harmed, migrator, COMMITTING, run, process)
    assert APPLIED not in done
    found, wanted = await comparable(harmed.city.pool), await comparable(twins.unharmed.city.pool)
    assert differences(found, wanted) == {}
    after = await content(harmed.city.pool)
    await is_as_unharmed(twins, await harmed.city.apply(run), unharmed)
    assert differences(await content(harmed.city.pool), after) == {}
    assert counts(await harmed.city.sync()) == (0, 0, 0)
    await twins.unharmed.city.sync()


async def test_a_killed_database_has_lost_what_was_read(twins: Twins, migrator: asyncpg.Connection) -> None:
    """What is staged is not kept through a crash, as PostgreSQL says of it: nothing is made of the rest."""
    harmed = twins.harmed
    await twins.another_day()
    unharmed = await twins.unharmed.city.sync()
    run = await harmed.city.open(SyncRequest(run_id=uuid4(), as_of=TODAY))
    for source in Source:
        await harmed.city.load(run, source)
    before = await content(harmed.city.pool)
    staged = [row["relname"] for row in await migrator.fetch(STAGED)]
    await migrator.execute(f"truncate {', '.join(staged)}")
    with pytest.raises(ApplicationError) as refused:
        await harmed.city.apply(run)
    assert refused.value.type == NOT_LOADED
    assert differences(await content(harmed.city.pool), before) == {}
    report = await complete(harmed, run, set(), in_the_next_run=True)
    await is_as_unharmed(twins, report, unharmed)
