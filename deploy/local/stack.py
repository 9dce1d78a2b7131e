"""Starting and stopping a stack, for the commands, the demonstration and the end-to-end tests."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from signal import SIGTERM
from typing import Any

from deploy.local import ports
from deploy.local.config import Config
from deploy.local.process import ROOT, StartFailed, tail
from deploy.local.state import State
from deploy.local.supervisor import stop_orphans, take_lock

POLL_SECONDS = 0.15
UP_SECONDS = 300.0
DOWN_SECONDS = 120.0


class PortsTaken(RuntimeError):
    """Something else listens on ports of this stack; the message says which, who, and what to do."""


def supervisor_pid(folder: Path) -> int | None:
    """Return the pid of the supervisor of the stack in ``folder``; None when none runs."""
    lock = take_lock(folder / "run" / "lock")
    if lock is not None:
        lock.close()
        return None
    state = State.read(folder / "run" / "state.json")
    return state.supervisor if state else None


def up(config: Config, show: Callable[[State], None] = lambda _: None) -> dict[str, Any]:
    """Start a stack in the background, wait until it is ready, and return its facts (stack.json).

    ``show`` is called with each state on the way. When it runs already, returns at once.
    Raises PortsTaken, or StartFailed with what failed; then nothing is left running.
    """
    if supervisor_pid(config.folder) is None:
        config.layout.make()
        stop_orphans(config)
        _refuse_taken_ports(config)
        config.save()
        config.layout.state_file.unlink(missing_ok=True)
        _spawn_supervisor(config)
    return _wait_until_ready(config, show)


def down(folder: Path) -> bool:
    """Stop the stack in ``folder`` and wait until all has ended; return whether anything ran."""
    pid = supervisor_pid(folder)
    if pid is None:
        config_file = folder / "run" / "config.json"
        return bool(config_file.exists() and stop_orphans(Config.saved(folder)))
    os.kill(pid, SIGTERM)
    deadline = time.monotonic() + DOWN_SECONDS
    while supervisor_pid(folder) is not None:
        if time.monotonic() > deadline:
            raise TimeoutError(f"the supervisor (pid {pid}) has not ended; see {folder / 'logs'}")
        time.sleep(POLL_SECONDS)
    return True


def _refuse_taken_ports(config: Config) -> None:
    taken = ports.taken(config.ports_needed())
    if not taken:
        return
    lines = [f"port {one.port} ({one.name}) is taken by {one.by}" for one in taken]
    first = taken[0]
    lines.append(f"Choose another: UPPSOK_LOCAL_PORT_{first.name.upper()}={first.port + 1000} make up")
    lines.append(f"or for good in {config.folder / 'local.toml'}:  [ports]  {first.name} = {first.port + 1000}")
    raise PortsTaken("\n".join(lines))


def _spawn_supervisor(config: Config) -> None:
    with config.layout.log("supervisor").open("ab") as log:
        subprocess.run(
            [sys.executable, "-m", "deploy.local", "supervise", "--dir", str(config.folder)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            check=True,
        )


def _wait_until_ready(config: Config, show: Callable[[State], None]) -> dict[str, Any]:
    deadline = time.monotonic() + UP_SECONDS
    seen_alive = False
    while time.monotonic() < deadline:
        state = State.read(config.layout.state_file)
        if state is not None:
            show(state)
            if state.phase == "ready":
                found: dict[str, Any] = json.loads(config.layout.stack_file.read_text())
                return found
            if state.phase in {"failed", "down"}:
                raise StartFailed(state.error or "the start was broken off")
        alive = supervisor_pid(config.folder) is not None
        if seen_alive and not alive:
            raise StartFailed(f"the supervisor ended:\n{tail(config.layout.log('supervisor'))}")
        seen_alive = seen_alive or alive
        time.sleep(POLL_SECONDS)
    raise StartFailed(f"not ready within {UP_SECONDS:.0f} s; see {config.layout.logs}")
