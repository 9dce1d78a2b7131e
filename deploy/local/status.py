"""The table of `make status`."""

from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from deploy.local import pid_files
from deploy.local.layout import Layout
from deploy.local.stack import supervisor_pid
from deploy.local.state import ProcessFacts, State

MEGABYTE = 1024 * 1024


def show(folder: Path, console: Console) -> int:
    """Print the processes of the stack in ``folder``; return 0 when all is ready, else 1."""
    layout, state = Layout(folder), State.read(Layout(folder).state_file)
    supervisor = supervisor_pid(folder)
    if state is None or supervisor is None:
        orphans = [orphan.name for orphan in pid_files.alive(layout)]
        if orphans:
            console.print(f"The supervisor is gone, these still run: {', '.join(orphans)}.")
            console.print("`make up` cleans up and starts again; `make down` stops them.")
        else:
            console.print("The stack is down. `make up` starts it.")
        return 1
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("process", "state", "port", "pid", "restarts", "last exit"):
        table.add_column(heading, justify="right" if heading in {"port", "pid", "restarts"} else "left")
    table.add_column("MB", justify="right")
    total = resident_megabytes(supervisor)
    for name, facts in state.processes.items():
        used = resident_megabytes(facts.pid) if facts.pid else 0.0
        total += used
        table.add_row(*_row(name, facts), f"{used:.0f}")
    table.add_row("supervisor", state.phase, "", str(supervisor), "", "", f"{resident_megabytes(supervisor):.0f}")
    console.print(table)
    console.print(f"{total:.0f} MB resident in all", highlight=False)
    return 0 if state.phase == "ready" and all(f.state == "ready" for f in state.processes.values()) else 1


def _row(name: str, facts: ProcessFacts) -> tuple[str, ...]:
    return (
        name,
        facts.state,
        str(facts.port or ""),
        str(facts.pid or ""),
        str(facts.restarts or ""),
        facts.last_exit,
    )


def resident_megabytes(pid: int) -> float:
    """Return the memory of a process and, for servers that fork, of its children.

    Children that share memory with their parent (PostgreSQL) count with what is theirs alone (USS).
    """
    try:
        process = psutil.Process(pid)
        used = float(process.memory_info().rss)
        if process.name() == "postgres":
            used += sum(child.memory_full_info().uss for child in process.children())
    except psutil.Error:
        return 0.0
    return used / MEGABYTE
