"""The HTTP application that every service starts from."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig

from chassis import health, problems
from chassis.access import Table, nobody
from chassis.auth import CallerOf, TokenVerifier, own_claims
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
    caller_of: CallerOf = own_claims,
    lifespan: Lifespan | None = None,
    version: str = "1.0.0",
    description: str = "",
    most_bytes: int = MOST_BYTES,
) -> FastAPI:
    """Return an app with problem documents, health, metrics, traces, safe headers and token verification.

    ``access`` says who may do which action, ``caller_of`` who a token's claims speak of. ``checks`` may be filled
    later (by the lifespan, when a pool exists): it is read at each request. ``most_bytes``: the largest body of a
    request. In production an app does not publish its own documentation.
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
    if access is not nobody and settings.claims_file is not None and caller_of is own_claims:
        raise ValueError("UPPSOK_CLAIMS_FILE is set, and this app does not read claims by it")
    if settings.jwks_file or settings.jwks_url or settings.token_discovery:
        app.state.verifier = TokenVerifier(settings, caller_of)
    return app
