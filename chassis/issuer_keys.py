"""The public keys of the token issuer: from a file, or over HTTP, where they rotate without a restart.

RFC 7517 (JWK sets), OpenID Connect Discovery 1.0 section 4.
"""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

import httpx
import jwt
import structlog

from chassis.issuer_trust import DEVELOPMENT_ISSUER
from chassis.problems import Problem
from chassis.settings import Settings

log = structlog.get_logger(__name__)

ALGORITHMS = ("ES256", "EdDSA", "RS256")  # never HS*: a public key must not work as a secret
PATIENCE = 5.0  # seconds for one fetch, all of it
MOST_BYTES = 256 * 1024
APART = 10.0  # seconds at least between two fetches, however many unknown key ids are sent to us
Keys = Mapping[str, jwt.PyJWK]


class KeySource(Protocol):
    async def key(self, kid: str) -> jwt.PyJWK | None:
        """Return a key by its id, None when the issuer has none such. Raises a 503 Problem without any keys."""


def key_source(settings: Settings) -> KeySource | None:
    """Return where the settings say that the keys are; None when they say nothing. Raises ValueError."""
    if settings.jwks_file is not None:
        return FileKeys(settings.jwks_file, production=settings.environment == "production")
    if settings.jwks_url or settings.token_discovery:
        return HttpKeys(settings)
    return None


def usable(document: Any) -> dict[str, jwt.PyJWK]:
    """Return the keys of a JWK set that may sign tokens, by id. Others are passed over (RFC 7517 section 5).

    Raises ValueError when it is no JWK set.
    """
    if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
        raise ValueError("not a JWK set")
    keys: dict[str, jwt.PyJWK] = {}
    for entry in document["keys"]:
        with suppress(jwt.PyJWTError, TypeError, ValueError, AttributeError):
            key = jwt.PyJWK(entry)
            if key.key_id and key.public_key_use in (None, "sig") and key.algorithm_name in ALGORITHMS:
                keys[str(key.key_id)] = key
    return keys


class FileKeys:
    """A JWKS file, read again when it changes."""

    def __init__(self, path: Path, *, production: bool) -> None:
        self._path, self._production = path, production
        self._read_at, self._keys = self._read()

    async def key(self, kid: str) -> jwt.PyJWK | None:
        if self._path.stat().st_mtime_ns != self._read_at:
            self._read_at, self._keys = self._read()
        return self._keys.get(kid)

    def _read(self) -> tuple[int, Keys]:
        modified = self._path.stat().st_mtime_ns
        document = json.loads(self._path.read_text())
        keys = usable(document)
        if self._production and document.get("issuer") == DEVELOPMENT_ISSUER:
            raise ValueError("UPPSOK_JWKS_FILE: the development issuer's keys are not for production")
        return modified, keys


class HttpKeys:
    """The issuer's JWKS endpoint, found by discovery or told. Fetched again by age, and for an unknown key id.

    While keys are known, a fetch by age goes on beside the requests. When the issuer is away the known keys go
    on working until ``token_keys_max_age_seconds``; from then on nobody is let in.
    """

    def __init__(self, settings: Settings, *, now: Callable[[], float] = time.monotonic) -> None:
        self._issuer, self._url = settings.token_issuer, settings.jwks_url
        self._https_only = settings.environment == "production"
        self._refresh_after = settings.token_keys_refresh_seconds
        self._max_age = settings.token_keys_max_age_seconds
        self._now = now
        self._keys: Keys = {}
        self._fetched = self._tried = float("-inf")
        self._fetch: asyncio.Task[None] | None = None

    async def key(self, kid: str) -> jwt.PyJWK | None:
        fetch = self._fetch_when_due(unknown=kid not in self._keys)
        if fetch is not None and (kid not in self._keys or self._age() > self._max_age):
            # A caller who goes away must not end the fetch that others wait for.
            await asyncio.shield(fetch)
        if self._age() > self._max_age:
            raise self._unavailable()
        return self._keys.get(kid)

    def _age(self) -> float:
        return self._now() - self._fetched

    def _fetch_when_due(self, *, unknown: bool) -> asyncio.Task[None] | None:
        """Return the fetch under way, begun now if it is time for one."""
        if self._fetch is not None and not self._fetch.done():
            return self._fetch
        due = unknown or self._age() > self._refresh_after
        if not due or self._now() - self._tried < APART:
            return None
        self._tried = self._now()
        self._fetch = asyncio.create_task(self._fetch_keys(), name="issuer-keys")
        return self._fetch

    async def _fetch_keys(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE), httpx.AsyncClient(timeout=PATIENCE) as http:
                keys = usable(await _json(http, self._url or await self._discovered(http)))
            if not keys:
                raise ValueError("no usable key")
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:  # OSError: TimeoutError too
            log.warning("issuer_keys_not_fetched", kind=type(error).__name__, known=len(self._keys))
            return
        if keys.keys() != self._keys.keys():
            log.info("issuer_keys_changed", kids=sorted(keys), gone=sorted(self._keys.keys() - keys.keys()))
        self._keys, self._fetched = keys, self._now()

    async def _discovered(self, http: httpx.AsyncClient) -> str:
        metadata = await _json(http, self._issuer.rstrip("/") + "/.well-known/openid-configuration")
        # Section 4.3: else one who answers for the issuer could name another's keys.
        if not isinstance(metadata, dict) or metadata.get("issuer") != self._issuer:
            raise ValueError("another issuer's metadata")
        url = metadata.get("jwks_uri")
        if not isinstance(url, str) or (self._https_only and not url.startswith("https://")):
            raise ValueError("no jwks_uri by https")
        return url

    def _unavailable(self) -> Problem:
        ever = self._fetched != float("-inf")
        since = f"for {int(self._age() // 60)} minutes" if ever else "since the start"
        return Problem(
            503,
            "login-unavailable",
            "Tokens cannot be checked now",
            f"The keys of the token issuer could not be fetched {since}. "
            "Your token may be good; ask again in a moment.",
            headers={"Retry-After": str(int(APART))},
        )


async def _json(http: httpx.AsyncClient, url: str) -> Any:
    """Return what a URL answers. Raises httpx.HTTPError, or ValueError when it is large or no JSON."""
    body = bytearray()
    async with http.stream("GET", url, headers={"Accept": "application/json"}) as answer:
        answer.raise_for_status()
        async for part in answer.aiter_bytes():
            body += part
            if len(body) > MOST_BYTES:
                raise ValueError("too large")
    return json.loads(body)
