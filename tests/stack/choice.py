"""The one place that decides where the tests' servers come from."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.parts.kafka_apache import Apache
from deploy.local.parts.kafka_tansu import Tansu
from deploy.local.parts.part import Part, free_port
from deploy.local.parts.postgres import Postgres
from deploy.local.parts.temporal import DYNAMIC_CONFIG, TIME_SKIPPING, Temporal
from deploy.local.process import start_part
from tests.stack import containers
from tests.stack.kafka import KafkaServer
from tests.stack.postgres import PostgresServer

STACK = os.environ.get("UPPSOK_TEST_STACK", "embedded")
KAFKA = os.environ.get("KAFKA", "tansu")

if STACK not in {"embedded", "containers"}:
    raise ValueError(f"UPPSOK_TEST_STACK is {STACK!r}: use embedded or containers")
if KAFKA not in {"tansu", "apache"}:
    raise ValueError(f"KAFKA is {KAFKA!r}: use tansu or apache")

PASSWORD = "only-for-tests"


@contextmanager
def running(part: Part, folder: Path, timeout: float = 120) -> Iterator[None]:
    process = start_part(part, folder / f"{part.name}.log", timeout)
    try:
        yield
    finally:
        process.stop()


@contextmanager
def postgres(folder: Path) -> Iterator[PostgresServer]:
    if STACK == "containers":
        with containers.postgres() as url:
            yield PostgresServer(url)
        return
    part = Postgres(folder / "postgres", free_port(), PASSWORD, durable=False)
    with running(part, folder):
        yield PostgresServer(part.admin_url())


@contextmanager
def kafka(folder: Path) -> Iterator[KafkaServer]:
    if STACK == "containers":
        with containers.kafka() as bootstrap_servers:
            yield KafkaServer(bootstrap_servers, idempotence=True)
        return
    part = apache(folder) if KAFKA == "apache" else Tansu(free_port())
    with running(part, folder):
        yield KafkaServer(f"127.0.0.1:{part.port}", idempotence=part.idempotence)


def apache(folder: Path) -> Apache:
    """Apache Kafka; its jars are fetched once and kept with the local stack's data."""
    jars = Path(os.environ.get("UPPSOK_LOCAL_DIR", ".local")) / "kafka-apache"
    return Apache(folder / "kafka", free_port(), controller_port=free_port(), jars=jars)


@contextmanager
def temporal(folder: Path) -> Iterator[str]:
    if STACK == "containers":
        with containers.temporal() as address:
            yield address
        return
    part = Temporal(free_port(), dynamic_config={**DYNAMIC_CONFIG, **TIME_SKIPPING})
    with running(part, folder):
        yield part.address
