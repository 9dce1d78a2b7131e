"""Sending requests to one server: what passes by itself is asked again, and no answer grows without limit."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import httpx

from services.registry.sources.ss12000 import backoff
from services.registry.sources.ss12000.config import Patience
from services.registry.sources.ss12000.failures import FeedFailed

Sleep = Callable[[float], Awaitable[None]]
MakeRequest = Callable[[], httpx.Request]


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    content: bytes


class Asker:
    """Asks one server, with its patience. Redirects are not followed: a token is for one host only."""

    def __init__(
        self, http: httpx.AsyncClient, patience: Patience, largest_bytes: int, *, sleep: Sleep = asyncio.sleep
    ) -> None:
        self.http = http
        self._patience, self._largest_bytes, self._sleep = patience, largest_bytes, sleep
        self.repeated = 0  # how often something was asked again

    async def ask(self, step: str, make: MakeRequest) -> Answer:
        """Return the first answer that does not pass by itself. ``make`` is called for each attempt.

        Raises FeedFailed when the attempts or the patience are used up; ``step`` names what was asked.
        """
        attempt = 1
        while True:
            told = None
            try:
                answer = await self._send(step, make())
            except (httpx.TimeoutException, TimeoutError):
                reason = "timeout"
            except httpx.RequestError:  # refused, reset, cut off in the middle
                reason = "unreachable"
            else:
                if answer.status not in backoff.PASSING:
                    return answer
                reason, told = f"http_{answer.status}", backoff.retry_after(answer.headers)
            attempt += 1
            wait = backoff.seconds_before(attempt, told, random.random(), self._patience)  # noqa: S311 - no secret
            if wait is None:
                gave_up_early = attempt <= self._patience.attempts
                raise FeedFailed(step, "told_to_wait" if gave_up_early else reason)
            self.repeated += 1
            await self._sleep(wait)

    async def _send(self, step: str, request: httpx.Request) -> Answer:
        # httpx bounds each wait, not their sum: a server could feed us a byte at a time.
        async with asyncio.timeout(self._patience.answer_seconds):
            response = await self.http.send(request, stream=True)
            try:
                content = bytearray()
                async for part in response.aiter_bytes():
                    content += part
                    if len(content) > self._largest_bytes:
                        raise FeedFailed(step, "page_too_large")
                return Answer(response.status_code, response.headers, bytes(content))
            finally:
                await response.aclose()
