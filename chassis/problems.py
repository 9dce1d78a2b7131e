"""Errors over HTTP: application/problem+json (RFC 9457). No error text holds personal data."""

from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException

from chassis.postgres import AWAY, is_away
from chassis.unstorable import REFUSED, fields_with_nul

log = structlog.get_logger(__name__)
MEDIA_TYPE = "application/problem+json"
TYPE_BASE = "urn:uppsok:problem:"
UNREADABLE = "There was an error parsing the body"  # FastAPI's words for a body that is not UTF-8
# Of what the framework refuses by itself.
CODES = {404: "not-found", 405: "method-not-allowed", 413: "body-too-large"}


class Problem(Exception):
    """A refusal that the caller can understand. ``code`` is stable and ends up in ``type``.

    ``extensions`` are further members of the document, e.g. ``reason="duty-ended"``.
    """

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        detail: str | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        **extensions: Any,
    ) -> None:
        super().__init__(f"{status} {code}")
        self.status, self.code, self.title, self.detail = status, code, title, detail
        self.headers, self.extensions = dict(headers or {}), extensions

    def response(self) -> JSONResponse:
        body: dict[str, Any] = {"type": TYPE_BASE + self.code, "title": self.title, "status": self.status}
        if self.detail:
            body["detail"] = self.detail
        return JSONResponse(body | self.extensions, self.status, self.headers, media_type=MEDIA_TYPE)


class ProblemDetails(BaseModel):
    """The body of an error, for the OpenAPI documents."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str | None = None


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the ``responses=`` of a route that may answer with problems of these statuses."""
    return {
        status: {"model": ProblemDetails, "content": {MEDIA_TYPE: {}}, "description": "Problem"}
        for status in statuses
    }


def _reason(error: Mapping[str, Any]) -> str:
    """Return pydantic's message; the one of an unknown union tag would repeat what was sent."""
    if error["type"] == "union_tag_invalid":
        return f"{error['ctx']['discriminator']} must be one of {error['ctx']['expected_tags']}"
    return str(error["msg"])


def _route(request: Request) -> str:
    """Return the route's path, never the request's: that may hold what is looked up."""
    return getattr(request.scope.get("route"), "path", "?")


def _invalid(fields: Sequence[Mapping[str, str]]) -> Problem:
    return Problem(422, "invalid-request", "The request is not valid", errors=fields)


def not_found(what: str) -> Problem:
    return Problem(404, "not-found", f"No such {what}")


def install(app: FastAPI) -> None:
    """Make every error of an app a problem document."""

    @app.exception_handler(Problem)
    async def on_problem(request: Request, problem: Problem) -> JSONResponse:
        if problem.status in (401, 403):  # who it was stands in the proxy's log, under the same trace
            log.warning("request_refused", route=_route(request), status=problem.status, code=problem.code)
        return problem.response()

    @app.exception_handler(RequestValidationError)
    async def on_invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        # The value sent is left out: it may be personal data, and the log keeps error bodies.
        fields = [
            {"field": ".".join(str(part) for part in item["loc"]), "reason": _reason(item)}
            for item in error.errors()
        ]
        return _invalid(fields).response()

    @app.exception_handler(HTTPException)
    async def on_http(_: Request, error: HTTPException) -> JSONResponse:
        if error.detail == UNREADABLE:  # of no JSON at all FastAPI says 422
            return _invalid([{"field": "body", "reason": "It is not JSON in UTF-8"}]).response()
        code = CODES.get(error.status_code, "http-error")
        return Problem(error.status_code, code, str(error.detail), headers=error.headers).response()

    async def on_away(request: Request, error: Exception) -> Response:
        if not is_away(error):
            return await on_bug(request, error)
        log.warning("request_not_served", route=_route(request), error=type(error).__name__)
        return Problem(
            503,
            "unavailable",
            "We cannot answer just now",
            "A part that we need is away. Ask again in a moment; look first whether it was carried out.",
            headers={"Retry-After": "2"},
        ).response()

    async def on_nul(request: Request, error: Exception) -> Response:
        fields = [{"field": name, "reason": "It holds NUL"} for name in await fields_with_nul(request)]
        return _invalid(fields).response() if fields else await on_bug(request, error)

    for kind in REFUSED:
        app.add_exception_handler(kind, on_nul)

    for kind in AWAY:
        app.add_exception_handler(kind, on_away)

    @app.exception_handler(Exception)
    async def on_bug(request: Request, error: Exception) -> JSONResponse:
        log.error("request_failed", route=_route(request), exc_info=error)
        return Problem(500, "internal", "Something went wrong on our side", "It is in the log.").response()
