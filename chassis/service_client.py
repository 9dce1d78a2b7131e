"""Calls from one service to another, with a token of the calling service (`chassis.client_credentials`)."""

from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager

import httpx
from opentelemetry.propagate import inject
from pydantic import ValidationError

from chassis.client_credentials import ServiceTokens


class ServiceAuth(httpx.Auth):
    """Adds the service's token and the current trace to each request."""

    def __init__(self, tokens: ServiceTokens) -> None:
        self._tokens = tokens

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        request.headers["Authorization"] = f"Bearer {await self._tokens.token()}"
        inject(request.headers)
        yield request


def service_client(base_url: str, tokens: ServiceTokens, *, timeout: float = 10.0) -> httpx.AsyncClient:
    """Return a client for another service's API; ``timeout`` in seconds."""
    return httpx.AsyncClient(base_url=base_url, auth=ServiceAuth(tokens), timeout=timeout)


@contextmanager
def unanswered_as(unavailable: Callable[[str], Exception]) -> Iterator[None]:
    """Raise ``unavailable`` of the kind of failure when the block gets no usable answer.

    Never of its text: what was asked or answered may be repeated in it.
    """
    try:
        yield
    except httpx.HTTPStatusError as error:
        raise unavailable(f"HTTP {error.response.status_code}") from None
    except ValidationError:
        raise unavailable("an answer outside the contract") from None
    except (httpx.HTTPError, OSError) as error:
        raise unavailable(type(error).__name__) from None
