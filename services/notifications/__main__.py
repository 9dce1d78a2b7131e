"""``python -m services.notifications api|worker|migrate``."""

import os
import sys
from functools import partial
from pathlib import Path

from chassis.migrate import migrate
from chassis.process import dispatch, run_api, run_worker
from services.notifications import worker
from services.notifications.app import make_app
from services.notifications.settings import Settings

MIGRATIONS = Path(__file__).parent / "db" / "migrations"


def _api() -> None:
    settings = Settings.load()
    run_api(make_app(settings), settings, "notifications-api")


def _worker() -> None:
    settings = Settings.load()
    run_worker(settings, "notifications-worker", partial(worker.start, settings))


def _migrate() -> None:
    sys.stdout.write(migrate(os.environ["DATABASE_URL_NOTIFICATIONS_MIGRATOR"], MIGRATIONS))


if __name__ == "__main__":
    dispatch({"api": _api, "worker": _worker, "migrate": _migrate}, "services.notifications")
