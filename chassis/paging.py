"""Keyset paging: a cursor is the sort key of the last row seen, opaque to the caller."""

import base64
import binascii
import json
from datetime import datetime
from typing import Annotated

from fastapi import Query

from chassis.problems import Problem

MAX_LIMIT = 500
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Rows per page")]
Cursor = Annotated[str | None, Query(max_length=400, description="`next` of the previous page")]


def encode_cursor(*key: object) -> str:
    """Return the cursor of a sort key (values must have a faithful ``str``).

    A cursor ends in URLs: sort by ids and dates, never by anything that names a person.
    """
    return base64.urlsafe_b64encode(json.dumps([str(part) for part in key]).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, parts: int) -> list[str]:
    """Return the sort key in a cursor. Raises a 400 Problem when it is not one of ours."""
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        key = None
    if not isinstance(key, list) or len(key) != parts or not all(_is_text(part) for part in key):
        raise bad_cursor()
    return key


def _is_text(part: object) -> bool:
    """Whether PostgreSQL can hold it as text: neither NUL nor half of a surrogate pair."""
    return isinstance(part, str) and "\x00" not in part and not any("\ud800" <= char <= "\udfff" for char in part)


def cursor_instant(part: str) -> datetime:
    """Return the instant in a cursor. Raises a 400 Problem when it is none of ours."""
    try:
        instant = datetime.fromisoformat(part)
    except ValueError:
        raise bad_cursor() from None
    # Without a zone it is no instant; at the ends of the calendar it is none in another zone.
    if instant.tzinfo is None or not 1900 <= instant.year <= 9000:
        raise bad_cursor()
    return instant


def cursor_number(part: str) -> int:
    """Return the row number in a cursor. Raises a 400 Problem when it is none of ours."""
    if not (part.isascii() and part.isdigit() and len(part) <= 18):  # more would not fit into a bigint
        raise bad_cursor()
    return int(part)


def bad_cursor() -> Problem:
    """Return the 400 Problem for a cursor that is not ours; also for one whose parts do not fit the list."""
    return Problem(
        400,
        "bad-cursor",
        "The cursor is not valid",
        "Use 'next' of the previous page as it is, or leave 'cursor' out to start again.",
    )
