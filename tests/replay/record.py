"""``python -m tests.replay.record``: record the histories anew, in clear text and with made-up youths.

Only when no running workflow has a history that the code of the day cannot replay. Otherwise the old
histories stay, and the change is gated (`workflow.patched`); docs/adr/0001 says how.
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
MUST_FAIL = "must_fail"
BROKEN = "never_answers_2"  # a short one
# Process and machine of the worker, in each event.
IDENTITY = re.compile(r'"\d+@[^"]*"')


async def record(address: str) -> None:
    """Play every scenario, and write the history of each of its runs."""
    client = await connect(address)
    async with running_workers(client) as records, registering_youths(client, records) as new_youth:
        for name, scenario in SCENARIOS.items():
            youth = await scenario(new_youth)
            for number, history in enumerate(await youth.chain(), start=1):
                _write(f"{name}_{number}", IDENTITY.sub('"recorded"', history.to_json()))
    async with running_gallring(client) as registry:
        for name, course in GALLRING.items():
            history = await (await course(client, registry)).fetch_history()
            _write(f"{name}_1", IDENTITY.sub('"recorded"', history.to_json()))
    _write(MUST_FAIL, with_another_first_activity(_text(BROKEN)))


def with_another_first_activity(history: str) -> str:
    """Return a history in which the code did something else first: replaying it must fail."""
    return history.replace(f'"name": "{RECORD_PROGRESS}"', '"name": "something_else"', 1)


def read(name: str) -> WorkflowHistory:
    """Return a recorded history."""
    return WorkflowHistory.from_json(name, _text(name))


def _text(name: str) -> str:
    return (HISTORIES / f"{name}.json").read_text(encoding="utf-8")


def _write(name: str, history: str) -> None:
    path = HISTORIES / f"{name}.json"
    path.write_text(json.dumps(json.loads(history), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    sys.stdout.write(f"{path.relative_to(Path.cwd())}\n")


if __name__ == "__main__":
    for old in HISTORIES.glob("*.json"):
        old.unlink()
    with tempfile.TemporaryDirectory() as folder, choice.temporal(Path(folder)) as server:
        asyncio.run(record(server))
    leave(0)
