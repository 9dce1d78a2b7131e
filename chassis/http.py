"""The HTTP application that every service starts from."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig

from chassis import health, problems
from chassis.access import Table, nobody
from chassis.auth import TokenVerifier
from chassis.health import Check
from chassis.settings import Settings
from chassis.telemetry import TraceRequests

# `TraceRequests` is ours. FastAPI's own tracing would time every dependency of every request, and log the
# messages of exceptions, which may say more than they should.
UNWATCHED = TelemetryConfig(tracing=False, metrics=False, logs=False, operation_spans=False)

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def create_app(
    *,
    title: str,
    settings: Settings,
    checks: Mapping[str, Check],
    access: Table = nobody,
    lifespan: Lifespan | None = None,
    version: str = "1.0.0",
    description: str = "",
) -> FastAPI:
    """Return an app with problem documents, health, metrics, traces and token verification.

    ``access`` says who may do which action. ``checks`` may be filled later (by the lifespan, when a pool exists):
    it is read at each request.
    """
    app = FastAPI(title=title, version=version, description=description, lifespan=lifespan, telemetry=UNWATCHED)
    app.add_middleware(TraceRequests)
    problems.install(app)
    app.include_router(health.router(checks))
    app.state.access = access
    if settings.jwks_file is not None:
        app.state.verifier = TokenVerifier(settings)
    return app
