"""The same servers from containers, where Docker is at hand (`UPPSOK_TEST_STACK=containers`)."""

from collections.abc import Iterator
from contextlib import contextmanager

from deploy.local.parts.temporal import DYNAMIC_CONFIG, SEARCH_ATTRIBUTES, TIME_SKIPPING

POSTGRES_IMAGE = "postgres:18"
KAFKA_IMAGE = "apache/kafka-native:4.1.0"
TEMPORAL_IMAGE = "temporalio/temporal:1.9.1"


@contextmanager
def postgres() -> Iterator[str]:
    """Yield the superuser's URL."""
    from testcontainers.postgres import PostgresContainer

    with PostgresContainer(POSTGRES_IMAGE, username="postgres", dbname="postgres", driver=None) as container:
        yield container.get_connection_url()


@contextmanager
def kafka() -> Iterator[str]:
    from testcontainers.kafka import KafkaContainer

    with KafkaContainer(KAFKA_IMAGE).with_kraft() as container:
        yield container.get_bootstrap_server()


@contextmanager
def temporal() -> Iterator[str]:
    from testcontainers.core.container import DockerContainer
    from testcontainers.core.wait_strategies import PortWaitStrategy

    words = ["server", "start-dev", "--ip", "0.0.0.0", "--headless"]
    for key, value in {**DYNAMIC_CONFIG, **TIME_SKIPPING}.items():
        words += ["--dynamic-config-value", f"{key}={value}"]
    for name, kind in SEARCH_ATTRIBUTES.items():
        words += ["--search-attribute", f"{name}={kind}"]
    container = DockerContainer(TEMPORAL_IMAGE).with_exposed_ports(7233).with_command(words)
    with container.waiting_for(PortWaitStrategy(7233)):
        yield f"{container.get_container_host_ip()}:{container.get_exposed_port(7233)}"
