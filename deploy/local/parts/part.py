"""What a part is: a server that can be prepared, started as one process, and asked whether it is ready."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from signal import Signals
from typing import Protocol

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Command:
    """How to start a process and how it wants to be stopped."""

    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    inherit_env: bool = True  # ``env`` is added to the caller's; False: it is all there is
    user: str | None = None  # drop to this user; only possible as root
    cwd: Path | None = None
    stop_signal: Signals = Signals.SIGTERM
    stop_seconds: float = 15.0  # before it is killed


class Part(Protocol):
    """A server. All methods block, each for a few seconds at most."""

    name: str

    def prepare(self) -> None:
        """Make what must exist before the first start (data folder, ...). Safe to repeat."""

    def command(self) -> Command:
        """Return how to start it in the foreground."""

    def ready(self) -> bool:
        """Return whether it answers its own protocol now."""


def free_port() -> int:
    """Return a TCP port that was free a moment ago (for tests; the local stack has fixed ports)."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def can_connect(port: int, host: str = HOST, seconds: float = 1.0) -> bool:
    try:
        socket.create_connection((host, port), seconds).close()
    except OSError:
        return False
    return True


def installed(package: str, *inside: str) -> Path:
    """Return a path inside an installed package, without importing it.

    Raises FileNotFoundError when the package is not installed.
    """
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError(f"{package} is not installed: install requirements.lock")
    return Path(spec.submodule_search_locations[0], *inside)
