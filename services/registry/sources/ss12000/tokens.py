"""Access tokens: OAuth 2.0 client credentials (RFC 6749, 4.4), kept until shortly before they expire."""

import asyncio
import json
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote_plus

import httpx

from services.registry.sources.ss12000.asking import Asker
from services.registry.sources.ss12000.config import ServerConfig
from services.registry.sources.ss12000.failures import FeedFailed

STEP = "token"
# A server that does not say how long: RFC 6749 leaves it open. A token that dies earlier is renewed on its 401.
DEFAULT_SECONDS = 300.0
# A token is not used in its last tenth, at most half a minute: the request is still on its way then.
MARGIN, LONGEST_MARGIN = 0.1, 30.0


def _real_seconds() -> float:
    return asyncio.get_running_loop().time()


class Tokens:
    """The token of one server. ``seconds`` counts real time; a token's life is no civil time."""

    def __init__(
        self, server: ServerConfig, asker: Asker, *, seconds: Callable[[], float] = _real_seconds
    ) -> None:
        self._server, self._asker, self._seconds = server, asker, seconds
        self._token: str | None = None
        self._good_until = 0.0
        self._fetching = asyncio.Lock()

    async def current(self) -> str:
        """Return a token that is good now; ask for one when there is none. Raises FeedFailed."""
        async with self._fetching:
            if self._token is None or self._seconds() >= self._good_until:
                self._token = await self._fetch()
            return self._token

    def refused(self, token: str) -> None:
        """The server did not take ``token``: it is not used again. One that has come since stays."""
        if token == self._token:
            self._token = None

    async def _fetch(self) -> str:
        secret = await asyncio.to_thread(_read_secret, self._server.secret_file)
        asked_at = self._seconds()
        answer = await self._asker.ask(STEP, lambda: self._request(secret))
        if answer.status != 200:
            raise FeedFailed(STEP, "token_refused")
        try:
            body = json.loads(answer.content)
            token, seconds = body["access_token"], float(body.get("expires_in") or DEFAULT_SECONDS)
        except (ValueError, TypeError, KeyError, AttributeError):
            raise FeedFailed(STEP, "token_shape") from None
        if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
            raise FeedFailed(STEP, "token_shape")
        self._good_until = asked_at + seconds - min(seconds * MARGIN, LONGEST_MARGIN)
        return token

    def _request(self, secret: str) -> httpx.Request:
        form = {"grant_type": "client_credentials"}
        if self._server.scope is not None:
            form["scope"] = self._server.scope
        headers = {"Accept": "application/json"}
        if self._server.client_auth == "post":
            form |= {"client_id": self._server.client_id, "client_secret": secret}
        else:
            pair = f"{quote_plus(self._server.client_id)}:{quote_plus(secret)}"  # encoded first: RFC 6749, 2.3.1
            headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        return self._asker.http.build_request("POST", self._server.token_url, data=form, headers=headers)


def _read_secret(path: Path) -> str:
    try:
        secret = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        secret = ""
    if not secret:
        raise FeedFailed(STEP, "secret_missing")
    return secret
