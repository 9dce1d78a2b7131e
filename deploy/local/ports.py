"""Whether ports are free, and who has those that are not."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass

import psutil

from deploy.local.parts.part import HOST


@dataclass(frozen=True, slots=True)
class TakenPort:
    name: str
    port: int
    by: str  # "pid 123 (nginx)", or "another user's process"


def taken(ports: Mapping[str, int]) -> list[TakenPort]:
    """Return those of ``ports`` (by name) that something else listens on."""
    return [TakenPort(name, port, holder(port)) for name, port in ports.items() if not _is_free(port)]


def holder(port: int) -> str:
    """Return who listens on ``port``, as far as we may know."""
    try:
        connections = psutil.net_connections(kind="tcp")
    except psutil.AccessDenied:  # macOS without root
        connections = []
    for connection in connections:
        if connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr.port == port:
            if connection.pid is None:
                break
            try:
                return f"pid {connection.pid} ({psutil.Process(connection.pid).name()})"
            except psutil.Error:
                return f"pid {connection.pid}"
    return "another user's process"


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # closed connections do not matter
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
