"""The local stack as its commands use it: up, crashes, down, and up again with the data kept.

With the codec server as the only process of ours: the parts and the supervisor are what is tested here,
and the whole system is in tests/e2e.
"""

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from signal import SIGKILL

import asyncpg
import psutil
import pytest

from deploy.local import config, pid_files, stack
from deploy.local.config import Config
from deploy.local.parts.part import HOST
from deploy.local.process import ROOT, StartFailed
from deploy.local.processes import PROCESSES
from deploy.local.state import State

pytestmark = pytest.mark.stack
OTHERS = tuple(process.name for process in PROCESSES if process.name != "codec")


@pytest.fixture(scope="module")
def settings() -> Iterator[Config]:
    """In a folder of its own: below pytest's, another pytest that starts takes PostgreSQL's way in from it."""
    folder = Path(tempfile.mkdtemp(prefix="uppsok-local-"))
    folder.chmod(0o711)  # PostgreSQL may run as another user
    yield config.load(folder, {}, sample=False, leave_out=OTHERS).with_free_ports()
    stack.down(folder)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def running(settings: Config) -> Config:
    stack.up(settings)
    return settings


def state(settings: Config) -> State:
    found = State.read(settings.layout.state_file)
    assert found is not None
    return found


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.1)


def command(settings: Config, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "deploy.local", *words, "--dir", str(settings.folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_facts_for_scripts(running: Config) -> None:
    facts = json.loads(running.layout.stack_file.read_text())
    assert facts["services"]["registry"]["url"] == f"http://{HOST}:{running.ports['registry']}"
    assert facts["kafka"]["idempotence"] is False


def test_up_again_says_so_and_starts_nothing(running: Config) -> None:
    before = {name: facts.pid for name, facts in state(running).processes.items()}
    said = command(running, "up")
    assert "up already" in said.stdout
    assert {name: facts.pid for name, facts in state(running).processes.items()} == before


@pytest.mark.parametrize("name", ["codec", "kafka", "temporal", "postgres"])
def test_a_crashed_process_comes_back_and_the_table_says_so(running: Config, name: str) -> None:
    facts = state(running).processes[name]
    assert facts.pid is not None
    os.kill(facts.pid, SIGKILL)
    until(lambda: state(running).processes[name].restarts == facts.restarts + 1)
    until(lambda: state(running).processes[name].state == "ready")
    shown = command(running, "status")
    (line,) = [line for line in shown.stdout.splitlines() if line.startswith(name)]
    assert "SIGKILL" in line


def test_a_token_from_the_command_names_role_and_districts(running: Config) -> None:
    printed = command(running, "token", "local_coordinator", "--districts", "farsta,jarva")
    assert printed.stdout.count(".") == 2


async def test_data_is_kept_from_one_day_to_the_next(running: Config) -> None:
    url = json.loads(running.layout.stack_file.read_text())["databases"]["registry"]["app"]
    conn = await asyncpg.connect(url)
    await conn.execute("insert into inbox (consumer, event_id) values ('kept', gen_random_uuid())")
    await conn.close()
    assert await asyncio.to_thread(stack.down, running.folder)
    assert list(pid_files.alive(running.layout)) == []
    assert not await asyncio.to_thread(stack.down, running.folder), "a second down finds nothing"
    await asyncio.to_thread(stack.up, running)
    conn = await asyncpg.connect(url)
    assert await conn.fetchval("select count(*) from inbox where consumer = 'kept'") == 1
    await conn.close()


def test_a_killed_supervisor_leaves_nothing_in_the_way(running: Config) -> None:
    pid = stack.supervisor_pid(running.folder)
    assert pid is not None
    before = {orphan.process.pid for orphan in pid_files.alive(running.layout)}
    os.kill(pid, SIGKILL)
    until(lambda: stack.supervisor_pid(running.folder) is None)
    assert "these still run" in command(running, "status").stdout
    stack.up(running)
    assert state(running).phase == "ready"
    assert not {one for one in before if psutil.pid_exists(one) and not _zombie(one)}


def _zombie(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_a_taken_port_is_named_with_who_has_it_and_what_to_do(settings: Config, tmp_path: Path) -> None:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        listener.listen()
        ports = {**settings.with_free_ports().ports, "postgres": listener.getsockname()[1]}
        with pytest.raises(stack.PortsTaken) as refused:
            stack.up(replace(settings, folder=tmp_path, ports=ports))
    assert f"taken by pid {os.getpid()}" in str(refused.value)
    assert "UPPSOK_LOCAL_PORT_POSTGRES=" in str(refused.value)


def test_a_start_that_fails_says_why_and_leaves_nothing_running(settings: Config, tmp_path: Path) -> None:
    elsewhere = {"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1", "TEMPORAL_ADDRESS": "127.0.0.1:1"}
    broken = replace(settings, folder=tmp_path, external=elsewhere).with_free_ports()
    broken.save()
    broken.layout.postgres.mkdir()
    (broken.layout.postgres / "PG_VERSION").write_text("9.6\n")
    (broken.layout.postgres / "global").mkdir()
    (broken.layout.postgres / "global" / "pg_control").write_text("")
    with pytest.raises(StartFailed, match="postgres ended with"):
        stack.up(broken)
    assert list(pid_files.alive(broken.layout)) == []
    assert stack.supervisor_pid(tmp_path) is None


def test_reset_asks_first(running: Config) -> None:
    asked = command(running, "reset")
    assert asked.returncode == 1
    assert "YES=1" in asked.stdout
    assert command(running, "reset", "--yes").returncode == 0
    assert not running.layout.postgres.exists()
    assert stack.supervisor_pid(running.folder) is None
