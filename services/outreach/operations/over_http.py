"""What goes over the services' own APIs, with the operator's token: there it is audited."""

from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx

from services.outreach.operations.acting import NotDone

PAGE = 200
NOT_HANDLED = 409
STOPPABLE = ("preview", "running", "paused")


async def dead_letters(http: httpx.AsyncClient) -> list[dict[str, Any]]:
    """Return the events of a service that wait, oldest first. Raises NotDone."""
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        page = await _answer(http, "GET", "/dead-letters", limit=PAGE, **({"cursor": cursor} if cursor else {}))
        found += page["items"]
        cursor = page["next"]
        if cursor is None:
            return found


async def replay(
    http: httpx.AsyncClient, letters: list[dict[str, Any]], report: Callable[[int], None]
) -> Counter[str]:
    """Have the waiting events handled again, youth by youth; count what was done, is left, and failed again.

    Those of a youth whose first event fails again keep waiting, and nobody else for them. Raises NotDone.
    """
    counts = Counter(done=0, left=0, youths_failed_again=0)
    for key in dict.fromkeys(letter["key"] for letter in letters):
        try:
            replayed = await _answer(http, "POST", f"/dead-letters/{key}/replay")
        except httpx.HTTPStatusError as error:
            if error.response.status_code == NOT_HANDLED:
                counts["youths_failed_again"] += 1
                continue
            if error.response.status_code == httpx.codes.NOT_FOUND:  # somebody else was faster
                continue
            raise NotDone(f"{http.base_url}: HTTP {error.response.status_code}") from None
        counts["done"] += replayed["done"]
        counts["left"] += replayed["left"]
        report(counts["done"])
    return counts


async def wave(http: httpx.AsyncClient, wave_id: UUID) -> dict[str, Any]:
    """Return where a wave stands. Raises NotDone when there is none."""
    try:
        return await _answer(http, "GET", f"/waves/{wave_id}")
    except httpx.HTTPStatusError as error:
        raise NotDone(f"wave {wave_id}: HTTP {error.response.status_code}") from None


async def stop(http: httpx.AsyncClient, wave_id: UUID) -> dict[str, Any]:
    """Stop a wave for good. Raises NotDone; after a 503 the same again carries it out."""
    try:
        return await _answer(http, "POST", f"/waves/{wave_id}/stop")
    except httpx.HTTPStatusError as error:
        problem = error.response.json()
        raise NotDone(f"wave {wave_id}: {problem['title']}. {problem.get('detail') or ''}") from None


async def _answer(http: httpx.AsyncClient, method: str, path: str, **query: Any) -> dict[str, Any]:
    try:
        response = await http.request(method, path, params=query)
    except httpx.TransportError as error:
        raise NotDone(f"{http.base_url} does not answer: {type(error).__name__}") from None
    if response.status_code in (401, 403):
        raise NotDone(f"{http.base_url}: {response.json()['title']}. {response.json().get('detail') or ''}")
    response.raise_for_status()
    answer: dict[str, Any] = response.json()
    return answer
