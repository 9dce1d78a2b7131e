"""A process that does a run's activities as a worker does them: to be killed in the midst of it.

Started with the registry's environment; reads the run's id from its input, and tells each activity that is done.
"""

import asyncio
import sys
from uuid import UUID

from temporalio.testing import ActivityEnvironment

from chassis.postgres import create_pool
from contracts.registry_activities import LoadSource, Source, SyncRequest, SyncRun
from services.registry.activities import RegistryActivities
from services.registry.settings import Settings

APPLIED = "applied"


def tell(done: str) -> None:
    sys.stdout.write(f"{done}\n")
    sys.stdout.flush()


async def main() -> None:
    settings = Settings.load()
    async with await create_pool(settings.database_url, application_name="one-sync", max_size=6) as pool:
        activities = RegistryActivities(pool, settings.clock, settings)
        run_id = UUID((await asyncio.to_thread(sys.stdin.readline)).strip())
        run: SyncRun = await ActivityEnvironment().run(activities.open_sync_run, SyncRequest(run_id=run_id))

        async def load(source: Source) -> None:
            asked = LoadSource(run_id=run.run_id, source=source)
            await ActivityEnvironment().run(activities.load_source, asked)
            tell(source)

        await asyncio.gather(*map(load, Source))
        await ActivityEnvironment().run(activities.apply_sync, run)
        tell(APPLIED)


if __name__ == "__main__":
    asyncio.run(main())
