"""One night of the registry, in a process of its own: its time and its peak of memory as JSON.

``python -m tests.bench.one_night DATABASE_URL FOLDER YYYY-MM-DD``
"""

import asyncio
import json
import os
import sys
import time
from datetime import date
from pathlib import Path
from uuid import uuid4

from temporalio.testing import ActivityEnvironment

from chassis.postgres import create_pool
from contracts.registry_activities import LoadSource, Source, SyncReport, SyncRequest, SyncRun
from services.registry.activities import RegistryActivities
from services.registry.settings import Settings


async def night(url: str, folder: Path, day: date) -> dict[str, object]:
    settings = Settings.model_validate(
        {"environment": "test", "database_url": url, "registry_drop_folder": folder}
    )
    async with await create_pool(url, application_name="bench", max_size=6) as pool:
        activities = RegistryActivities(pool, settings.clock, settings)
        began = time.perf_counter()
        request = SyncRequest(run_id=uuid4(), as_of=day)
        run: SyncRun = await ActivityEnvironment().run(activities.open_sync_run, request)
        await asyncio.gather(
            *(
                ActivityEnvironment().run(activities.load_source, LoadSource(run_id=run.run_id, source=source))
                for source in Source
            )
        )
        loaded = time.perf_counter()
        report: SyncReport = await ActivityEnvironment().run(activities.apply_sync, run)
        ended = time.perf_counter()
    assert not any(source.held for source in report.sources), report.sources
    return {
        "seconds": ended - began,
        "load_seconds": loaded - began,
        "apply_seconds": ended - loaded,
        "peak_mb": _peak_mb(),
        "rows": sum(source.read for source in report.sources),
        "registered": report.registered,
        "changed": report.changed,
        "ended": report.ended,
        "covered": report.covered,
    }


def _peak_mb() -> float:
    """Return the most memory that this process has held. (`ru_maxrss` begins with what its parent held.)"""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status["VmHWM"].split()[0]) / 1024


if __name__ == "__main__":
    found = asyncio.run(night(sys.argv[1], Path(sys.argv[2]), date.fromisoformat(sys.argv[3])))
    sys.stdout.write(json.dumps(found))
    sys.stdout.flush()
    os._exit(0)
