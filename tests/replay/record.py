"""``python -m tests.replay.record RELEASE``: record the histories of a release, with made-up youths.

In clear text, in a folder of the release's name beside those of the releases before, which stay until nobody has
a run that began with them: docs/upgrading-workflows.md. `histories` itself has the first one's.
A release that was recorded is not recorded again; delete its folder first if it was never let out.
"""

import asyncio
import json
import logging
import re
import sys
import tempfile
from pathlib import Path

from temporalio.client import WorkflowHistory

from chassis.process import leave
from contracts.outreach_activities import RECORD_PROGRESS
from tests.replay import code
from tests.replay.scenarios import CITY, YOUTHS
from tests.stack import choice
from tests.workflows.driver import PATIENCE, Youth
from tests.workflows.stage import connect, registering_youths, running_workers

HISTORIES = Path(__file__).parent / "histories"
BROKEN = "never_answers_2"  # a short one
# Process and machine of the worker, in each event.
IDENTITY = re.compile(r'"\d+@[^"]*"')


async def play(address: str) -> dict[str, list[WorkflowHistory]]:
    """Return the histories of every course, a history for each of its runs."""
    client = await connect(address)
    async with running_workers(client) as records, registering_youths(client, records) as new_youth:
        found = {name: await _settled(await course(new_youth)) for name, course in YOUTHS.items()}
    return found | {name: await of_the_city(client) for name, of_the_city in CITY.items()}


async def _settled(youth: Youth) -> list[WorkflowHistory]:
    """Return the histories of all runs as soon as nothing is under way: the same ones each time."""
    async with asyncio.timeout(PATIENCE):
        while True:
            now = (await youth.handle.describe()).raw_description
            if not now.HasField("pending_workflow_task") and not now.pending_activities:
                return await youth.chain()
            await asyncio.sleep(0.05)


def of_other_code() -> WorkflowHistory:
    """Return a history in which the code did something else first: replaying it must fail."""
    text = _text(BROKEN).replace(f'"name": "{RECORD_PROGRESS}"', '"name": "something_else"', 1)
    return WorkflowHistory.from_json(BROKEN, text)


def recorded() -> list[str]:
    """Return the names of the recorded histories that must replay: ``release/scenario_run``."""
    names = [path.relative_to(HISTORIES).with_suffix("").as_posix() for path in HISTORIES.rglob("*.json")]
    return sorted(names)


def releases() -> list[str]:
    """Return the names of the releases, in their order; the first one's has none."""
    return ["", *sorted(path.name for path in HISTORIES.iterdir() if path.is_dir())]


def read(name: str) -> WorkflowHistory:
    """Return a recorded history."""
    return WorkflowHistory.from_json(name, _text(name))


def _text(name: str) -> str:
    return (HISTORIES / f"{name}.json").read_text(encoding="utf-8")


def _write(path: Path, run: WorkflowHistory) -> None:
    history = json.loads(IDENTITY.sub('"recorded"', run.to_json()))
    path.write_text(json.dumps(history, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    sys.stdout.write(f"{path.relative_to(Path.cwd())}\n")


if __name__ == "__main__":
    if len(sys.argv) != 2 or (HISTORIES / sys.argv[1]).exists():
        sys.exit("say which release: python -m tests.replay.record 2026.1 (none that is recorded already)")
    logging.disable()  # of activities that fail since a course wants it so
    with tempfile.TemporaryDirectory() as folder, choice.temporal(Path(folder)) as server:
        played = asyncio.run(play(server))
    (HISTORIES / sys.argv[1]).mkdir()
    code.pack(HISTORIES / sys.argv[1] / code.ARCHIVE)
    for course, runs in played.items():
        for number, run in enumerate(runs, start=1):
            _write(HISTORIES / sys.argv[1] / f"{course}_{number}.json", run)
    leave(0)
