"""The worker as a process, as it is run: encrypted payloads, traces, health, and an end on SIGTERM."""

import asyncio
import base64
import json
import os
import secrets
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from temporalio.client import Client

from chassis.temporal import connect
from chassis.temporal import make_worker as make_activity_worker
from contracts.ids import youth_workflow_id
from contracts.outreach_activities import OUTREACH_QUEUE
from contracts.outreach_workflow import (
    SIGNAL_REGISTERED,
    UPDATE_RECORD_CONTACT,
    WORKFLOWS_QUEUE,
    YOUTH_OUTREACH,
    Decided,
    RecordContact,
)
from contracts.reasons import ReachedBy, Step
from deploy.local.parts.part import free_port
from tests.workflows import samples
from tests.workflows.driver import PATIENCE, eventually
from tests.workflows.records import Records
from workflows.settings import Settings


@pytest.fixture
def environment(temporal_address: str, tmp_path: Path) -> dict[str, str]:
    keys = tmp_path / "keys.json"
    keys.write_text(
        json.dumps({"current": "a", "keys": {"a": base64.b64encode(secrets.token_bytes(32)).decode()}})
    )
    return {
        "TEMPORAL_ADDRESS": temporal_address,
        "UPPSOK_ENVIRONMENT": "local",
        "UPPSOK_PAYLOAD_KEYS_FILE": str(keys),
        "UPPSOK_HTTP_PORT": str(free_port()),
    }


async def run(environment: dict[str, str], command: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "workflows", command, env={**os.environ, **environment}
    )


@pytest.fixture
async def worker(environment: dict[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await run(environment, "worker")
    yield process
    if process.returncode is None:
        process.kill()
        await process.wait()


async def is_ready(port: str) -> None:
    async with asyncio.timeout(PATIENCE), httpx.AsyncClient() as http:
        while True:
            try:
                ready = await http.get(f"http://127.0.0.1:{port}/readyz")
            except httpx.TransportError:
                await asyncio.sleep(0.1)
                continue
            assert ready.json() == {"status": "ok", "checks": {"temporal": "ok"}}
            return


async def test_a_youth_is_sought_and_nothing_readable_is_stored(
    environment: dict[str, str], worker: asyncio.subprocess.Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key, value in environment.items():
        monkeypatch.setenv(key, value)
    client: Client = await connect(Settings.load())
    records = Records()
    start = samples.start()
    async with make_activity_worker(client, task_queue=OUTREACH_QUEUE, activities=records.outreach):
        handle = await client.start_workflow(
            YOUTH_OUTREACH,
            start,
            id=youth_workflow_id(start.youth_id),
            task_queue=WORKFLOWS_QUEUE,
            start_signal=SIGNAL_REGISTERED,
            start_signal_args=[start],
        )
        try:
            await eventually(lambda: records.progress[start.youth_id], "the first transition")
            contact = RecordContact(decision_key=str(uuid4()), by="anna", way=ReachedBy.DROP_IN)
            decided: Any = await handle.execute_update(UPDATE_RECORD_CONTACT, contact, result_type=Decided)
            assert decided.step is Step.MAPPING
            history = await handle.fetch_history()
            started = history.events[0].workflow_execution_started_event_attributes
            assert started.input.payloads[0].metadata["encoding"] == b"binary/encrypted"
        finally:
            await handle.terminate()
    await is_ready(environment["UPPSOK_HTTP_PORT"])
    worker.terminate()
    assert await asyncio.wait_for(worker.wait(), PATIENCE) == 0


async def test_setup_is_a_command(environment: dict[str, str], temporal: Client) -> None:
    setup = await run({**environment, "UPPSOK_CLOCK": json.dumps(fast_clock())}, "setup")
    assert await asyncio.wait_for(setup.wait(), PATIENCE) == 0


def fast_clock() -> dict[str, object]:
    """A clock with which no schedule is made: the server is shared with other tests."""
    return {"speed": 10, "real_anchor": "2026-01-01T00:00:00Z", "civil_anchor": "2026-01-01T00:00:00Z"}
