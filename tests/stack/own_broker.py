"""A broker of a test's own, to be killed and wiped."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chassis.settings import Settings
from deploy.local.parts.kafka_apache import Apache
from deploy.local.parts.kafka_tansu import Tansu
from deploy.local.parts.part import free_port
from deploy.local.process import start_part
from tests.stack import choice


class OwnBroker:
    """Starts when made."""

    def __init__(self, part: Tansu | Apache, folder: Path) -> None:
        self._part, self._folder = part, folder
        self.start()

    @property
    def settings(self) -> Settings:
        return Settings.model_validate({"environment": "test", **self.keys})

    @property
    def keys(self) -> dict[str, str]:
        """Settings for our processes to use it."""
        return {
            "kafka_bootstrap_servers": self._part.bootstrap_servers,
            "kafka_idempotence": str(self._part.idempotence).lower(),
        }

    def start(self) -> None:
        self._process = start_part(self._part, self._folder / "broker.log", 120)

    def kill(self) -> None:
        self._process.kill()

    def wipe(self) -> None:
        """Kill it and start it again with nothing in it."""
        self.kill()
        if isinstance(self._part, Apache):
            shutil.rmtree(self._folder / "kafka")
        self.start()


@contextmanager
def own_broker(folder: Path) -> Iterator[OwnBroker]:
    if choice.STACK == "containers":
        pytest.skip("a broker in a container is not killed from here")
    part = choice.apache(folder) if choice.KAFKA == "apache" else Tansu(free_port())
    broker = OwnBroker(part, folder)
    try:
        yield broker
    finally:
        broker.kill()
