"""Which processes are ours: a file per process with its pid and start time, so that a supervisor that was
killed leaves nothing behind that the next one could not find, and a pid used again is never mistaken."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from signal import Signals

import psutil

from deploy.local.layout import Layout
from deploy.local.process import Running

SAME_START_SECONDS = 1.0  # start times are computed from the boot time, which an adjusted clock moves a little


@dataclass(frozen=True, slots=True)
class Orphan:
    """A process of ours whose supervisor is gone."""

    name: str
    process: psutil.Process
    stop_signal: Signals
    stop_seconds: float

    def stop(self) -> None:
        """Ask it to stop; kill it and its children when it does not."""
        with suppress(psutil.NoSuchProcess):
            self.process.send_signal(self.stop_signal)
            if not self._ended_within(self.stop_seconds):
                os.killpg(self.process.pid, Signals.SIGKILL)
                self._ended_within(5)

    def _ended_within(self, seconds: float) -> bool:
        """A zombie has ended: in a container there may be nobody to reap it."""
        deadline = time.monotonic() + seconds
        while self.process.is_running() and self.process.status() != psutil.STATUS_ZOMBIE:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True


def write(layout: Layout, running: Running) -> None:
    with suppress(psutil.NoSuchProcess):  # it may have ended already
        started = psutil.Process(running.pid).create_time()
        document = {
            "pid": running.pid,
            "started": started,
            "stop_signal": int(running.command.stop_signal),
            "stop_seconds": running.command.stop_seconds,
        }
        layout.pid_file(running.name).write_text(json.dumps(document))


def remove(layout: Layout, name: str) -> None:
    layout.pid_file(name).unlink(missing_ok=True)


def alive(layout: Layout) -> Iterator[Orphan]:
    """Yield the processes of the pid files that still run and are still the same."""
    for file in sorted(layout.run.glob("*.pid")):
        try:
            document = json.loads(file.read_text())
            process = psutil.Process(document["pid"])
            same = abs(process.create_time() - document["started"]) < SAME_START_SECONDS
            if same and process.status() != psutil.STATUS_ZOMBIE:
                yield Orphan(file.stem, process, Signals(document["stop_signal"]), float(document["stop_seconds"]))
        except (psutil.NoSuchProcess, ValueError, KeyError):  # gone, or a file cut short by a crash
            continue
