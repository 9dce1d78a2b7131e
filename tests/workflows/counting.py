"""What a youth's course costs: history events and activities, over all runs of the workflow."""

from collections.abc import Sequence
from dataclasses import dataclass

from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory

TASK = ["WORKFLOW_TASK_SCHEDULED", "WORKFLOW_TASK_STARTED", "WORKFLOW_TASK_COMPLETED"]
SKIPS = ("WORKFLOW_EXECUTION_OPTIONS_UPDATED", "WORKFLOW_EXECUTION_TIME_SKIPPING_TRANSITIONED")


@dataclass(frozen=True, slots=True)
class Cost:
    """``longest``: the events of the run that has most."""

    events: int
    activities: int
    longest: int


def cost_of(chain: Sequence[WorkflowHistory]) -> Cost:
    """Return what the runs cost in production: without what the test's own skipping of time adds."""
    runs = [_events(history) for history in chain]
    return Cost(
        events=sum(map(len, runs)),
        activities=sum(run.count("ACTIVITY_TASK_SCHEDULED") for run in runs),
        longest=max(map(len, runs)),
    )


def _events(history: WorkflowHistory) -> list[str]:
    names = [EventType.Name(event.event_type).removeprefix("EVENT_TYPE_") for event in history.events]
    kept: list[str] = []
    number = 0
    while number < len(names):
        after_skip = number > 0 and names[number - 1] == "WORKFLOW_EXECUTION_OPTIONS_UPDATED"
        caused = after_skip and names[number : number + 3] == TASK
        if caused and "UPDATE_ACCEPTED" not in "".join(names[number + 3 : number + 4]):
            number += 3
        else:
            kept.append(names[number])
            number += 1
    return [name for name in kept if name not in SKIPS]
