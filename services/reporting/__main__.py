"""``python -m services.reporting api|worker|migrate``."""

import os
import sys
from functools import partial
from pathlib import Path

from chassis.migrate import migrate
from chassis.process import dispatch, run_api, run_worker
from services.reporting import worker
from services.reporting.app import make_app
from services.reporting.settings import ReportingSettings

MIGRATIONS = Path(__file__).parent / "db" / "migrations"


def _api() -> None:
    settings = ReportingSettings.load()
    run_api(make_app(settings), settings, "reporting-api")


def _worker() -> None:
    settings = ReportingSettings.load()
    run_worker(settings, "reporting-worker", partial(worker.start, settings))


def _migrate() -> None:
    sys.stdout.write(migrate(os.environ["DATABASE_URL_REPORTING_MIGRATOR"], MIGRATIONS))


if __name__ == "__main__":
    dispatch({"api": _api, "worker": _worker, "migrate": _migrate}, "services.reporting")
