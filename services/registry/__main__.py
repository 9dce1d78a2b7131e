"""``python -m services.registry api|worker|migrate``."""

import os
import sys
from functools import partial
from pathlib import Path

from chassis.migrate import migrate
from chassis.process import dispatch, run_api, run_worker
from services.registry import worker
from services.registry.app import make_app
from services.registry.settings import Settings

MIGRATIONS = Path(__file__).parent / "db" / "migrations"


def _api() -> None:
    settings = Settings.load()
    run_api(make_app(settings), settings, "registry-api")


def _worker() -> None:
    settings = Settings.load()
    run_worker(settings, "registry-worker", partial(worker.start, settings))


def _migrate() -> None:
    sys.stdout.write(migrate(os.environ["DATABASE_URL_REGISTRY_MIGRATOR"], MIGRATIONS))


if __name__ == "__main__":
    dispatch({"api": _api, "worker": _worker, "migrate": _migrate}, "services.registry")
