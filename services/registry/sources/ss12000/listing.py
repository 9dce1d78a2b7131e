"""Lists, page by page: one page is held at a time, and a server cannot lead us round in circles."""

from collections.abc import AsyncIterator
from hashlib import blake2b
from typing import Any

from services.registry.sources.ss12000.api import Api, Query
from services.registry.sources.ss12000.failures import FeedFailed


async def pages(api: Api, path: str, filters: Query, *, page_size: int, most_pages: int) -> AsyncIterator[Any]:
    """Yield the ``data`` of each page: a list, or whatever else the endpoint has there.

    The filters go with the first request only: with a ``pageToken`` a server refuses them, ``limit`` excepted.
    Raises FeedFailed: ``page_loop`` when a token comes again, ``too_many_pages``, ``unexpected_shape``.
    """
    limit = ("limit", str(page_size))
    query: Query = [*filters, limit]
    followed: set[bytes] = set()  # digests: a token may be long
    for _ in range(most_pages):
        data, token = _read(await api.get(path, query), path)
        yield data
        del data  # the consumer is done with it; the next page comes without it
        if token is None:
            return
        digest = blake2b(token.encode(), digest_size=16).digest()
        if digest in followed:
            raise FeedFailed(path, "page_loop")
        followed.add(digest)
        query = [("pageToken", token), limit]
    raise FeedFailed(path, "too_many_pages")


def _read(body: Any, path: str) -> tuple[Any, str | None]:
    """Return a page's data and the token of the next one.

    The standard's page is ``{"data": ..., "pageToken": ...}``. Skolverket's reference API names the list of
    organisations after itself, and a server without paging may answer with the bare list.
    """
    if isinstance(body, list):
        return body, None
    if not isinstance(body, dict):
        raise FeedFailed(path, "unexpected_shape")
    data = body.get("data", body.get(path.rpartition("/")[2]))
    if not isinstance(data, list | dict):
        raise FeedFailed(path, "unexpected_shape")
    token = body.get("pageToken")
    if token is None or token == "":
        return data, None
    if not isinstance(token, str | int):
        raise FeedFailed(path, "unexpected_shape")
    return data, str(token)
