"""Which servers are read, and how: one JSON file (docs/sources/ss12000.md). Secrets are in files of their own."""

from ipaddress import ip_address
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

FILES = ("secret_file", "ca_file", "client_certificate_file", "client_key_file")


class ConfigRefused(ValueError):
    """The file is missing, is no JSON or says something that does not hold. Names fields, repeats no value."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Patience(_Strict):
    """How long a server is waited for. All seconds are real."""

    timeout_seconds: float = Field(default=30.0, gt=0, le=600, description="For one answer to begin or go on")
    answer_seconds: float = Field(default=300.0, gt=0, le=3600, description="For one whole answer")
    attempts: int = Field(default=6, ge=1, le=20, description="For one request, the first included")
    first_wait_seconds: float = Field(default=1.0, gt=0, le=60)
    longest_wait_seconds: float = Field(default=60.0, gt=0, le=600, description="Between two attempts")
    longest_told_seconds: float = Field(
        default=300.0, ge=0, le=3600, description="A server that tells us to wait longer is given up for this run"
    )


class AbsenceRule(_Strict):
    """What counts as considerable absence without valid reason (Skollagen 15 kap. 15 §).

    The law gives no number: both are the municipality's to set. The period is whole weeks, so that
    the same weeks give the same report whichever night they are read.
    """

    over_percent: float = Field(default=20.0, gt=0, lt=100, description="Share of the offered time")
    weeks: int = Field(default=4, ge=1, le=26)
    least_offered_minutes: int = Field(default=600, ge=1, description="With less, a share says nothing")


class ServerConfig(_Strict):
    """One school's, or one school owner's, server."""

    name: str = Field(pattern=r"^[a-z0-9-]{1,40}$", description="Ours; stands in reports")
    base_url: str
    token_url: str
    client_id: str = Field(min_length=1)
    secret_file: Path = Field(description="Holds the client secret; read for each token, so it may be rotated")
    client_auth: Literal["basic", "post"] = "basic"  # RFC 6749, 2.3.1: basic must be supported
    scope: str | None = None
    page_size: int = Field(default=500, ge=1, le=10_000)
    most_pages: int = Field(default=20_000, ge=1, description="Of one list; more is a server gone wrong")
    largest_page_bytes: int = Field(default=32_000_000, ge=10_000)
    pupils_only: bool = Field(default=False, description="Ask for persons with an enrolment only (SS 12000 v2.1)")
    absence: AbsenceRule | None = Field(default=None, description="None: /aggregatedAttendance is not read")
    school_units: dict[UUID, str] = Field(
        default_factory=dict, description="School unit codes by organisation id, where the server tells none"
    )
    default_school_unit: str | None = Field(default=None, pattern=r"^[0-9]{8}$")
    patience: Patience = Patience()
    ca_file: Path | None = Field(default=None, description="PEM of the authority to trust instead of the system's")
    client_certificate_file: Path | None = Field(default=None, description="PEM that we show (mutual TLS)")
    client_key_file: Path | None = Field(default=None, description="Its key, unless that file holds it")

    @model_validator(mode="after")
    def holds_together(self) -> Self:
        for name in ("base_url", "token_url"):
            if not _is_safe(getattr(self, name)):
                raise ValueError(f"{name} must be https, with a host and without user, query or fragment")
        if not all(len(code) == 8 and code.isdecimal() and code.isascii() for code in self.school_units.values()):
            raise ValueError("school_units: a code has eight digits")
        if self.client_key_file is not None and self.client_certificate_file is None:
            raise ValueError("client_key_file: of no client_certificate_file")
        return self


class FeedConfig(_Strict):
    """All servers."""

    servers: tuple[ServerConfig, ...]
    whole_every_days: int = Field(default=7, ge=1, le=90, description="In between, only what changed is asked for")
    overlap_minutes: int = Field(
        default=60, ge=0, le=1440, description="Clocks differ, and a server's commits come late"
    )
    at_once: int = Field(default=3, ge=1, le=20, description="Servers read at the same time")

    @model_validator(mode="after")
    def named_once(self) -> Self:
        if len({server.name for server in self.servers}) < len(self.servers):
            raise ValueError("servers: each name must stand once")
        return self


def read_config(path: Path) -> FeedConfig:
    """Return what the file says. Raises ConfigRefused."""
    try:
        config = FeedConfig.model_validate_json(path.read_bytes())
    except OSError as error:
        raise ConfigRefused(f"{path} cannot be read ({type(error).__name__})") from None
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise ConfigRefused(f"{path}: {problems}") from None
    # A relative path is meant from where the file is, not from where a process was started.
    servers = tuple(
        server.model_copy(
            update={name: path.parent / told for name in FILES if (told := getattr(server, name)) is not None}
        )
        for server in config.servers
    )
    return config.model_copy(update={"servers": servers})


def _is_safe(url: str) -> bool:
    """Personal data and secrets go over TLS; in the clear only within this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    if not host or parts.username or parts.password or parts.query or parts.fragment:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
