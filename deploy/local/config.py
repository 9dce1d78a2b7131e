"""The settings of a local stack: defaults from local.toml, then the developer's file, then the environment,
then what the command line says. A running stack keeps what it was started with in its run folder."""

import json
import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self

from deploy.local.databases import SERVICES
from deploy.local.layout import Layout
from deploy.local.parts.part import free_port
from deploy.local.process import ROOT
from deploy.local.processes import PROCESSES

DEFAULTS = Path(__file__).with_name("local.toml")
POLICIES = ROOT / "services" / "outreach" / "policies"
PORT_VARIABLE = "UPPSOK_LOCAL_PORT_"


class InvalidConfig(ValueError):
    """A setting that does not fit; the message says which and what to do."""


@dataclass(frozen=True, slots=True)
class Config:
    """A stack that can be started. ``external`` holds the variables that point at parts elsewhere."""

    folder: Path
    ports: Mapping[str, int]
    kafka: str
    policy: str
    sample: bool
    sample_covered: int
    sample_seed: int
    leave_out: Sequence[str]
    environment: Mapping[str, str]
    external: Mapping[str, str]
    clock: str | None = None  # JSON of chassis.clock.ClockSpec; None = real time

    @property
    def layout(self) -> Layout:
        return Layout(self.folder)

    @property
    def policy_file(self) -> Path:
        named = POLICIES / f"{self.policy}.json"
        return named if named.exists() else Path(self.policy).resolve()

    def is_external(self, part: str) -> bool:
        """Return whether ``postgres`` (for every service), ``kafka`` or ``temporal`` runs elsewhere."""
        if part == "postgres":
            return all(database_variable(service) in self.external for service in SERVICES)
        return {"kafka": "KAFKA_BOOTSTRAP_SERVERS", "temporal": "TEMPORAL_ADDRESS"}[part] in self.external

    def ports_needed(self) -> dict[str, int]:
        """Return the ports that this stack will listen on."""
        left_out = set() if self.kafka == "apache" else {"kafka_controller"}
        if self.is_external("kafka"):
            left_out |= {"kafka", "kafka_controller"}
        if self.is_external("temporal"):
            left_out |= {"temporal", "temporal_ui"}
        if self.is_external("postgres"):
            left_out |= {"postgres"}
        return {name: port for name, port in self.ports.items() if name not in left_out}

    def with_port_offset(self, offset: int) -> "Config":
        return replace(self, ports={name: port + offset for name, port in self.ports.items()})

    def with_free_ports(self) -> "Config":
        """Any ports that are free now (for tests)."""
        return replace(self, ports={name: free_port() for name in self.ports})

    def save(self) -> None:
        """Keep it for the supervisor and the other commands; it may hold passwords of external parts."""
        self.layout.make()
        self.layout.config_file.touch(mode=0o600)
        self.layout.config_file.write_text(json.dumps({**asdict(self), "folder": str(self.folder)}, indent=1))

    @classmethod
    def saved(cls, folder: Path) -> Self:
        """Return what the stack in ``folder`` was last started with. Raises FileNotFoundError."""
        document = json.loads(Layout(folder).config_file.read_text())
        return cls(**{**document, "folder": Path(document["folder"])})


def database_variable(service: str) -> str:
    return f"DATABASE_URL_{service.upper()}"


def default_folder(environ: Mapping[str, str] = os.environ) -> Path:
    return Path(environ.get("UPPSOK_LOCAL_DIR", ROOT / ".local")).absolute()


def load(folder: Path | None = None, environ: Mapping[str, str] = os.environ, **overrides: Any) -> Config:
    """Return the settings for a stack in ``folder``; ``overrides`` are fields of `Config`.

    Raises InvalidConfig for an unknown key, a port that is no port, or an incomplete external part.
    """
    folder = (folder or default_folder(environ)).absolute()
    values = tomllib.loads(DEFAULTS.read_text())
    own = folder / "local.toml"
    if own.exists():
        _merge(values, _read(own), str(own))
    ports = dict(values.pop("ports"))
    for key, text in environ.items():
        if key.startswith(PORT_VARIABLE):
            name = key.removeprefix(PORT_VARIABLE).lower()
            if name not in ports or not text.isdigit():
                raise InvalidConfig(f"{key}: set it to a port number, and one of {', '.join(sorted(ports))}")
            ports[name] = int(text)
    if "KAFKA" in environ:
        values["kafka"] = environ["KAFKA"]
    config = Config(folder=folder, ports=ports, external=_external(environ), **values)
    config = replace(config, **{key: value for key, value in overrides.items() if value is not None})
    _check(config)
    return config


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text())
    except tomllib.TOMLDecodeError as error:
        raise InvalidConfig(f"{file}: {error}") from None


def _merge(values: dict[str, Any], own: Mapping[str, Any], where: str) -> None:
    for key, value in own.items():
        if key not in values:
            raise InvalidConfig(f"{where}: {key} is not a setting; there are {', '.join(sorted(values))}")
        if isinstance(value, dict):
            if key == "ports" and (unknown := set(value) - set(values[key])):
                raise InvalidConfig(f"{where}: no port is called {', '.join(sorted(unknown))}")
            values[key] = {**values[key], **value}
        else:
            values[key] = value


def _external(environ: Mapping[str, str]) -> dict[str, str]:
    names = ["KAFKA_BOOTSTRAP_SERVERS", "UPPSOK_KAFKA_IDEMPOTENCE", "TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE"]
    for service in SERVICES:
        app, migrator = database_variable(service), f"{database_variable(service)}_MIGRATOR"
        if (app in environ) != (migrator in environ):
            raise InvalidConfig(f"set both {app} and {migrator}, or neither")
        names += [app, migrator]
    return {name: environ[name] for name in names if environ.get(name)}


def _check(config: Config) -> None:
    if unknown := set(config.leave_out) - {process.name for process in PROCESSES}:
        raise InvalidConfig(f"leave_out: no process of ours is called {', '.join(sorted(unknown))}")
    if config.kafka not in {"tansu", "apache"}:
        raise InvalidConfig(f"kafka is {config.kafka!r}: use tansu or apache")
    for name, port in config.ports.items():
        if not isinstance(port, int) or not 0 < port < 65536:
            raise InvalidConfig(f"port {name} is {port!r}: use a number from 1 to 65535")
    doubled = {port for port in config.ports.values() if list(config.ports.values()).count(port) > 1}
    if doubled:
        names = sorted(name for name, port in config.ports.items() if port in doubled)
        raise InvalidConfig(f"these have the same port: {', '.join(names)}")
