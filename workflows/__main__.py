"""``python -m workflows worker|setup``."""

import asyncio
from functools import partial

from chassis import telemetry
from chassis.process import dispatch, run_worker
from chassis.temporal import connect
from workflows import worker
from workflows.settings import Settings
from workflows.setup import set_up


def _worker() -> None:
    settings = Settings.load()
    run_worker(settings, "workflows-worker", partial(worker.start, settings))


def _setup() -> None:
    settings = Settings.load()
    telemetry.configure(settings, "workflows-setup")

    async def run() -> None:
        await set_up(await connect(settings), settings)

    asyncio.run(run())


if __name__ == "__main__":
    dispatch({"worker": _worker, "setup": _setup}, "workflows")
