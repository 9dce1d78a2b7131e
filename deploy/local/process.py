"""One child process: started in a session of its own, with its output in a log file, and stopped kindly."""

import os
import pwd
import subprocess
import time
from pathlib import Path
from signal import SIGKILL

from deploy.local.parts.part import Command, Part

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

    def tail(self, lines: int = 15) -> str:
        """Return the last lines of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def start(name: str, command: Command, log: Path) -> Running:
    """Start a command; output is appended to ``log``. Raises OSError when it cannot be started."""
    log.parent.mkdir(parents=True, exist_ok=True)
    drop_to = pwd.getpwnam(command.user) if command.user else None
    with log.open("ab") as output:
        popen = subprocess.Popen(
            command.argv,
            env={**os.environ, **command.env},
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
            raise StartFailed(f"{part.name} ended with {code}:\n{running.tail()}")
        if time.monotonic() > deadline:
            running.stop()
            raise StartFailed(f"{part.name} was not ready within {timeout:.0f} s:\n{running.tail()}")
        time.sleep(POLL_SECONDS)
    return running
