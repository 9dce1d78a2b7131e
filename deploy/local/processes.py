"""Our own processes: what runs, with which port. The one list; order does not matter."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["api", "worker", "codec"]


@dataclass(frozen=True, slots=True)
class OwnProcess:
    name: str
    argv: tuple[str, ...]  # after `python -m`
    port: str  # its name in local.toml
    kind: Kind
    service: str | None = None  # whose database it may use


def _service(name: str) -> tuple[OwnProcess, OwnProcess]:
    module = f"services.{name}"
    return (
        OwnProcess(f"{name}-api", (module, "api"), name, "api", name),
        OwnProcess(f"{name}-worker", (module, "worker"), f"{name}_worker", "worker", name),
    )


PROCESSES: tuple[OwnProcess, ...] = (
    *_service("registry"),
    *_service("outreach"),
    *_service("notifications"),
    *_service("reporting"),
    OwnProcess("workflows", ("workflows", "worker"), "workflows", "worker"),
    OwnProcess("codec", ("workflows.codec_server",), "codec", "codec"),
)
