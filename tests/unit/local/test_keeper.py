"""Keeping a process running, on real small processes."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from signal import SIGKILL

import psutil
import pytest

from deploy.local import pid_files
from deploy.local.keeper import Keeper, describe_exit
from deploy.local.layout import Layout
from deploy.local.parts.part import Command
from deploy.local.process import StartFailed
from deploy.local.state import ProcessFacts

SLEEP = "import time; time.sleep(600)"
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("on", flush=True)
time.sleep(600)
"""


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    layout = Layout(tmp_path)
    layout.make()
    return layout


@pytest.fixture
async def keep(layout: Layout) -> AsyncIterator[Callable[..., Keeper]]:
    made: list[Keeper] = []

    def make(code: str, ready: Callable[[], bool] = lambda: True) -> Keeper:
        command = Command((sys.executable, "-c", code), stop_seconds=0.5)
        made.append(Keeper("one", command, ready, layout, ProcessFacts(), lambda: None))
        return made[-1]

    yield make
    for keeper in made:
        await keeper.stop()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.02)


async def test_a_killed_process_is_started_again_and_counted(keep: Callable[..., Keeper]) -> None:
    keeper = keep(SLEEP)
    await keeper.start(20)
    first = keeper.facts.pid
    assert first is not None
    os.kill(first, SIGKILL)
    await until(lambda: keeper.facts.state == "ready" and keeper.facts.pid not in {None, first})
    assert (keeper.facts.restarts, keeper.facts.last_exit) == (1, "SIGKILL")


async def test_one_that_cannot_start_is_given_up_with_the_end_of_its_log(keep: Callable[..., Keeper]) -> None:
    keeper = keep("import sys; sys.exit('no such table')", ready=lambda: False)
    with pytest.raises(StartFailed, match=r"(?s)exit 1.*no such table"):
        await keeper.start(20)


async def test_one_that_never_gets_ready_is_given_up(keep: Callable[..., Keeper]) -> None:
    keeper = keep(SLEEP, ready=lambda: False)
    with pytest.raises(StartFailed, match="not ready within"):
        await keeper.start(0.5)


async def test_one_that_will_not_stop_is_killed(keep: Callable[..., Keeper], layout: Layout) -> None:
    keeper = keep(STUBBORN, ready=lambda: "on" in layout.log("one").read_text())
    await keeper.start(20)
    pid = keeper.facts.pid
    assert pid is not None
    await keeper.stop()
    assert not psutil.pid_exists(pid)
    assert list(pid_files.alive(layout)) == []


async def test_a_process_is_found_by_its_pid_file_and_start_time(
    keep: Callable[..., Keeper], layout: Layout
) -> None:
    await keep(SLEEP).start(20)
    (orphan,) = pid_files.alive(layout)
    file = layout.pid_file("one")
    file.write_text(file.read_text().replace('"started": ', '"started": 1'))
    assert list(pid_files.alive(layout)) == [], "another process with the same pid is not ours"
    await asyncio.to_thread(orphan.stop)
    assert not orphan.process.is_running() or orphan.process.status() == psutil.STATUS_ZOMBIE


@pytest.mark.parametrize(("code", "text"), [(0, "exit 0"), (3, "exit 3"), (-9, "SIGKILL"), (-250, "signal 250")])
def test_exits_in_words(code: int, text: str) -> None:
    assert describe_exit(code) == text
