"""Why a youth is covered, asked over HTTP, against the floor of a read (`bare_read`): p50 and p99, paired.

Both servers are processes of their own, asked in turns over one kept connection each.
"""

import http.client
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import asyncpg

from deploy.local.databases import Database
from deploy.local.parts.part import free_port
from tests.stack import choice
from tests.stack.tokens import TokenIssuer, auth_files

READS = 3_000
WARM_UP = 200
SAMPLE = "select id from persons where id in (select person_id from episodes) order by id limit $1"


async def measure(database: Database, folder: Path) -> dict[str, float]:
    """Return milliseconds and their ratios: p50 and p99 of the registry's evidence and of the bare read."""
    conn = await asyncpg.connect(database.app_url)
    try:
        people = [row["id"] for row in await conn.fetch(SAMPLE, WARM_UP + READS)]
    finally:
        await conn.close()
    tokens = TokenIssuer()
    bearer = {"Authorization": f"Bearer {tokens.token('kaa_coordinator')}"}
    bare_port, port = free_port(), free_port()
    with choice.temporal(folder) as temporal:
        environment = {
            **os.environ,
            **auth_files(tokens, folder),
            "DATABASE_URL_REGISTRY": database.app_url,
            "TEMPORAL_ADDRESS": temporal,
            "UPPSOK_ENVIRONMENT": "test",
            "UPPSOK_HTTP_PORT": str(port),
            "UPPSOK_REGISTRY_DROP_FOLDER": str(folder),
        }
        bare = [sys.executable, "-m", "tests.bench.bare_read", database.app_url, str(bare_port)]
        registry = [sys.executable, "-m", "services.registry", "api"]
        with _serving(bare, bare_port, "/openapi.json"), _serving(registry, port, "/readyz", environment):
            floor, found = _ask(
                [(bare_port, f"/persons/{one}", {}) for one in people],
                [(port, f"/youths/{one}/coverage", bearer) for one in people],
            )
    result: dict[str, float] = {}
    for name, share in (("p50", 50), ("p99", 99)):
        ours = statistics.quantiles(found, n=100)[share - 1]
        bare_ms = statistics.quantiles(floor, n=100)[share - 1]
        result |= {f"coverage_{name}_ms": ours, f"bare_{name}_ms": bare_ms, f"ratio_{name}": ours / bare_ms}
    return result


Request = tuple[int, str, dict[str, str]]


def _ask(*series: list[Request]) -> list[list[float]]:
    """Ask the series in turns; return the milliseconds of each, without those of the warm-up."""
    connections = [http.client.HTTPConnection("127.0.0.1", requests[0][0]) for requests in series]
    taken: list[list[float]] = [[] for _ in series]
    for number, turn in enumerate(zip(*series, strict=True)):
        for index, (_, path, headers) in enumerate(turn):
            began = time.perf_counter()
            connections[index].request("GET", path, headers=headers)
            answer = connections[index].getresponse()
            body = answer.read()
            milliseconds = (time.perf_counter() - began) * 1000
            assert answer.status == 200, (path, answer.status)
            assert json.loads(body)
            if number >= WARM_UP:
                taken[index].append(milliseconds)
    for connection in connections:
        connection.close()
    return taken


@contextmanager
def _serving(
    command: list[str], port: int, ready: str, environment: dict[str, str] | None = None
) -> Iterator[None]:
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                with urlopen(f"http://127.0.0.1:{port}{ready}", timeout=5):
                    break
            except (URLError, ConnectionError) as error:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"{command[2]} did not start") from error
                time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(20)
