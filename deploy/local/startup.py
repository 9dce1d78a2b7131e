"""The stages of a start, in the order of what needs what."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from http.client import HTTPConnection

from chassis.migrate import MigrationFailed, migrate
from deploy.local import first_load
from deploy.local.config import Config, database_variable
from deploy.local.databases import SERVICES, create_database, create_roles
from deploy.local.environment import Environment
from deploy.local.keeper import Keeper
from deploy.local.keys import Keys
from deploy.local.parts.choice import PARTS, chosen_parts
from deploy.local.parts.part import HOST, Command, Part
from deploy.local.process import ROOT, StartFailed, run_python
from deploy.local.processes import PROCESSES, OwnProcess
from deploy.local.state import ProcessFacts, State, Step

PART_SECONDS = 90.0
PROCESS_SECONDS = 90.0


class Startup:
    """Starts what a stack needs; `keepers` lists what was started, in order."""

    def __init__(self, config: Config, state: State, changed: Callable[[], None]) -> None:
        self._config, self._state, self._changed = config, state, changed
        self._environment = Environment(config)
        self.keepers: list[Keeper] = []
        self._steps = {name: Step(name) for name in self._step_names()}
        state.steps = list(self._steps.values())

    def _step_names(self) -> list[str]:
        parts = [name for name in PARTS if not self._config.is_external(name)]
        first = ["sample", "staff", "register sync"] if self._first_load_due() else []
        return [*parts, "databases", "temporal setup", "services", *first]

    def _first_load_due(self) -> bool:
        return self._config.sample and not self._config.layout.sample_loaded.exists()

    async def run(self) -> None:
        """Bring everything up. Raises StartFailed (or MigrationFailed) with what went wrong and where."""
        await asyncio.gather(*(self._start_part(part) for part in chosen_parts(self._config)))
        await self._databases()
        await asyncio.gather(self._temporal_setup(), self._own_processes())
        if self._first_load_due():
            async with self._step("sample"):
                await first_load.make_sample(self._config, self._environment)
            async with self._step("staff") as step:
                step.detail = await first_load.register_staff(self._config, self._environment)
            async with self._step("register sync") as step:
                step.detail = await first_load.sync_register(self._config, self._environment)
            self._config.layout.sample_loaded.touch()

    async def _start_part(self, part: Part) -> None:
        async with self._step(part.name):
            await asyncio.to_thread(part.prepare)
            keeper = self._keeper(part.name, part.command(), part.ready, self._config.ports[part.name])
            await keeper.start(PART_SECONDS)

    async def _databases(self) -> None:
        async with self._step("databases"):
            passwords = Keys(self._config.layout.keys).passwords()
            await asyncio.gather(*(self._database(service, passwords) for service in SERVICES))

    async def _database(self, service: str, passwords: Mapping[str, str]) -> None:
        if database_variable(service) not in self._config.external:
            admin = self._environment.admin_url()
            await create_roles(admin, service, passwords[f"{service}_app"], passwords[f"{service}_migrator"])
            await create_database(admin, service)
        own = ROOT / "services" / service / "db" / "migrations"
        try:
            url = self._environment.database(service).migrator_url
            await asyncio.to_thread(migrate, url, *([own] if own.is_dir() else []))
        except MigrationFailed as error:
            raise StartFailed(f"migrating the database of {service} failed: {error}") from None

    async def _temporal_setup(self) -> None:
        """Search attributes, and the schedule of the register sync when the clock runs at speed 1."""
        async with self._step("temporal setup"):
            log = self._config.layout.log("temporal-setup")
            await run_python(("workflows", "setup"), self._environment.of_command(), log)

    async def _own_processes(self) -> None:
        async with self._step("services") as step:
            wanted = [process for process in PROCESSES if process.name not in self._config.leave_out]
            ready = 0

            async def one(process: OwnProcess) -> None:
                nonlocal ready
                await self._start_own(process)
                ready += 1
                step.detail = f"{ready} of {len(wanted)}"
                self._changed()

            await asyncio.gather(*(one(process) for process in wanted))

    async def _start_own(self, process: OwnProcess) -> None:
        port = self._config.ports[process.port]
        command = Command(
            (sys.executable, "-m", *process.argv),
            env=self._environment.of_process(process),
            inherit_env=False,
            cwd=ROOT,
            stop_seconds=35,
        )
        await self._keeper(process.name, command, lambda: answers_ready(port), port).start(PROCESS_SECONDS)

    def _keeper(self, name: str, command: Command, ready: Callable[[], bool], port: int) -> Keeper:
        facts = self._state.processes.setdefault(name, ProcessFacts(port=port))
        keeper = Keeper(name, command, ready, self._config.layout, facts, self._changed)
        self.keepers.append(keeper)
        return keeper

    @asynccontextmanager
    async def _step(self, name: str) -> AsyncIterator[Step]:
        step, began = self._steps[name], time.monotonic()
        step.state = "running"
        self._changed()
        try:
            yield step
        except BaseException:
            step.state = "failed"
            raise
        else:
            step.state = "done"
        finally:
            step.seconds = round(time.monotonic() - began, 1)
            self._changed()


def answers_ready(port: int) -> bool:
    """Return whether /readyz on ``port`` says 200."""
    connection = HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
