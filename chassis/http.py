"""The HTTP application that every service starts from."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig

from chassis import health, problems
from chassis.access import Table, nobody
from chassis.auth import TokenVerifier
from chassis.edge import BodyLimit, SafeHeaders
from chassis.health import Check
from chassis.settings import Settings
from chassis.telemetry import ASGI, TraceRequests

# `TraceRequests` is ours. FastAPI's own tracing would time every dependency of every request, and log the
# messages of exceptions, which may say more than they should.
UNWATCHED = TelemetryConfig(tracing=False, metrics=False, logs=False, operation_spans=False)

MOST_BYTES = 64 * 1024  # of a request's body, where an app says nothing else

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


class _App(FastAPI):
    """An app whose every answer has safe headers, also the one that FastAPI's outermost part makes of a bug."""

    def __init__(self, environment: str, **settings: Any) -> None:
        self._environment = environment
        super().__init__(**settings)

    def build_middleware_stack(self) -> ASGI:
        return SafeHeaders(super().build_middleware_stack(), self._environment)


def create_app(
    *,
    title: str,
    settings: Settings,
    checks: Mapping[str, Check],
    access: Table = nobody,
    lifespan: Lifespan | None = None,
    version: str = "1.0.0",
    description: str = "",
    most_bytes: int = MOST_BYTES,
) -> FastAPI:
    """Return an app with problem documents, health, metrics, traces, safe headers and token verification.

    ``access`` says who may do which action. ``checks`` may be filled later (by the lifespan, when a pool exists):
    it is read at each request. ``most_bytes``: the largest body of a request. In production an app does not
    publish its own documentation.
    """
    published: dict[str, Any] = {}
    if settings.environment == "production":
        published = {"openapi_url": None, "docs_url": None, "redoc_url": None}
    app = _App(
        settings.environment,
        title=title,
        version=version,
        description=description,
        lifespan=lifespan,
        telemetry=UNWATCHED,
        **published,
    )
    app.add_middleware(BodyLimit, most=most_bytes)
    app.add_middleware(TraceRequests)
    problems.install(app)
    app.include_router(health.router(checks))
    app.state.access = access
    if settings.jwks_file is not None:
        app.state.verifier = TokenVerifier(settings)
    return app
