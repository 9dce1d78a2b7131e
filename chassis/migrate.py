"""Migrations: plain SQL files, run by dbmate with the migrator role (docs/adr/0005-sql-migrations.md)."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

CHASSIS_MIGRATIONS = Path(__file__).parent / "migrations"


class MigrationFailed(RuntimeError):
    """dbmate refused or failed; the message is what it printed."""


def dbmate_path() -> str:
    """Return the path of the dbmate binary of this environment."""
    beside_python = Path(sys.executable).parent / "dbmate"
    found = str(beside_python) if beside_python.exists() else shutil.which("dbmate")
    if found is None:
        raise MigrationFailed("dbmate is not installed; install requirements.lock")
    return found


def migrate(database_url: str, *service_migrations: Path) -> str:
    """Bring a service's database up to date: the chassis' tables first, then the service's own.

    ``database_url`` is the migrator role's. Returns what dbmate printed; raises MigrationFailed.
    A second run does nothing; two at once wait for each other (dbmate's advisory lock). The chassis
    and the service count their migrations apart, each in its own table: both may grow at any time.
    """
    printed = _run(database_url, "chassis_migrations", [CHASSIS_MIGRATIONS])
    if service_migrations:
        printed += _run(database_url, "schema_migrations", service_migrations)
    return printed


def _run(database_url: str, table: str, migrations: Sequence[Path]) -> str:
    separator = "&" if "?" in database_url else "?"
    url = database_url if "sslmode=" in database_url else f"{database_url}{separator}sslmode=disable"
    directories = [word for directory in migrations for word in ("--migrations-dir", str(directory))]
    options = ["--no-dump-schema", "--migration-lock", "--migrations-table", table, *directories]
    done = subprocess.run(  # noqa: S603 - our own binary, arguments as a list
        [dbmate_path(), *options, "migrate", "--strict"],
        env={**os.environ, "DATABASE_URL": url},  # not on the command line: it holds the password
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if done.returncode != 0:
        raise MigrationFailed((done.stderr or done.stdout).strip())
    return done.stdout


def main(arguments: Sequence[str]) -> None:
    """``python -m chassis.migrate DIRECTORY...`` with the URL in ``DATABASE_URL_MIGRATOR``."""
    sys.stdout.write(migrate(os.environ["DATABASE_URL_MIGRATOR"], *map(Path, arguments)))


if __name__ == "__main__":
    main(sys.argv[1:])
