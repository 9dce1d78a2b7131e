"""Text that PostgreSQL cannot hold: NUL, which JSON and URLs can carry. Found where it came from, to say so.

Fields that say themselves what they take refuse it at once. This is for all others, after the database has
refused: so that it costs nothing, and no field is forgotten.
"""

import json
from collections.abc import Iterator
from typing import Any

import asyncpg
from fastapi import Request

# In text, and in jsonb.
REFUSED: tuple[type[Exception], ...] = (
    asyncpg.CharacterNotInRepertoireError,
    asyncpg.UntranslatableCharacterError,
)
NUL = "\x00"


async def fields_with_nul(request: Request) -> list[str]:
    """Return the fields of a request that hold NUL, named as FastAPI names them (`query.q`, `body.note`)."""
    found = [f"path.{name}" for name, value in request.path_params.items() if NUL in str(value)]
    found += [f"query.{name}" for name, value in request.query_params.multi_items() if NUL in value]
    try:
        body = json.loads(await request.body() or b"null")  # read before: it is kept with the request
    except ValueError:
        body = None
    return found + list(_holding(body, "body"))


def _holding(value: Any, name: str) -> Iterator[str]:
    if isinstance(value, str) and NUL in value:
        yield name
    elif isinstance(value, dict):
        for key, inner in value.items():
            if NUL in key:
                yield name  # the key is the caller's, and not repeated
            yield from _holding(inner, f"{name}.{key}" if NUL not in key else name)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _holding(inner, f"{name}.{index}")
