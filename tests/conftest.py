"""Fixtures for all tests: the real parts, started once per test process when first asked for.

`UPPSOK_TEST_STACK=embedded` (default) takes servers from installed wheels, `containers` takes
testcontainers. `KAFKA=apache` takes Apache Kafka instead of Tansu. Tests see no difference.
"""

import os
import shutil
import signal
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import hypothesis
import pytest

from deploy.local.databases import Database
from tests.stack import choice
from tests.stack.kafka import KafkaServer
from tests.stack.postgres import PostgresServer
from tests.stack.tokens import AuthEnv, TokenIssuer, auth_files

# A slow machine is no failing property; in CI the same examples each time.
hypothesis.settings.register_profile("uppsok", deadline=None, derandomize=bool(os.environ.get("CI")))
hypothesis.settings.load_profile("uppsok")

# A test run that is told to end (a time limit in CI) still stops the servers that it started.
signal.signal(signal.SIGTERM, signal.default_int_handler)

# A developer's own settings must not leak into tests.
for key in [key for key in os.environ if key.startswith("UPPSOK_") and not key.startswith("UPPSOK_TEST_")]:
    del os.environ[key]


@pytest.fixture(scope="session")
def stack_folder() -> Iterator[Path]:
    """A folder for the data and logs of this process' servers; removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="uppsok-test-"))
    folder.chmod(0o711)  # as root, PostgreSQL runs as another user and must get through
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server(stack_folder: Path) -> Iterator[PostgresServer]:
    """A running PostgreSQL 18; `.admin_url` is the superuser's."""
    with choice.postgres(stack_folder) as server:
        yield server


@pytest.fixture(scope="session")
def service_database(postgres_server: PostgresServer) -> Callable[[str], Awaitable[Database]]:
    """`await service_database("registry")`: a fresh, migrated database with `.app_url` and `.migrator_url`."""
    return postgres_server.service_database


@pytest.fixture(scope="session")
def kafka_server(stack_folder: Path) -> Iterator[KafkaServer]:
    """A running broker."""
    with choice.kafka(stack_folder) as server:
        yield server


@pytest.fixture(scope="session")
def kafka_bootstrap(kafka_server: KafkaServer) -> str:
    """Host and port of a running broker."""
    return kafka_server.bootstrap_servers


@pytest.fixture(scope="session")
def kafka_settings(kafka_server: KafkaServer) -> dict[str, str]:
    """Environment variables for our processes to use the running broker."""
    return {
        "KAFKA_BOOTSTRAP_SERVERS": kafka_server.bootstrap_servers,
        "UPPSOK_KAFKA_IDEMPOTENCE": str(kafka_server.idempotence).lower(),
    }


@pytest.fixture(scope="session")
def temporal_address(stack_folder: Path) -> Iterator[str]:
    """Host and port of a running Temporal server with our search attributes; it can skip time."""
    with choice.temporal(stack_folder) as address:
        yield address


@pytest.fixture(scope="session")
def token_issuer() -> TokenIssuer:
    return TokenIssuer()


@pytest.fixture(scope="session")
def token(token_issuer: TokenIssuer) -> Callable[..., str]:
    """`token("local_coordinator", districts=("farsta",), subject="anna")`: a bearer token."""
    return token_issuer.token


@pytest.fixture(scope="session")
def auth_env(token_issuer: TokenIssuer, stack_folder: Path) -> AuthEnv:
    """Environment variables with which our processes accept `token`, and can call each other."""
    return auth_files(token_issuer, stack_folder)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests have said by `record_property("said", ...)`: figures that a document can cite."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, ()):
            for name, value in getattr(report, "user_properties", ()):
                if name == "said":
                    terminalreporter.write_line(f"{report.nodeid}: {value}")
