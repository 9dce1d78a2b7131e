"""What the supervisor tells the other commands: a small JSON file, replaced at each change."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

Phase = Literal["starting", "ready", "failed", "stopping", "down"]
StepState = Literal["waiting", "running", "done", "failed"]
ProcessState = Literal["starting", "ready", "backing off", "stopped"]


@dataclass(slots=True)
class Step:
    """A stage of the start, as the progress view shows it."""

    name: str
    state: StepState = "waiting"
    seconds: float | None = None
    detail: str = ""


@dataclass(slots=True)
class ProcessFacts:
    state: ProcessState = "starting"
    pid: int | None = None
    port: int | None = None
    restarts: int = 0
    last_exit: str = ""


@dataclass(slots=True)
class State:
    phase: Phase = "starting"
    supervisor: int = 0
    steps: list[Step] = field(default_factory=list)
    processes: dict[str, ProcessFacts] = field(default_factory=dict)
    error: str = ""

    def save(self, file: Path) -> None:
        new = file.with_suffix(".new")
        new.write_text(json.dumps(asdict(self)))
        new.replace(file)

    @classmethod
    def read(cls, file: Path) -> "State | None":
        """Return the state in ``file``; None when there is none."""
        try:
            document = json.loads(file.read_text())
        except FileNotFoundError:
            return None
        document["steps"] = [Step(**step) for step in document["steps"]]
        document["processes"] = {name: ProcessFacts(**facts) for name, facts in document["processes"].items()}
        return cls(**document)
