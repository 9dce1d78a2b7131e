"""The supervisor: one process in the background that starts the stack, keeps it running, and stops it.

The other commands talk to it with a signal (SIGTERM = stop everything) and read its state file.
"""

import asyncio
import fcntl
import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from deploy.local import facts, logs, pid_files
from deploy.local.config import Config
from deploy.local.keeper import Keeper
from deploy.local.keys import Keys
from deploy.local.process import StartFailed
from deploy.local.startup import Startup
from deploy.local.state import State

TOKEN_CHECK_SECONDS = 60.0
LOCK_SECONDS = 3.0


class Supervisor:
    def __init__(self, config: Config) -> None:
        self._config, self._layout = config, config.layout
        self._state = State(supervisor=os.getpid())
        self._startup = Startup(config, self._state, self._save)

    def _save(self) -> None:
        self._state.save(self._layout.state_file)

    async def run(self) -> int:
        """Run until SIGTERM; return the exit code."""
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        self._save()
        starting = asyncio.create_task(self._start())
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done() and starting.exception() is None:
            await self._while_ready(stopping)
        return await self._end(starting)

    async def _start(self) -> None:
        await self._startup.run()
        facts.write(self._config)
        self._state.phase = "ready"
        self._save()

    async def _while_ready(self, stopping: "asyncio.Task[bool]") -> None:
        keys = Keys(self._layout.keys)
        while not stopping.done():
            await asyncio.wait({stopping}, timeout=TOKEN_CHECK_SECONDS)
            if keys.service_token_is_old():
                keys.renew_service_token()

    async def _end(self, starting: "asyncio.Task[None]") -> int:
        starting.cancel()
        error: BaseException | None = None
        try:
            await starting
        except asyncio.CancelledError:
            pass
        except Exception as failed:  # whatever it was: stop what runs, and tell it in `make up`
            error = failed
        self._state.phase = "stopping"
        self._save()
        await stop_all(self._startup.keepers)
        self._layout.stack_file.unlink(missing_ok=True)
        self._state.phase = "failed" if error else "down"
        if error:
            told = isinstance(error, StartFailed)
            self._state.error = str(error) if told else f"{type(error).__name__}: {error}"
        self._save()
        return 1 if error else 0


STOP_TURNS = (0, 1, 2)


def stop_turn(name: str) -> int:
    """Return when a process is stopped: whoever needs a part goes before it."""
    return {"postgres": 2, "kafka": 1, "temporal": 1}.get(name, 0)


async def stop_all(keepers: Sequence[Keeper]) -> None:
    for turn in STOP_TURNS:
        await asyncio.gather(*(keeper.stop() for keeper in keepers if stop_turn(keeper.name) == turn))


def stop_orphans(config: Config) -> list[str]:
    """Stop what a killed supervisor left running; return the names. Only processes of our pid files."""
    orphans = list(pid_files.alive(config.layout))
    for orphan in sorted(orphans, key=lambda orphan: stop_turn(orphan.name)):
        orphan.stop()
    for file in config.layout.run.glob("*.pid"):
        file.unlink()
    return [orphan.name for orphan in orphans]


def take_lock(file: Path) -> IO[str] | None:
    """Return the locked file (locked until it is closed or the process ends); None when another has it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    lock = file.open("a")
    with suppress(BlockingIOError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return lock
    lock.close()
    return None


def _wait_for_lock(file: Path) -> IO[str] | None:
    """Commands that look whether a supervisor runs hold the lock for an instant."""
    deadline = time.monotonic() + LOCK_SECONDS
    while (lock := take_lock(file)) is None and time.monotonic() < deadline:
        time.sleep(0.05)
    return lock


def main(folder: Path) -> int:
    """Run the supervisor of the stack in ``folder`` (its settings were saved by `up`)."""
    if os.fork() > 0:
        os._exit(0)  # whoever called may go on; nobody is our parent any more
    os.setsid()
    config = Config.saved(folder)
    lock = _wait_for_lock(config.layout.lock_file)
    if lock is None:
        sys.stderr.write("another supervisor has this stack\n")
        return 3
    stop_orphans(config)
    logs.rotate(config.layout)
    Keys(config.layout.keys).make()
    return asyncio.run(Supervisor(config).run())
