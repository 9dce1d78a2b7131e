"""Calls from one service to another: a token from a file that is rotated from outside."""

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from opentelemetry.propagate import inject
from pydantic import ValidationError


class ServiceAuth(httpx.Auth):
    """Adds the service's token and the current trace to each request. The file is read each time."""

    def __init__(self, token_file: Path) -> None:
        self._token_file = token_file

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"Bearer {self._token_file.read_text().strip()}"
        inject(request.headers)
        yield request


def service_client(base_url: str, token_file: Path, *, timeout: float = 10.0) -> httpx.AsyncClient:
    """Return a client for another service's API; ``timeout`` in seconds."""
    return httpx.AsyncClient(base_url=base_url, auth=ServiceAuth(token_file), timeout=timeout)


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
