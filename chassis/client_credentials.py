"""A service's own tokens by client credentials (RFC 6749 section 4.4): asked for, kept, renewed before the end.

The client shows who it is by a secret (section 2.3.1) or by a signed assertion (private_key_jwt: RFC 7523,
OpenID Connect Core section 9). Both come from files, read at each renewal, so that they rotate without a restart.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol
from urllib.parse import quote_plus
from uuid import uuid4

import httpx
import jwt
import structlog
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chassis.settings import Settings

log = structlog.get_logger(__name__)

PATIENCE = 5.0  # seconds for one answer of the token endpoint
RENEWED_AT = 0.75  # of a token's life; until it ends, a failed renewal hurts nobody
USED_UNTIL = 10.0  # seconds before the end, so that it does not expire on its way
APART = 5.0  # seconds between renewals that fail while the token in hand is still good
ASSERTION_VALID = timedelta(seconds=60)
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class NoServiceToken(httpx.TransportError):
    """The token endpoint gave no token. Holds the kind of failure only: an answer may repeat a secret."""


class ServiceTokens(Protocol):
    async def token(self) -> str:
        """Return a token that is good now. Raises OSError, or NoServiceToken."""


class TokenFile:
    """A token in a file that is rotated from outside; read each time."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def token(self) -> str:
        return self._path.read_text().strip()


class _Granted(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    access_token: str = Field(min_length=1)
    token_type: str = Field(pattern=r"(?i)^bearer$")
    expires_in: float = Field(default=60.0, gt=0)  # only recommended in section 5.1


class ClientCredentials:
    """Tokens of one token endpoint for one client. Those who ask at the same time wait for one answer."""

    def __init__(self, settings: Settings, *, now: Callable[[], float] = time.monotonic) -> None:
        if settings.service_token_url is None or settings.service_client_id is None:
            raise ValueError("UPPSOK_SERVICE_TOKEN_URL and UPPSOK_SERVICE_CLIENT_ID belong together")
        self._url, self._client = settings.service_token_url, settings.service_client_id
        self._secret_file = settings.service_client_secret_file
        self._key_file, self._key_id = settings.service_client_key_file, settings.service_client_key_id
        self._scope = settings.service_token_scope
        self._now = now
        self._token = ""
        self._renew_at = self._ends_at = float("-inf")
        self._asking = asyncio.Lock()

    async def token(self) -> str:
        if self._now() < self._renew_at:
            return self._token
        async with self._asking:
            if self._now() >= self._renew_at:
                await self._renew()
        return self._token

    async def _renew(self) -> None:
        asked_at = self._now()
        try:
            granted = await self._ask()
        except (httpx.HTTPError, httpx.InvalidURL, ValidationError, OSError, ValueError, TypeError) as error:
            kind = (
                f"HTTP {error.response.status_code}"
                if isinstance(error, httpx.HTTPStatusError)
                else type(error).__name__
            )
            log.warning("service_token_not_renewed", kind=kind)
            if asked_at >= self._ends_at:
                raise NoServiceToken(f"no service token: {kind}") from None
            self._renew_at = min(asked_at + APART, self._ends_at)
            return
        self._token = granted.access_token
        self._renew_at = asked_at + granted.expires_in * RENEWED_AT
        self._ends_at = max(asked_at + granted.expires_in - USED_UNTIL, self._renew_at)

    async def _ask(self) -> _Granted:
        form = {"grant_type": "client_credentials"}
        if self._scope:
            form["scope"] = self._scope
        login: httpx.BasicAuth | None = None
        if self._key_file is not None:
            form |= {"client_assertion_type": ASSERTION_TYPE, "client_assertion": self._assertion(self._key_file)}
        elif self._secret_file is not None:
            secret = self._secret_file.read_text().strip()
            login = httpx.BasicAuth(quote_plus(self._client), quote_plus(secret))  # encoded first: section 2.3.1
        async with asyncio.timeout(PATIENCE), httpx.AsyncClient(timeout=PATIENCE) as http:
            answer = await http.post(
                self._url,
                data=form,
                auth=login or httpx.USE_CLIENT_DEFAULT,
                headers={"Accept": "application/json"},
            )
        answer.raise_for_status()
        return _Granted.model_validate_json(answer.content)

    def _assertion(self, key_file: Path) -> str:
        key = load_pem_private_key(key_file.read_bytes(), password=None)
        now = datetime.now(UTC)  # noqa: TID251 - the token endpoint compares with real time
        claims = {
            "iss": self._client,
            "sub": self._client,
            "aud": self._url,
            "jti": str(uuid4()),
            "iat": now,
            "exp": now + ASSERTION_VALID,
        }
        headers = {"kid": self._key_id} if self._key_id else None
        if isinstance(key, EllipticCurvePrivateKey):
            return jwt.encode(claims, key, "ES256", headers)
        if isinstance(key, Ed25519PrivateKey):
            return jwt.encode(claims, key, "EdDSA", headers)
        if isinstance(key, RSAPrivateKey):
            return jwt.encode(claims, key, "RS256", headers)
        raise TypeError("UPPSOK_SERVICE_CLIENT_KEY_FILE holds a key of another kind than EC P-256, Ed25519 or RSA")


def service_tokens(settings: Settings) -> ServiceTokens | None:
    """Return where this process gets its own tokens; None when the settings name nothing."""
    if settings.service_token_url is not None:
        return ClientCredentials(settings)
    return TokenFile(settings.service_token_file) if settings.service_token_file is not None else None
