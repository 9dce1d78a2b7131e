"""Workflow workers as processes of their own, each of its version; and services as they were before."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from pydantic import BaseModel
from temporalio.api.common.v1 import Payload
from temporalio.client import Client
from temporalio.contrib.pydantic import PydanticJSONPlainPayloadConverter
from temporalio.converter import CompositePayloadConverter, DataConverter, DefaultPayloadConverter

from contracts.outreach_workflow import CompleteTask
from deploy.local.parts.part import free_port
from tests.workflows.driver import PATIENCE


class _AsBefore(PydanticJSONPlainPayloadConverter):
    """What has its default is left out: no service of before knows a field that is new."""

    def to_payload(self, value: Any) -> Payload | None:
        if not isinstance(value, BaseModel):
            return super().to_payload(value)
        known = value.model_dump(mode="json", exclude_defaults=True)
        if isinstance(value, CompleteTask):
            known["outcome"]["kind"] = value.outcome.kind
        return super().to_payload(known)


class AsBefore(CompositePayloadConverter):
    def __init__(self) -> None:
        json = _AsBefore()
        others = DefaultPayloadConverter.default_encoding_payload_converters
        super().__init__(*(json if one.encoding == json.encoding else one for one in others))


async def connect(address: str) -> Client:
    """Return a client by which services send as they did before: they are replaced after the workers."""
    return await Client.connect(address, data_converter=DataConverter(payload_converter_class=AsBefore))


@asynccontextmanager
async def running_worker(code: Path, temporal_address: str) -> AsyncIterator[int]:
    """Run the worker of a version; gives its process id.

    It keeps no workflow in memory: each task is done by whoever takes it, from the whole history.
    """
    port = free_port()
    environment = {
        "PYTHONPATH": str(code),
        "TEMPORAL_ADDRESS": temporal_address,
        "UPPSOK_ENVIRONMENT": "test",
        "UPPSOK_HTTP_PORT": str(port),
        "UPPSOK_WORKFLOWS_MAX_CACHED": "0",
        # Few at once, so that nobody takes all there is.
        "UPPSOK_WORKFLOWS_MAX_CONCURRENT_TASKS": "2",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "workflows", "worker", cwd=code, env={**os.environ, **environment}
    )
    try:
        await _is_ready(process, port)
        yield process.pid
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _is_ready(process: asyncio.subprocess.Process, port: int) -> None:
    async with asyncio.timeout(PATIENCE), httpx.AsyncClient() as http:
        while process.returncode is None:
            try:
                if (await http.get(f"http://127.0.0.1:{port}/readyz")).is_success:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)
    raise RuntimeError(f"the worker ended with {process.returncode}")
