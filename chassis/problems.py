"""Errors over HTTP as RFC 9457 problem details (application/problem+json).

A problem names what is wrong and what to do. It never repeats a value that the caller sent: an
input may be a personnummer, and an error text ends in logs.
"""

from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException

PROBLEM_BASE = "https://uppsok.example/problems/"
MEDIA_TYPE = "application/problem+json"
log = structlog.get_logger(__name__)


class Problem(Exception):
    """A problem to be answered with ``status``; ``type`` is a slug, unique per kind of problem."""

    def __init__(
        self,
        status: int,
        type: str,
        title: str,
        detail: str | None = None,
        *,
        headers: dict[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(f"{status} {type}")
        self.status, self.type, self.title, self.detail = status, type, title, detail
        self.headers, self.extra = headers, extra


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


def _answer(
    status: int,
    type: str,
    title: str,
    detail: str | None,
    extra: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    body = {"type": PROBLEM_BASE + type, "title": title, "status": status}
    if detail is not None:
        body["detail"] = detail
    return JSONResponse({**body, **(extra or {})}, status, headers=headers, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Answer every error of ``app`` as a problem."""

    @app.exception_handler(Problem)
    async def on_problem(_: Request, problem: Problem) -> JSONResponse:
        return _answer(problem.status, problem.type, problem.title, problem.detail, problem.extra, problem.headers)

    @app.exception_handler(RequestValidationError)
    async def on_invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        errors = [
            {"field": ".".join(str(part) for part in one["loc"]), "message": one["msg"]} for one in error.errors()
        ]
        return _answer(
            422, "invalid-input", "The input is not valid", "See errors: field and reason.", {"errors": errors}
        )

    @app.exception_handler(HTTPException)
    async def on_http(_: Request, error: HTTPException) -> JSONResponse:
        headers = dict(error.headers) if error.headers else None
        return _answer(error.status_code, "http-error", str(error.detail), None, headers=headers)

    @app.exception_handler(Exception)
    async def on_crash(request: Request, error: Exception) -> JSONResponse:
        log.error("request_crashed", method=request.method, error=type(error).__name__, exc_info=error)
        return _answer(500, "internal-error", "Something went wrong on our side", "Try again later.")
