"""What an app says and takes whatever the route: the headers of every answer, and the largest body of a request.

The headers are for browsers (OWASP ASVS 5.0, V3.4 and V14.3.2; docs/security.md). An answer that says
otherwise by itself, as a page with a style of its own does, keeps what it says.
"""

from collections.abc import Mapping
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException

from chassis.problems import Problem
from chassis.telemetry import ASGI, Receive, Scope, Send

TWO_YEARS = 2 * 365 * 24 * 3600
NOTHING_LOADED = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
# Made by FastAPI for developers, with scripts from elsewhere; in production they do not exist.
DOCS = frozenset({"/docs", "/redoc"})


def headers_of(environment: str) -> Mapping[str, str]:
    """Return the headers that an answer gets unless it has them already."""
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": NOTHING_LOADED,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    if environment == "production":
        headers["Strict-Transport-Security"] = f"max-age={TWO_YEARS}; includeSubDomains"
    return headers


class SafeHeaders:
    """ASGI middleware around everything, so that an answer made of a bug has the headers too."""

    def __init__(self, app: ASGI, environment: str) -> None:
        self._app, self._headers = app, headers_of(environment)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if scope["path"] in DOCS:
                    headers["Content-Security-Policy"] = "frame-ancestors 'none'"
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)


def too_large(most: int) -> Problem:
    """Return the refusal of a body of more than ``most`` bytes."""
    return Problem(413, "body-too-large", "The body is too large", f"At most {most // 1024} kB.")


class BodyLimit:
    """ASGI middleware: refuses a body of more than ``most`` bytes, by its declared length or while it comes.

    FastAPI's own ``max_body_size`` answers a declared length in plain text; ours is a problem document.
    """

    def __init__(self, app: ASGI, most: int) -> None:
        self._app, self._most = app, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = Headers(raw=scope["headers"]).get("content-length", "")
        if declared.isdecimal() and int(declared) > self._most:
            await too_large(self._most).response()(scope, receive, send)
            return
        got = 0

        async def counted() -> Any:
            nonlocal got
            message = await receive()
            got += len(message.get("body", b""))
            if got > self._most:
                # Not a Problem: FastAPI makes a 400 of all else that is raised while it reads a body.
                raise HTTPException(413)
            return message

        await self._app(scope, counted, send)
