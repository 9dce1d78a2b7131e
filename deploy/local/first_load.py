"""The first start: the sample municipality's files into the drop folder, and a register sync over them."""

import asyncio
import time
from typing import Any

import httpx

from deploy.local.config import Config
from deploy.local.environment import Environment
from deploy.local.keys import Keys
from deploy.local.process import StartFailed, run_python

SYNC_SECONDS = 120.0


async def make_sample(config: Config, environment: Environment) -> None:
    words = ("deploy.sample", "--out", str(config.layout.drop))
    size = ("--covered", str(config.sample_covered), "--seed", str(config.sample_seed))
    await run_python((*words, *size), environment.of_command(), config.layout.log("sample"))


async def sync_register(config: Config, environment: Environment) -> str:
    """Run the register sync through the registry's API; return what it came to. Raises StartFailed."""
    token = Keys(config.layout.keys).issuer().token("register_superuser", subject="local-stack")
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=environment.url("registry"), headers=headers, timeout=30) as registry:
        started = await registry.post("/sync-runs", json={})
        if started.status_code != 202:
            raise StartFailed(f"the registry refused the sync: {started.status_code} {started.text}")
        run_id = started.json()["run_id"]
        deadline = time.monotonic() + SYNC_SECONDS
        while time.monotonic() < deadline:
            run: dict[str, Any] = (await registry.get(f"/sync-runs/{run_id}")).json()
            if run["finished_at"] is not None:
                if run["state"] != "done":
                    raise StartFailed(f"the register sync {run_id} ended as {run['state']}")
                return f"{run['covered']} youths covered"
            await asyncio.sleep(0.5)
    raise StartFailed(f"the register sync {run_id} was not finished within {SYNC_SECONDS:.0f} s")
