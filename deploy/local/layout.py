"""Where a local stack keeps what: everything below one folder."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Layout:
    root: Path

    @property
    def run(self) -> Path:
        """Process files and state; means nothing when the stack is down."""
        return self.root / "run"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def keys(self) -> Path:
        return self.root / "keys"

    @property
    def postgres(self) -> Path:
        return self.root / "postgres"

    @property
    def temporal_database(self) -> Path:
        return self.root / "temporal" / "temporal.db"

    @property
    def kafka(self) -> Path:
        return self.root / "kafka"

    @property
    def kafka_jars(self) -> Path:
        return self.root / "kafka-apache"

    @property
    def drop(self) -> Path:
        """Where the registry looks for source files."""
        return self.root / "drop"

    @property
    def letters(self) -> Path:
        return self.root / "letters"

    @property
    def sms(self) -> Path:
        return self.root / "sms"

    @property
    def stack_file(self) -> Path:
        """The facts of the running stack, for scripts."""
        return self.root / "stack.json"

    @property
    def config_file(self) -> Path:
        return self.run / "config.json"

    @property
    def state_file(self) -> Path:
        return self.run / "state.json"

    @property
    def lock_file(self) -> Path:
        """Locked by the supervisor for as long as it lives."""
        return self.run / "lock"

    @property
    def sample_loaded(self) -> Path:
        return self.root / "sample-loaded"

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def pid_file(self, name: str) -> Path:
        return self.run / f"{name}.pid"

    def data(self) -> tuple[Path, ...]:
        """What `make reset` deletes: all but the developer's settings and fetched jars."""
        return (
            self.run, self.logs, self.keys, self.postgres, self.temporal_database.parent, self.kafka,
            self.drop, self.letters, self.sms, self.stack_file, self.sample_loaded,
        )  # fmt: skip

    def make(self) -> None:
        """Make the folders that must exist before anything starts."""
        for folder in (self.root, self.run, self.logs, self.drop, self.letters, self.sms):
            folder.mkdir(parents=True, exist_ok=True)
        self.keys.mkdir(mode=0o700, exist_ok=True)
