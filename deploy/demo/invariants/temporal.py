"""Reading the histories of all runs of all workflows, with their payloads decrypted."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

from google.protobuf.json_format import MessageToJson
from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowExecution

from chassis.settings import Settings
from chassis.temporal import connect
from deploy.demo.invariants.histories import Run

AT_ONCE = 8
FAILED = EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED


async def read(facts: Mapping[str, Any]) -> list[Run]:
    """Return every run that the server keeps; ``facts`` are those of stack.json."""
    client = await connect(
        Settings(
            environment="local",
            temporal_address=facts["temporal"]["address"],
            temporal_namespace=facts["temporal"]["namespace"],
            payload_keys_file=Path(facts["payload_keys_file"]),
        )
    )
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(execution: WorkflowExecution) -> Run:
        async with slots:
            return await _run(client, execution)

    found = [execution async for execution in _executions(client)]
    return list(await asyncio.gather(*(one(execution) for execution in found)))


def payloads(message: Message) -> Iterator[Payload]:
    """Yield the payloads that are anywhere in a message."""
    if isinstance(message, Payload):
        yield message
        return
    for descriptor, value in message.ListFields():
        if descriptor.message_type is None:
            continue
        if descriptor.message_type.GetOptions().map_entry:
            inner = list(value.values())
        else:
            inner = list(value) if hasattr(value, "extend") else [value]
        for one in inner:
            if isinstance(one, Message):
                yield from payloads(one)


def _cause(failed: HistoryEvent) -> str:
    cause = failed.workflow_task_failed_event_attributes.cause
    return WorkflowTaskFailedCause.Name(cause).removeprefix("WORKFLOW_TASK_FAILED_CAUSE_")


async def _executions(client: Client) -> AsyncIterator[WorkflowExecution]:
    async for execution in client.list_workflows():
        yield execution


async def _run(client: Client, execution: WorkflowExecution) -> Run:
    handle = client.get_workflow_handle(execution.id, run_id=execution.run_id)
    history = await handle.fetch_history()
    codec = client.data_converter.payload_codec
    assert codec is not None  # without payload keys `connect` refuses
    texts = []
    for event in history.events:
        sealed = list(payloads(event))
        texts += [one.data.decode("utf-8", "replace") for one in await codec.decode(sealed)]
        for one in sealed:
            one.Clear()  # what is encrypted can look like anything
        texts.append(MessageToJson(event))  # what is readable on the server
    return Run(
        workflow_id=execution.id,
        run_id=execution.run_id,
        type=execution.workflow_type,
        events=len(history.events),
        failures=tuple(_cause(event) for event in history.events if event.event_type == FAILED),
        text="\n".join(texts),
    )
