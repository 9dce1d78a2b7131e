"""Outreach as it runs, for a bench: API, worker and workflow worker as processes of their own, on PostgreSQL,
Kafka and a Temporal that keeps its data in a file. Payloads are encrypted.
"""

import asyncio
import base64
import json
import re
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

from contracts.outreach_workflow import WORKFLOWS_QUEUE
from deploy.local.parts.part import Command, free_port
from deploy.local.parts.temporal import Temporal
from deploy.local.process import Running, start
from services.outreach.settings import POLICIES
from tests.stack import choice
from tests.stack.postgres import PostgresServer
from tests.stack.tokens import TokenIssuer, auth_files

WORKFLOWS = ("workflows", "worker")
WORKER = ("services.outreach", "worker")
API = ("services.outreach", "api")
PATIENCE = 120.0  # seconds until a process is ready


class OutreachStack:
    """Running parts; ``environment`` is what our processes are told."""

    def __init__(self, folder: Path, environment: dict[str, str], tokens: TokenIssuer) -> None:
        self.folder, self.environment, self.tokens = folder, environment, tokens
        self._running: dict[tuple[str, str], Running] = {}
        self.ports: dict[tuple[str, str], int] = {}
        self.metrics_port = free_port()

    def start(self, program: tuple[str, str], **more: str) -> None:
        """Start one of our processes and wait until it is ready. Raises RuntimeError when it is not in time."""
        self.begin(program, **more)
        port, until = self.ports[program], time.monotonic() + PATIENCE
        while True:
            try:
                with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                    return
            except (URLError, ConnectionError, TimeoutError) as error:
                if self._running[program].exit_code() is not None or time.monotonic() > until:
                    raise RuntimeError(f"{program} did not start: see {self.folder}") from error
                time.sleep(0.1)

    def begin(self, program: tuple[str, str], **more: str) -> None:
        """Start one of our processes, and do not wait."""
        port = free_port()
        variables = {**self.environment, "UPPSOK_HTTP_PORT": str(port), **more}
        if program == WORKFLOWS:
            variables["UPPSOK_TEMPORAL_METRICS_ADDRESS"] = f"127.0.0.1:{self.metrics_port}"
        command = Command((sys.executable, "-m", *program), env=variables)
        self._running[program] = start("-".join(program), command, self.folder / f"{program[0]}-{program[1]}.log")
        self.ports[program] = port

    def stop(self, program: tuple[str, str]) -> None:
        self._running.pop(program).stop()

    def kill(self, program: tuple[str, str]) -> None:
        """Kill -9."""
        self._running.pop(program).kill()

    def stop_all(self) -> None:
        for program in list(self._running):
            self.stop(program)

    def megabytes(self, program: tuple[str, str]) -> float:
        """Return the most memory that a process has had (VmHWM)."""
        status = Path(f"/proc/{self._running[program].pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        return int(found[1]) / 1024 if found else 0.0

    async def workflow_tasks_are_done(self) -> None:
        """Wait until no workflow task waits for a worker."""
        client = await Client.connect(self.environment["TEMPORAL_ADDRESS"])
        asked = DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=TaskQueue(name=WORKFLOWS_QUEUE),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
            report_stats=True,
        )
        while (await client.workflow_service.describe_task_queue(asked)).stats.approximate_backlog_count:
            await asyncio.sleep(0.2)

    def counter(self, name: str) -> float:
        """Return the sum of a counter of the workflow worker's SDK, over all labels."""
        with urlopen(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=5) as answer:
            text = answer.read().decode()
        return sum(float(value) for value in re.findall(rf"^{name}(?:{{.*}})? (\S+)$", text, re.MULTILINE))


@contextmanager
def outreach_stack(folder: Path) -> Iterator[tuple[OutreachStack, PostgresServer]]:
    """Start the parts; none of our processes yet."""
    keys = folder / "payload-keys.json"
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    keys.write_text(json.dumps({"current": "a", "keys": {"a": key}}))
    tokens = TokenIssuer()
    temporal = Temporal(free_port(), database=folder / "temporal" / "temporal.db")
    with ExitStack() as parts:
        postgres = parts.enter_context(choice.postgres(folder))
        broker = parts.enter_context(choice.kafka(folder))
        parts.enter_context(choice.running(temporal, folder))
        environment = {
            "UPPSOK_ENVIRONMENT": "local",
            "UPPSOK_PAYLOAD_KEYS_FILE": str(keys),
            "UPPSOK_OUTREACH_POLICY_FILE": str(POLICIES / "stockholm.json"),
            "TEMPORAL_ADDRESS": temporal.address,
            "KAFKA_BOOTSTRAP_SERVERS": broker.bootstrap_servers,
            "UPPSOK_KAFKA_IDEMPOTENCE": str(broker.idempotence).lower(),
            "MALLOC_ARENA_MAX": "2",
            **auth_files(tokens, folder),
        }
        stack = OutreachStack(folder, environment, tokens)
        try:
            yield stack, postgres
        finally:
            stack.stop_all()
