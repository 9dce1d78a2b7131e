"""Keeping one process running: started, watched, started again with back-off when it ends."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from signal import Signals

from deploy.local import pid_files
from deploy.local.layout import Layout
from deploy.local.parts.part import Command
from deploy.local.process import Running, StartFailed, start, tail
from deploy.local.state import ProcessFacts

POLL_SECONDS = 0.1
BACK_OFF_SECONDS = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)  # the last one is repeated
STEADY_SECONDS = 60.0  # ran so long: the next crash is a new one
FIRST_START_TRIES = 3


class Keeper:
    """One process and its facts. ``changed`` is called whenever they change."""

    def __init__(
        self,
        name: str,
        command: Command,
        ready: Callable[[], bool],
        layout: Layout,
        facts: ProcessFacts,
        changed: Callable[[], None],
    ) -> None:
        self.name, self.facts = name, facts
        self._command, self._ready, self._layout, self._changed = command, ready, layout, changed
        self._running: Running | None = None
        self._stopping = asyncio.Event()
        self._became_ready = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self, timeout: float) -> None:
        """Start it and wait until it is ready; from then on it is kept running.

        Raises StartFailed when it is not ready within ``timeout`` seconds, or ended three times.
        """
        self._task = asyncio.create_task(self._keep(), name=f"keep {self.name}")
        ready = asyncio.create_task(self._became_ready.wait())
        deadline = time.monotonic() + timeout
        while not ready.done():
            await asyncio.wait({ready}, timeout=POLL_SECONDS)
            if self._task.done():
                self._task.result()
            if self.facts.restarts >= FIRST_START_TRIES:
                raise StartFailed(f"{self.name} ended with {self.facts.last_exit}\n{self._tail()}")
            if time.monotonic() > deadline:
                raise StartFailed(f"{self.name} was not ready within {timeout:.0f} s\n{self._tail()}")

    async def stop(self) -> None:
        """Stop it for good."""
        self._stopping.set()
        if self._running is not None:
            await asyncio.to_thread(self._running.stop)
        if self._task is not None:
            await asyncio.wait({self._task})
        pid_files.remove(self._layout, self.name)
        self._note(state="stopped", pid=None)

    async def _keep(self) -> None:
        quick_ends = 0
        while not self._stopping.is_set():
            began = time.monotonic()
            self._running = await asyncio.to_thread(start, self.name, self._command, self._layout.log(self.name))
            pid_files.write(self._layout, self._running)
            self._note(state="starting", pid=self._running.pid)
            await self._wait_until_ended(self._running)
            if self._stopping.is_set():
                return
            quick_ends = 0 if time.monotonic() - began > STEADY_SECONDS else quick_ends + 1
            self.facts.restarts += 1
            self._note(state="backing off", pid=None, last_exit=describe_exit(self._running.exit_code() or 0))
            await self._back_off(BACK_OFF_SECONDS[min(max(quick_ends, 1), len(BACK_OFF_SECONDS)) - 1])

    async def _wait_until_ended(self, running: Running) -> None:
        """Also notes when it gets ready."""
        waiting = True
        while running.exit_code() is None:
            if waiting and await asyncio.to_thread(self._ready):
                waiting = False
                self._became_ready.set()
                self._note(state="ready")
            await asyncio.sleep(POLL_SECONDS)

    async def _back_off(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    def _note(self, **facts: object) -> None:
        for key, value in facts.items():
            setattr(self.facts, key, value)
        self._changed()

    def _tail(self) -> str:
        log = self._layout.log(self.name)
        return f"the end of {log}:\n{tail(log)}"


def describe_exit(code: int) -> str:
    """Return ``exit 1`` or ``SIGKILL``."""
    if code >= 0:
        return f"exit {code}"
    try:
        return Signals(-code).name
    except ValueError:
        return f"signal {-code}"
