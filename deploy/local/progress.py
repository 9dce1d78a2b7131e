"""Showing a start as it goes: a live view in a terminal, a line per finished stage elsewhere."""

from rich.console import Console
from rich.live import Live
from rich.table import Table

from deploy.local.state import State, Step

MARKS = {"waiting": " ", "running": "…", "done": "✓", "failed": "✗"}


class Progress:
    """Use as a context manager; call `show` with each new state."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, refresh_per_second=8, transient=True) if console.is_terminal else None
        self._told: set[str] = set()

    def __enter__(self) -> "Progress":
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    def show(self, state: State) -> None:
        if self._live:
            self._live.update(_table(state))
        for step in state.steps:
            if step.state in {"done", "failed"} and step.name not in self._told:
                self._told.add(step.name)
                self._tell(step)

    def _tell(self, step: Step) -> None:
        console = self._live.console if self._live else self._console
        console.print(f"{MARKS[step.state]} {step.name:<16} {step.seconds or 0:5.1f} s  {step.detail}".rstrip())


def _table(state: State) -> Table:
    table = Table(show_header=False, box=None, padding=(0, 1, 0, 0))
    for step in state.steps:
        if step.state in {"running", "waiting"}:
            table.add_row(MARKS[step.state], step.name, step.detail)
    return table
