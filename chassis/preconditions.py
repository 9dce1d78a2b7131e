"""Edits that do not overwrite what the editor has not seen: ETag and If-Match (RFC 9110, 13.1.1).

A row that staff edit has a ``version`` that grows by one with each change; its ETag is that number.
"""

import re
from typing import Annotated

from fastapi import Depends, Header, Request

from chassis.problems import Problem

# A proxy that compresses weakens the ETags that it passes on. Ours tell versions of a row, not bytes, so
# that a weak one says as much as a strong one.
_ETAG = re.compile(r'(?:W/)?"([1-9][0-9]{0,8})"')
_HEADER = Header(
    alias="If-Match",
    max_length=100,
    description="The ETag of the answer that you edit, as it is. Leave it out to create.",
    examples=['"1"'],
)


def etag(version: int) -> str:
    """Return the ETag of a version (1, 2, ...) of a row."""
    return f'"{version}"'


def if_match(request: Request, _: Annotated[str | None, _HEADER] = None) -> int | None:
    """Return the version that the caller has seen, or None when they do not say.

    Also a FastAPI dependency (`SeenVersion`) that documents the header. Raises a 400 Problem for
    anything but one of our ETags; ``*`` is refused too: it would overwrite what nobody has looked at.
    """
    header = request.headers.get("if-match")
    if header is None:
        return None
    match = _ETAG.fullmatch(header.strip())
    if match is None:
        raise Problem(
            400, "bad-if-match", "If-Match is not one of our ETags", "Send the ETag of the last answer as it is."
        )
    return int(match[1])


def check_seen(seen: int | None, current: int | None) -> None:
    """Raise a Problem unless the caller has seen the ``current`` version (None: there is no such row).

    428 when they do not say which one they have seen, 412 when it is another. Creating (both None) passes.
    """
    if seen == current:
        return
    if seen is None:
        raise Problem(
            428,
            "if-match-required",
            "It is there already, and is not the same",
            "To change it, read it and send its ETag as If-Match.",
        )
    raise Problem(
        412,
        "changed-since",
        "It is not as you have seen it",
        "Read it again, and decide whether your change still holds.",
    )


SeenVersion = Annotated[int | None, Depends(if_match)]
