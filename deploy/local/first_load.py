"""The first start: the sample municipality's files into the drop folder, its staff, and a register sync."""

import asyncio
import time
from typing import Any

import httpx

from chassis.clock import CivilClock, ClockSpec
from contracts.roles import Role
from deploy.local.config import Config
from deploy.local.environment import Environment
from deploy.local.keys import Keys
from deploy.local.process import StartFailed, run_python
from deploy.sample.staff import colleagues

SYNC_SECONDS = 120.0
PRECONDITION_REQUIRED = 428


async def make_sample(config: Config, environment: Environment) -> None:
    words = ("deploy.sample", "--out", str(config.layout.drop))
    size = ("--covered", str(config.sample_covered), "--seed", str(config.sample_seed))
    await run_python((*words, *size), environment.of_command(), config.layout.log("sample"))


async def register_staff(config: Config, environment: Environment) -> str:
    """Put the sample's staff into the staff register; return how many there are. Raises StartFailed.

    Done before the sync, so that the first tasks are given to them. Again it changes nothing.
    """
    today = CivilClock(ClockSpec.model_validate_json(config.clock or "{}")).today()
    async with _client(config, environment, "outreach", Role.KAA_COORDINATOR) as outreach:
        for colleague in colleagues():
            entry = colleague.entry(today)
            put = await outreach.put(f"/staff/{colleague.staff_id}", json=entry)
            if put.status_code not in (200, 201, PRECONDITION_REQUIRED):  # the last: they were registered before
                raise StartFailed(f"{colleague.staff_id} could not be registered: {put.status_code} {put.text}")
    return f"{len(colleagues())} colleagues"


async def sync_register(config: Config, environment: Environment) -> str:
    """Run the register sync through the registry's API; return what it came to. Raises StartFailed."""
    async with _client(config, environment, "registry", Role.REGISTER_SUPERUSER) as registry:
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


def _client(config: Config, environment: Environment, service: str, role: Role) -> httpx.AsyncClient:
    token = Keys(config.layout.keys).issuer().token(role, subject="local-stack")
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.AsyncClient(base_url=environment.url(service), headers=headers, timeout=30)
