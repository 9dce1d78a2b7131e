"""The broker of the tests."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KafkaServer:
    bootstrap_servers: str
    idempotence: bool  # false for Tansu only
