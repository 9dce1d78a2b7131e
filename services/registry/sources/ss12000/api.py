"""GET requests to one server: token, answer as JSON, and what a refusal means."""

import json
from collections.abc import Sequence
from typing import Any

import httpx

from services.registry.sources.ss12000.asking import Answer, Asker
from services.registry.sources.ss12000.config import ServerConfig
from services.registry.sources.ss12000.failures import FeedFailed, NotOffered
from services.registry.sources.ss12000.tokens import Tokens

Query = Sequence[tuple[str, str]]

UNAUTHORIZED = 401
NOT_OFFERED = frozenset({403, 404, 405, 410, 501})


class Api:
    def __init__(self, server: ServerConfig, asker: Asker, tokens: Tokens) -> None:
        self._base, self._asker, self._tokens = server.base_url.rstrip("/"), asker, tokens

    async def get(self, path: str, query: Query) -> Any:
        """Return the JSON value at ``path`` (``/persons``).

        A 401 renews the token once. Raises NotOffered, or FeedFailed with the reason.
        """
        token = await self._tokens.current()
        answer = await self._ask(path, query, token)
        if answer.status == UNAUTHORIZED:  # revoked, or expired before its time
            self._tokens.refused(token)
            answer = await self._ask(path, query, await self._tokens.current())
        if answer.status in NOT_OFFERED:
            raise NotOffered(path, f"http_{answer.status}")
        if answer.status != 200:
            raise FeedFailed(path, f"http_{answer.status}")
        try:
            return json.loads(answer.content)
        except ValueError:
            raise FeedFailed(path, "not_json") from None

    async def _ask(self, path: str, query: Query, token: str) -> Answer:
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}

        def make() -> httpx.Request:
            return self._asker.http.build_request("GET", self._base + path, params=list(query), headers=headers)

        return await self._asker.ask(path, make)
