"""One child process: started in a session of its own, with its output in a log file, and stopped kindly."""

import asyncio
import os
import pwd
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from signal import SIGKILL

from deploy.local.parts.part import Command, Part

ROOT = Path(__file__).parents[2]
POLL_SECONDS = 0.05


class StartFailed(RuntimeError):
    """A process ended, or did not get ready in time. The message ends with the last lines of its log."""


class Running:
    """A started process."""

    def __init__(self, name: str, command: Command, popen: "subprocess.Popen[bytes]", log: Path) -> None:
        self.name, self.command, self.popen, self.log = name, command, popen, log

    @property
    def pid(self) -> int:
        return self.popen.pid

    def exit_code(self) -> int | None:
        """Return the exit code, negative for a signal; None while it runs."""
        return self.popen.poll()

    def stop(self) -> int:
        """Ask it to stop, wait, kill it and its children if it does not. Returns the exit code."""
        if self.popen.poll() is None:
            self.popen.send_signal(self.command.stop_signal)
            try:
                self.popen.wait(self.command.stop_seconds)
            except subprocess.TimeoutExpired:
                self.kill()
        return self.popen.wait()

    def kill(self) -> None:
        """Kill -9 it and its children at once (what the fault tests do as well)."""
        try:
            os.killpg(self.popen.pid, SIGKILL)
        except ProcessLookupError:
            return
        self.popen.wait()


def start(name: str, command: Command, log: Path) -> Running:
    """Start a command; output is appended to ``log``. Raises OSError when it cannot be started."""
    log.parent.mkdir(parents=True, exist_ok=True)
    drop_to = pwd.getpwnam(command.user) if command.user else None
    with log.open("ab") as output:
        popen = subprocess.Popen(
            command.argv,
            env={**os.environ, **command.env} if command.inherit_env else dict(command.env),
            cwd=command.cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C in a terminal is for the supervisor alone
            user=drop_to.pw_uid if drop_to else None,
            group=drop_to.pw_gid if drop_to else None,
            extra_groups=[] if drop_to else None,
        )
    return Running(name, command, popen, log)


def start_part(part: Part, log: Path, timeout: float = 60.0) -> Running:
    """Prepare and start a part, and wait (seconds) until it is ready. Raises StartFailed."""
    part.prepare()
    running = start(part.name, part.command(), log)
    deadline = time.monotonic() + timeout
    while not part.ready():
        if (code := running.exit_code()) is not None:
            raise StartFailed(f"{part.name} ended with {code}:\n{tail(log)}")
        if time.monotonic() > deadline:
            running.stop()
            raise StartFailed(f"{part.name} was not ready within {timeout:.0f} s:\n{tail(log)}")
        time.sleep(POLL_SECONDS)
    return running


async def run_python(words: Sequence[str], env: Mapping[str, str], log: Path) -> None:
    """Run ``python -m words`` to its end. Raises StartFailed with the end of its log."""
    with log.open("ab") as output:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", *words, cwd=ROOT, env=dict(env), stdin=subprocess.DEVNULL,
            stdout=output, stderr=output,
        )  # fmt: skip
        code = await child.wait()
    if code != 0:
        raise StartFailed(f"{' '.join(words)} ended with exit {code}; the end of {log}:\n{tail(log)}")


def tail(log: Path, lines: int = 15) -> str:
    """Return the last lines of a log file."""
    if not log.exists():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
