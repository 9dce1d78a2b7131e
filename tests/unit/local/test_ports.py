"""A taken port is named with who has it."""

import os
import socket

from deploy.local import ports
from deploy.local.parts.part import HOST, free_port


def test_a_taken_port_says_by_whom() -> None:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        listener.listen()
        port = listener.getsockname()[1]
        found = ports.taken({"postgres": port, "kafka": free_port()})
    assert [(one.name, one.port) for one in found] == [("postgres", port)]
    assert found[0].by.startswith(f"pid {os.getpid()} (")
