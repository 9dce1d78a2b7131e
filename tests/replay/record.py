"""``python -m tests.replay.record RELEASE``: record the histories of a release, with made-up youths.

In clear text, in a folder of the release's name beside those of the releases before, which stay until nobody has
a run that began with them: docs/upgrading-workflows.md. `histories` itself has the first one's.
A release that was recorded is not recorded again; delete its folder first if it was never let out.
"""

import asyncio
import json
import re
import sys
import tempfile
from pathlib import Path

from temporalio.client import WorkflowHistory

from chassis.process import leave
from contracts.outreach_activities import RECORD_PROGRESS
from tests.replay.scenarios import GALLRING, SCENARIOS
from tests.stack import choice
from tests.workflows.gallring import running_gallring
from tests.workflows.stage import connect, registering_youths, running_workers

HISTORIES = Path(__file__).parent / "histories"
BROKEN = "never_answers_2"  # a short one
# Process and machine of the worker, in each event.
IDENTITY = re.compile(r'"\d+@[^"]*"')


async def record(address: str, release: str) -> None:
    """Play every scenario, and write the history of each of its runs in the release's folder."""
    client = await connect(address)
    async with running_workers(client) as records, registering_youths(client, records) as new_youth:
        for name, scenario in SCENARIOS.items():
            youth = await scenario(new_youth)
            for number, history in enumerate(await youth.chain(), start=1):
                _write(f"{release}/{name}_{number}", IDENTITY.sub('"recorded"', history.to_json()))
    async with running_gallring(client) as registry:
        for name, course in GALLRING.items():
            history = await (await course(client, registry)).fetch_history()
            _write(f"{release}/{name}_1", IDENTITY.sub('"recorded"', history.to_json()))


def of_other_code() -> WorkflowHistory:
    """Return a history in which the code did something else first: replaying it must fail."""
    text = _text(BROKEN).replace(f'"name": "{RECORD_PROGRESS}"', '"name": "something_else"', 1)
    return WorkflowHistory.from_json(BROKEN, text)


def recorded() -> list[str]:
    """Return the names of the recorded histories that must replay: ``release/scenario_run``."""
    names = [path.relative_to(HISTORIES).with_suffix("").as_posix() for path in HISTORIES.rglob("*.json")]
    return sorted(names)


def read(name: str) -> WorkflowHistory:
    """Return a recorded history."""
    return WorkflowHistory.from_json(name, _text(name))


def _text(name: str) -> str:
    return (HISTORIES / f"{name}.json").read_text(encoding="utf-8")


def _write(name: str, history: str) -> None:
    path = HISTORIES / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(json.loads(history), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    sys.stdout.write(f"{path.relative_to(Path.cwd())}\n")


if __name__ == "__main__":
    if len(sys.argv) != 2 or (HISTORIES / sys.argv[1]).exists():
        sys.exit("say which release: python -m tests.replay.record 2026.1 (none that is recorded already)")
    with tempfile.TemporaryDirectory() as folder, choice.temporal(Path(folder)) as server:
        asyncio.run(record(server, sys.argv[1]))
    leave(0)
