"""Liveness and readiness. Ready means that every part this process needs answers; else it says which does not."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from chassis.access import public
from chassis.timeouts import within

Check: TypeAlias = Callable[[], Awaitable[object]]
CHECK_SECONDS = 4.0


async def failing(checks: Mapping[str, Check]) -> dict[str, str]:
    """Run all checks at once; return the failing ones by name, with the kind of error."""

    async def one(check: Check) -> str | None:
        try:
            await within(CHECK_SECONDS, check())
        except Exception as error:
            return type(error).__name__
        return None

    results = await asyncio.gather(*(one(check) for check in checks.values()))
    return {name: error for name, error in zip(checks, results, strict=True) if error}


def router(checks: Mapping[str, Check]) -> APIRouter:
    routes = APIRouter(tags=["operations"], dependencies=[public("for the platform; tells of nobody")])

    @routes.get("/livez")
    async def livez() -> dict[str, str]:
        """The process runs."""
        return {"status": "ok"}

    @routes.get("/readyz")
    async def readyz() -> JSONResponse:
        """The process can work: all that it depends on answers."""
        bad = await failing(checks)
        body = {"status": "failing" if bad else "ok", "checks": {name: bad.get(name, "ok") for name in checks}}
        return JSONResponse(body, 503 if bad else 200)

    @routes.get("/metrics")
    async def metrics() -> Response:
        """Prometheus metrics."""
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return routes
