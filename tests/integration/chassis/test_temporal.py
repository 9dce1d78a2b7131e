"""What Temporal stores of a workflow is unreadable without the key: arguments, results, failures, details."""

import base64
import json
import os
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio import workflow
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ApplicationError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from chassis.settings import Settings
from chassis.temporal import connect, data_converter

pytestmark = pytest.mark.stack
SECRET = "the-word-that-must-not-be-readable"


@workflow.defn
class Tells:
    @workflow.run
    async def run(self, word: str) -> str:
        workflow.set_current_details(word)
        await workflow.sleep(timedelta(milliseconds=1), summary=word)
        if word.endswith("!"):
            raise ApplicationError(word, type="refused")  # the type of a failure stays readable
        return word


@pytest.fixture
def settings(temporal_address: str, tmp_path: Path) -> Settings:
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps({"current": "k1", "keys": {"k1": base64.b64encode(os.urandom(32)).decode()}}))
    return Settings(environment="test", temporal_address=temporal_address, payload_keys_file=keys)


async def run(client: Client, word: str) -> tuple[str, str]:
    """Run the workflow; return its result (or failure) as we see it, and its history as the server has it."""
    queue = f"tells-{uuid4()}"
    async with Worker(client, task_queue=queue, workflows=[Tells], workflow_runner=UnsandboxedWorkflowRunner()):
        handle = await client.start_workflow(Tells.run, word, id=queue, task_queue=queue)
        try:
            result = await handle.result()
        except WorkflowFailureError as failure:
            result = str(failure.cause)
    return result, str((await handle.fetch_history()).to_json())


async def test_nothing_is_readable_in_the_history(settings: Settings) -> None:
    client = await connect(settings)
    result, history = await run(client, SECRET)
    assert result == SECRET
    assert SECRET not in history
    assert base64.b64encode(SECRET.encode()).decode().rstrip("=")[:20] not in history
    assert base64.b64encode(b"binary/encrypted").decode() in history


async def test_failures_are_unreadable_too(settings: Settings) -> None:
    client = await connect(settings)
    result, history = await run(client, f"{SECRET}!")
    assert SECRET in result
    assert SECRET not in history
    assert "refused" in history


def test_without_keys_only_tests_may_connect(temporal_address: str) -> None:
    with pytest.raises(ValueError, match="UPPSOK_PAYLOAD_KEYS_FILE"):
        data_converter(Settings(environment="local", temporal_address=temporal_address))
