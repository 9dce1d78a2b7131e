"""Asking a broker, in the Kafka protocol, whether it answers."""

import socket
import struct

_API_VERSIONS = 18


def answers(host: str, port: int, seconds: float = 2.0) -> bool:
    """Return whether a broker there answers an ApiVersions request (version 0) within ``seconds``."""
    client = b"uppsok-probe"
    request = struct.pack(">hhih", _API_VERSIONS, 0, 1, len(client)) + client
    try:
        with socket.create_connection((host, port), seconds) as connection:
            connection.settimeout(seconds)
            connection.sendall(struct.pack(">i", len(request)) + request)
            return len(connection.recv(8)) > 0
    except OSError:
        return False
