"""Settings that every process has, read from the environment (and from nowhere else).

A service subclasses `Settings` and sets ``service``; its own keys start with ``UPPSOK_<SERVICE>_``.
A misspelt key is refused at start: a setting that is silently ignored is worse than no start.
"""

import os
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from chassis.clock import CivilClock, ClockSpec

SERVICES = ("REGISTRY", "OUTREACH", "NOTIFICATIONS", "REPORTING", "WORKFLOWS")
# Keys of the local stack and of the tests, which no service reads.
FOREIGN_PREFIXES = ("UPPSOK_LOCAL_", "UPPSOK_PORT_", "UPPSOK_TEST_", "UPPSOK_DEMO_")


class UnknownSettings(ValueError):
    """Environment variables that look like ours and that no process knows."""


class Settings(BaseSettings):
    """Common settings. Names of environment variables are the aliases below."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", populate_by_name=True, hide_input_in_errors=True
    )

    service: ClassVar[str] = ""

    environment: Annotated[Literal["local", "test", "production"], Field(alias="UPPSOK_ENVIRONMENT")] = "local"
    clock_spec: Annotated[ClockSpec, Field(alias="UPPSOK_CLOCK")] = ClockSpec()
    temporal_address: Annotated[str, Field(alias="TEMPORAL_ADDRESS")] = "127.0.0.1:7233"
    temporal_namespace: Annotated[str, Field(alias="TEMPORAL_NAMESPACE")] = "default"
    kafka_bootstrap_servers: Annotated[str, Field(alias="KAFKA_BOOTSTRAP_SERVERS")] = "127.0.0.1:9092"
    kafka_idempotence: Annotated[
        bool,
        Field(alias="UPPSOK_KAFKA_IDEMPOTENCE", description="Off for the Tansu broker only"),
    ] = True
    payload_keys: Annotated[
        dict[str, SecretStr],
        Field(alias="UPPSOK_PAYLOAD_KEYS", description="Key id -> base64 of 32 bytes (AES-256-GCM)"),
    ] = {}
    payload_key_id: Annotated[
        str, Field(alias="UPPSOK_PAYLOAD_KEY_ID", description="The key new payloads are encrypted with")
    ] = ""
    jwks_file: Annotated[Path | None, Field(alias="UPPSOK_JWKS_FILE")] = None
    token_issuer: Annotated[str, Field(alias="UPPSOK_TOKEN_ISSUER")] = "uppsok-local"
    token_audience: Annotated[str, Field(alias="UPPSOK_TOKEN_AUDIENCE")] = "uppsok"
    service_token_file: Annotated[Path | None, Field(alias="UPPSOK_SERVICE_TOKEN_FILE")] = None
    log_level: Annotated[str, Field(alias="UPPSOK_LOG_LEVEL")] = "INFO"
    log_format: Annotated[Literal["json", "console"], Field(alias="UPPSOK_LOG_FORMAT")] = "json"
    trace_file: Annotated[
        Path | None,
        Field(alias="UPPSOK_TRACE_FILE", description="Append spans as JSON lines; for the local stack"),
    ] = None
    http_host: Annotated[str, Field(alias="UPPSOK_HTTP_HOST")] = "127.0.0.1"
    http_port: Annotated[
        int,
        Field(alias="UPPSOK_HTTP_PORT", description="Of this process: the API, or a worker's health"),
    ] = 8000

    @property
    def clock(self) -> CivilClock:
        return CivilClock(self.clock_spec)

    @model_validator(mode="after")
    def no_speed_in_production(self) -> Self:
        if self.environment == "production" and self.clock_spec.speed != 1.0:
            raise ValueError("UPPSOK_CLOCK: the clock's speed must be 1 in production")
        return self

    @classmethod
    def load(cls) -> Self:
        """Read the environment.

        Raises UnknownSettings for an ``UPPSOK_`` key that nobody knows, and pydantic's
        ValidationError (which hides values) for one that does not fit.
        """
        known = {str(field.alias) for field in cls.model_fields.values() if field.alias}
        own = cls.service.upper()
        others = tuple(f"UPPSOK_{name}_" for name in SERVICES if name != own)
        unknown = sorted(
            key
            for key in os.environ
            if key.startswith("UPPSOK_") and key not in known and not key.startswith(others + FOREIGN_PREFIXES)
        )
        if unknown:
            raise UnknownSettings(f"unknown settings in the environment: {', '.join(unknown)}")
        return cls()
