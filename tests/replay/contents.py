"""What a recorded history holds: which workflow it is of, what it was told, what was recorded of the youth."""

from collections.abc import Iterator

from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory

from contracts.outreach_activities import RECORD_PROGRESS, Progress


def workflow_of(history: WorkflowHistory) -> str:
    """Return the workflow's name."""
    return history.events[0].workflow_execution_started_event_attributes.workflow_type.name


def told(history: WorkflowHistory) -> set[str]:
    """Return the names of the signals that came, and of the updates that were accepted."""
    names: set[str] = set()
    for event in history.events:
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
            names.add(event.workflow_execution_signaled_event_attributes.signal_name)
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
            accepted = event.workflow_execution_update_accepted_event_attributes
            names.add(accepted.accepted_request.input.name)
    return names


def progress_of(history: WorkflowHistory) -> Iterator[Progress]:
    """Yield the transitions of a youth that the run asked to have recorded, in order."""
    for event in history.events:
        scheduled = event.activity_task_scheduled_event_attributes
        if scheduled.activity_type.name == RECORD_PROGRESS:
            yield Progress.model_validate_json(scheduled.input.payloads[0].data)
