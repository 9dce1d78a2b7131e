"""Settings of a process, from the environment. Unknown keys are refused, with the nearest known one.

A service subclasses `Settings`: the keys that all share are ``UPPSOK_X``, its own are
``UPPSOK_<SERVICE>_X``. The addresses of the three shared parts keep their customary names
(``KAFKA_BOOTSTRAP_SERVERS``, ``TEMPORAL_ADDRESS``, ``DATABASE_URL_<SERVICE>``).
"""

import os
from collections.abc import Mapping
from difflib import get_close_matches
from ipaddress import ip_network
from pathlib import Path
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from chassis.clock import CivilClock, ClockSpec
from chassis.issuer_trust import distrusted

PREFIX = "UPPSOK_"
# Keys of other parts may stand in a shared environment; a process ignores them without reading them.
PARTS = ("REGISTRY", "OUTREACH", "NOTIFICATIONS", "REPORTING", "WORKFLOWS", "CODEC", "LOCAL", "TEST", "DEMO")


class UnknownSetting(ValueError):
    """The environment holds an UPPSOK_ key that no setting reads."""


class Settings(BaseSettings):
    """What every process can be told."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="ignore", frozen=True, populate_by_name=True, hide_input_in_errors=True
    )
    part: ClassVar[str] = ""

    environment: Literal["local", "test", "production"] = "production"
    log_format: Literal["console", "json"] = "json"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    http_host: str = "127.0.0.1"
    http_port: int = Field(default=8080, ge=1, le=65535)
    trusted_proxies: str = Field(
        default="",
        description="Addresses or networks, comma between, whose X-Forwarded-For and -Proto are believed",
    )
    clock_spec: ClockSpec = Field(default=ClockSpec(), validation_alias="UPPSOK_CLOCK")

    kafka_bootstrap_servers: str = Field(default="127.0.0.1:9092", validation_alias="KAFKA_BOOTSTRAP_SERVERS")
    kafka_idempotence: bool = Field(default=True, description="False for the Tansu broker only")
    temporal_address: str = Field(default="127.0.0.1:7233", validation_alias="TEMPORAL_ADDRESS")
    temporal_namespace: str = Field(default="default", validation_alias="TEMPORAL_NAMESPACE")
    temporal_metrics_address: str | None = Field(
        default=None,
        description="host:port at which Temporal's SDK tells its metrics (Prometheus); none: nowhere",
    )
    payload_keys_file: Path | None = Field(default=None, description="Keys that encrypt workflow payloads")

    jwks_file: Path | None = Field(default=None, description="Public keys of the token issuer")
    token_issuer: str = "https://login.uppsok.invalid"  # noqa: S105 - a name, not a secret
    token_audience: str = "uppsok"  # noqa: S105
    jwks_url: str | None = Field(default=None, description="Where the token issuer has its public keys")
    token_discovery: bool = Field(default=False, description="Find the keys by the issuer's own metadata")
    token_keys_refresh_seconds: int = Field(default=600, ge=1, description="Age at which keys are fetched anew")
    token_keys_max_age_seconds: int = Field(default=86_400, ge=1, description="How long keys work unfetched")
    claims_file: Path | None = Field(default=None, description="Which claims give which roles (docs/login.md)")
    service_token_file: Path | None = Field(default=None, description="Token for calls between services")
    service_token_url: str | None = Field(default=None, description="Token endpoint: client credentials")
    service_client_id: str | None = None
    service_client_secret_file: Path | None = None
    service_client_key_file: Path | None = Field(default=None, description="Private key (PEM); no secret")
    service_client_key_id: str | None = None
    service_token_scope: str | None = Field(default=None, description="Scope to ask for, if the issuer wants one")
    otlp_endpoint: str | None = Field(
        default=None,
        description="Where traces go (OTLP over HTTP): a whole URL, e.g. http://localhost:4318/v1/traces",
    )

    @property
    def clock(self) -> CivilClock:
        """The civil clock of this process."""
        return CivilClock(self.clock_spec)

    @property
    def proxies(self) -> list[str]:
        """The networks of the proxies that are believed."""
        return [str(ip_network(one.strip())) for one in self.trusted_proxies.split(",") if one.strip()]

    @model_validator(mode="after")
    def proxies_are_networks(self) -> Self:
        _ = self.proxies  # raises ValueError: a name, or `*`, would let anybody say where they call from
        return self

    @model_validator(mode="after")
    def no_speed_in_production(self) -> Self:
        if self.environment == "production" and self.clock_spec.speed != 1.0:
            raise ValueError("UPPSOK_CLOCK: the clock's speed must be 1 in production")
        return self

    @model_validator(mode="after")
    def trusted_issuer(self) -> Self:
        for fault in distrusted(dict(self)):
            raise ValueError(fault)
        return self

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Read the environment. Raises UnknownSetting, or pydantic's ValidationError naming each field."""
        refuse_unknown(cls, os.environ if environ is None else environ)
        return cls()


def known_keys(settings: type[Settings]) -> set[str]:
    """Return the names of all environment variables that a settings class reads."""
    return {
        (str(field.validation_alias) if field.validation_alias else f"{PREFIX}{name}").upper()
        for name, field in settings.model_fields.items()
    }


def refuse_unknown(settings: type[Settings], environ: Mapping[str, str]) -> None:
    """Raise UnknownSetting when an UPPSOK_ key is misspelt, so that it is not silently a default."""
    known = known_keys(settings)
    others = tuple(f"{PREFIX}{part}_" for part in PARTS if part != settings.part.upper())
    for key in sorted(environ):
        if not key.startswith(PREFIX) or key in known or key.startswith(others):
            continue
        near = get_close_matches(key, known, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise UnknownSetting(f"{key} is not a setting of this process{hint}")
