"""The histories of a workflow that continues as new: one per run."""

from typing import Any

from temporalio.client import Client, WorkflowHandle, WorkflowHistory


async def chain_of(handle: WorkflowHandle[Any, Any], client: Client) -> list[WorkflowHistory]:
    """Return the histories of all runs of a workflow, the first one first."""
    described = await handle.describe()
    histories: list[WorkflowHistory] = []
    run_id: str | None = described.raw_description.workflow_execution_info.first_run_id
    while run_id:
        history = await client.get_workflow_handle(handle.id, run_id=run_id).fetch_history()
        histories.append(history)
        last = history.events[-1]
        run_id = last.workflow_execution_continued_as_new_event_attributes.new_execution_run_id or None
    return histories
