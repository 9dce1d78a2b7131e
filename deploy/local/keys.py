"""The secrets of a local stack: made at the first start, kept in its keys folder, readable by us alone."""

import base64
import json
import secrets
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from deploy.local.databases import SERVICES
from deploy.local.dev_tokens import DevTokens

SERVICE_TOKEN_VALID = timedelta(hours=24)
SERVICE_TOKEN_RENEWED = timedelta(hours=6)


class Keys:
    """Paths and values of the secrets in ``folder``. `make` makes what is missing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.jwks = folder / "jwks.json"
        self.payload_keys = folder / "payload-keys.json"
        self.service_token = folder / "service-token"
        self.signing_key = folder / "token-issuer.pem"
        self._passwords = folder / "database-passwords.json"

    def make(self) -> None:
        self._folder.mkdir(parents=True, mode=0o700, exist_ok=True)
        _write(self.jwks, self.issuer().jwks())
        if not self.payload_keys.exists():
            key = base64.b64encode(secrets.token_bytes(32)).decode()
            _write(self.payload_keys, json.dumps({"current": "local-1", "keys": {"local-1": key}}))
        if not self._passwords.exists():
            users = ["postgres", *(f"{service}_{role}" for service in SERVICES for role in ("app", "migrator"))]
            _write(self._passwords, json.dumps({user: secrets.token_urlsafe(18) for user in users}))
        self.renew_service_token()

    def issuer(self) -> DevTokens:
        return DevTokens.load_or_make(self.signing_key)

    def passwords(self) -> Mapping[str, str]:
        """Return the password of each database user."""
        passwords: dict[str, str] = json.loads(self._passwords.read_text())
        return passwords

    def renew_service_token(self) -> None:
        """Write a fresh token of the role `service`; processes read the file again at each call."""
        _write(
            self.service_token,
            self.issuer().token("service", subject="local-stack", valid=SERVICE_TOKEN_VALID),
        )

    def service_token_is_old(self) -> bool:
        # By the file's own time, so that a laptop that slept renews at once.
        age = time.time() - self.service_token.stat().st_mtime  # noqa: TID251 - compared with file times
        return age > SERVICE_TOKEN_RENEWED.total_seconds()


def _write(file: Path, text: str) -> None:
    """Replace a file at once, readable by us alone."""
    new = file.with_suffix(".new")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    new.write_text(text)
    new.replace(file)
