"""``python -m tests.replay.fingerprint``: write down what commands the recorded histories hold, for review.

A history is thousands of lines of JSON. Its commands, in order, are what replay compares: who records anew
shows in a few lines what a youth's workflow does otherwise than before, or that it does the same. What the last
release does otherwise than the one before is printed.
"""

import json
import sys
from collections.abc import Iterator
from difflib import unified_diff
from itertools import groupby
from pathlib import Path

from google.protobuf.json_format import MessageToDict
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory

from tests.replay.record import read, recorded, releases

FINGERPRINT = Path(__file__).parent / "fingerprint.json"
# The events that a command of the workflow made; the others tell what happened to it.
COMMANDS = {
    "ACTIVITY_TASK_SCHEDULED": "activity",
    "ACTIVITY_TASK_CANCEL_REQUESTED": "cancel activity",
    "TIMER_STARTED": "timer",
    "TIMER_CANCELED": "cancel timer",
    "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES": "search attributes",
    "WORKFLOW_EXECUTION_UPDATE_ACCEPTED": "accept update",
    "WORKFLOW_EXECUTION_UPDATE_COMPLETED": "answer update",
    "MARKER_RECORDED": "marker",
    "WORKFLOW_EXECUTION_COMPLETED": "complete",
    "WORKFLOW_EXECUTION_CONTINUED_AS_NEW": "continue as new",
    "WORKFLOW_EXECUTION_FAILED": "fail",
}


def commands(history: WorkflowHistory) -> list[str]:
    """Return the commands in order; what is repeated in a row is counted."""
    found = [command for event in history.events if (command := _command(event))]
    return [name if (n := len(list(same))) == 1 else f"{name} x{n}" for name, same in groupby(found)]


def fingerprint() -> str:
    """Return the document of all recorded histories."""
    made = {name: commands(read(name)) for name in recorded()}
    return json.dumps(made, indent=1, sort_keys=True) + "\n"


def otherwise(before: str, after: str) -> Iterator[str]:
    """Yield what a release does otherwise than another in the courses that both recorded, as a diff's lines."""
    for name in recorded():
        release, _, run = name.rpartition("/")
        was = f"{before}/{run}".removeprefix("/")
        if release == after and was in recorded():
            yield from unified_diff(commands(read(was)), commands(read(name)), was, name, n=2, lineterm="")


def _command(event: HistoryEvent) -> str | None:
    name = COMMANDS.get(EventType.Name(event.event_type).removeprefix("EVENT_TYPE_"))
    if name == "activity":
        return f"activity {event.activity_task_scheduled_event_attributes.activity_type.name}"
    if name == "search attributes":
        updated = event.upsert_workflow_search_attributes_event_attributes.search_attributes
        return f"search attributes {' '.join(sorted(MessageToDict(updated).get('indexedFields', {})))}"
    return name


if __name__ == "__main__":
    FINGERPRINT.write_text(fingerprint(), encoding="utf-8")
    sys.stdout.write(f"{FINGERPRINT.name}: the commands of {len(recorded())} histories\n")
    for line in otherwise(*releases()[-2:]):
        sys.stdout.write(f"{line}\n")
