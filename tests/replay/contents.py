"""What a recorded history holds: which workflow it is of, what it was told, what was recorded of the youth."""

from collections.abc import Iterator, Mapping

from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.client import WorkflowHistory

from contracts.outreach_activities import RECORD_PROGRESS, Progress

HEARS_FIRST = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND


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


def served_by(history: WorkflowHistory) -> list[str]:
    """Return the process ids of the workers that did the run's workflow tasks, in order."""
    return [
        _pid(event.workflow_task_completed_event_attributes.identity)
        for event in history.events
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
    ]


def failures(history: WorkflowHistory, names: Mapping[str, str]) -> list[str]:
    """Return why workflow tasks failed, and with whose worker (``names``: by process id).

    Only the first failure of a task has an event; those of its repeats have none. That a message came in while
    a run ended or continued as new is none: the server lets it hear that first.
    """
    failed = [
        event.workflow_task_failed_event_attributes
        for event in history.events
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED
    ]
    failed = [one for one in failed if one.cause != HEARS_FIRST]
    return [
        f"{WorkflowTaskFailedCause.Name(one.cause)}: {names.get(_pid(one.identity))}: {one.failure.message}"
        for one in failed
    ]


def _pid(identity: str) -> str:
    return identity.partition("@")[0]
