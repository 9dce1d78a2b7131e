"""The environment variables of our processes on the local stack."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from deploy.local.config import Config, database_variable
from deploy.local.databases import SERVICES, Database, with_database, with_login
from deploy.local.dev_tokens import AUDIENCE, ISSUER
from deploy.local.keys import Keys
from deploy.local.parts.part import HOST
from deploy.local.processes import OwnProcess

NOT_PASSED_ON = ("UPPSOK_LOCAL_", "UPPSOK_TEST_", "UPPSOK_DEMO_", "DATABASE_URL", "KAFKA", "MAKE")


class Environment:
    """Computes variables from a stack's settings and keys."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._keys = Keys(config.layout.keys)

    def inherited(self) -> dict[str, str]:
        """What the developer's shell has, without what belongs to the stack itself."""
        return {key: value for key, value in os.environ.items() if not key.startswith(NOT_PASSED_ON)}

    def url(self, port_name: str) -> str:
        return f"http://{HOST}:{self._config.ports[port_name]}"

    def database(self, service: str) -> Database:
        variable = database_variable(service)
        external = self._config.external
        if variable in external:
            return Database(external[variable], external[f"{variable}_MIGRATOR"])
        passwords = self._keys.passwords()
        url = with_database(self.admin_url(), service)
        app, migrator = f"{service}_app", f"{service}_migrator"
        return Database(with_login(url, app, passwords[app]), with_login(url, migrator, passwords[migrator]))

    def admin_url(self) -> str:
        """The superuser's URL of the embedded PostgreSQL."""
        password = self._keys.passwords()["postgres"]
        return f"postgresql://postgres:{password}@{HOST}:{self._config.ports['postgres']}/postgres"

    def shared(self) -> dict[str, str]:
        """What every process of ours gets."""
        config, external = self._config, self._config.external
        tansu = config.kafka == "tansu" and not config.is_external("kafka")
        variables = {
            "UPPSOK_ENVIRONMENT": "local",
            "UPPSOK_LOG_FORMAT": "console",
            "UPPSOK_HTTP_HOST": HOST,
            "UPPSOK_JWKS_FILE": str(self._keys.jwks),
            "UPPSOK_TOKEN_ISSUER": ISSUER,
            "UPPSOK_TOKEN_AUDIENCE": AUDIENCE,
            "UPPSOK_SERVICE_TOKEN_FILE": str(self._keys.service_token),
            "UPPSOK_PAYLOAD_KEYS_FILE": str(self._keys.payload_keys),
            "KAFKA_BOOTSTRAP_SERVERS": f"{HOST}:{config.ports['kafka']}",
            "UPPSOK_KAFKA_IDEMPOTENCE": "false" if tansu else "true",
            "TEMPORAL_ADDRESS": f"{HOST}:{config.ports['temporal']}",
            "TEMPORAL_NAMESPACE": "default",
            # glibc keeps an arena per thread, and what was freed, else: some 20 MB more for each process
            "MALLOC_ARENA_MAX": "2",
            "MALLOC_TRIM_THRESHOLD_": "131072",
        }
        if config.clock:
            variables["UPPSOK_CLOCK"] = json.dumps(json.loads(config.clock))
        variables |= {key: value for key, value in external.items() if not key.startswith("DATABASE_URL")}
        return variables

    def of_service(self, service: str) -> dict[str, str]:
        """A service's own settings: of databases only its own, with the app role."""
        layout = self._config.layout
        own: Mapping[str, Mapping[str, str]] = {
            "registry": {
                "UPPSOK_REGISTRY_DROP_FOLDER": str(layout.drop),
                **{
                    f"UPPSOK_REGISTRY_{other.upper()}_URL": self.url(other)
                    for other in ("outreach", "notifications", "reporting")
                },
            },
            "outreach": {"UPPSOK_OUTREACH_POLICY_FILE": str(self._config.policy_file)},
            "notifications": {
                "UPPSOK_NOTIFICATIONS_REGISTRY_URL": self.url("registry"),
                "UPPSOK_NOTIFICATIONS_OUTREACH_URL": self.url("outreach"),
                "UPPSOK_NOTIFICATIONS_LETTER_FOLDER": str(layout.letters),
                "UPPSOK_NOTIFICATIONS_SMS_FOLDER": str(layout.sms),
                "UPPSOK_NOTIFICATIONS_ANSWER_URL": self.url("notifications"),
                **_sending_hours(self._config.policy_file),
            },
        }
        return {database_variable(service): self.database(service).app_url, **own.get(service, {})}

    def of_command(self) -> dict[str, str]:
        """All variables of a command that needs no database."""
        return {**self.inherited(), **self.shared(), **self._config.environment}

    def of_process(self, process: OwnProcess) -> dict[str, str]:
        """All variables of one process. The developer's `[environment]` has the last word."""
        variables = {**self.inherited(), **self.shared()}
        variables["UPPSOK_HTTP_PORT"] = str(self._config.ports[process.port])
        if process.service in SERVICES:
            variables |= self.of_service(process.service)
        if process.kind == "codec":
            variables["UPPSOK_CODEC_UI_ORIGIN"] = self.url("temporal_ui")
        return {**variables, **self._config.environment}


def _sending_hours(policy_file: Path) -> dict[str, str]:
    """The hours for SMS as the policy has them, so that a local policy for night owls is one file."""
    hours = json.loads(policy_file.read_text())["sending_hours"]
    end = "23:59:59.999999" if hours["end"] == "00:00" else hours["end"]
    return {"UPPSOK_NOTIFICATIONS_SMS_FROM": hours["start"], "UPPSOK_NOTIFICATIONS_SMS_UNTIL": end}
