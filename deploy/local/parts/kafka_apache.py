"""Apache Kafka 4 itself: one node in KRaft mode, its jars fetched by Maven, run with Java 17.

What production means. `make test KAFKA=apache` runs every test that touches the broker against it,
with the idempotent producer on.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from deploy.local.parts.kafka_protocol import answers
from deploy.local.parts.part import HOST, Command

POM = Path(__file__).with_name("kafka_apache_pom.xml")
CLUSTER_ID = "dXBwc29rLWxvY2FsLTAwMQ"  # any 16 bytes in base64


class CannotFetch(RuntimeError):
    """Java or Maven is missing, or Maven could not fetch the jars; the message says which."""


class Apache:
    """A one-node broker and controller, with its data in ``directory`` and its jars in ``jars``."""

    name = "kafka"
    idempotence = True

    def __init__(self, directory: Path, port: int, *, controller_port: int, jars: Path) -> None:
        self._directory, self.port, self._controller_port = directory, port, controller_port
        self._jars = jars

    @property
    def bootstrap_servers(self) -> str:
        return f"{HOST}:{self.port}"

    def prepare(self) -> None:
        fetch(self._jars)
        self._directory.mkdir(parents=True, exist_ok=True)
        properties = self._directory / "server.properties"
        self._write(properties)  # each time: ports may have changed
        if (self._directory / "data" / "meta.properties").exists():
            return
        storage = self._java("kafka.tools.StorageTool")
        formatted = subprocess.run(
            [*storage, "format", "-t", CLUSTER_ID, "-c", str(properties)],
            capture_output=True,
            text=True,
            check=False,
        )
        if formatted.returncode != 0:
            raise RuntimeError(f"formatting the broker's storage failed: {formatted.stderr or formatted.stdout}")

    def command(self) -> Command:
        heap = ("-Xms128m", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
        level = os.environ.get("UPPSOK_LOCAL_KAFKA_LOG", "error")
        logging = (
            f"-Dorg.slf4j.simpleLogger.{option}" for option in (f"defaultLogLevel={level}", "showDateTime=true")
        )
        return Command((*self._java("kafka.Kafka", *heap, *logging), str(self._directory / "server.properties")))

    def ready(self) -> bool:
        return answers(HOST, self.port)

    def _java(self, main: str, *options: str) -> tuple[str, ...]:
        return ("java", *options, "-cp", f"{self._jars}/*", main)

    def _write(self, properties: Path) -> None:
        lines = {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.listener.names": "CONTROLLER",
            "listeners": f"PLAINTEXT://{HOST}:{self.port},CONTROLLER://{HOST}:{self._controller_port}",
            "advertised.listeners": f"PLAINTEXT://{HOST}:{self.port}",
            "controller.quorum.voters": f"1@{HOST}:{self._controller_port}",
            "log.dirs": str(self._directory / "data"),
            "auto.create.topics.enable": "false",  # topics are made by the relays, on purpose
            "offsets.topic.replication.factor": "1",
            "offsets.topic.num.partitions": "4",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "share.coordinator.state.topic.replication.factor": "1",
            "share.coordinator.state.topic.min.isr": "1",
            "group.initial.rebalance.delay.ms": "0",
            # After kill -9 the node may not register again until its old session is over.
            "broker.session.timeout.ms": "4000",
            "broker.heartbeat.interval.ms": "500",
        }
        properties.write_text("".join(f"{key}={value}\n" for key, value in lines.items()))


def fetch(jars: Path) -> None:
    """Fetch Kafka and what it needs into ``jars``, once per content of the pom. Raises CannotFetch."""
    stamp = jars / ".pom.xml"
    if stamp.exists() and stamp.read_bytes() == POM.read_bytes():
        return
    for program in ("java", "mvn"):
        if shutil.which(program) is None:
            raise CannotFetch(f"{program} is not installed (Apache Kafka needs Java 17 and Maven)")
    shutil.rmtree(jars, ignore_errors=True)  # no jars of an older version on the class path
    jars.mkdir(parents=True)
    fetched = subprocess.run(
        ["mvn", "-B", "-q", "-f", str(POM), "dependency:copy-dependencies", f"-DoutputDirectory={jars.resolve()}"],
        capture_output=True,
        text=True,
        check=False,
    )
    if fetched.returncode != 0:
        raise CannotFetch(f"Maven could not fetch Apache Kafka: {fetched.stdout.strip()[-800:]}")
    stamp.write_bytes(POM.read_bytes())


if __name__ == "__main__":
    try:
        fetch(Path(os.environ.get("UPPSOK_LOCAL_DIR", ".local")) / "kafka-apache")
    except CannotFetch as error:
        sys.exit(str(error))
