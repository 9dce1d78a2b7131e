"""The HTTP API of the registry."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from chassis.health import Check
from chassis.http import create_app
from chassis.postgres import check_database, create_pool
from chassis.temporal import check_temporal, connect
from services.registry.api import districts, recipients, sync_runs, totals, youths
from services.registry.api.parts import Parts
from services.registry.settings import Settings
from services.registry.sync_start import SyncStart


def make_app(settings: Settings) -> FastAPI:
    """Return the app."""
    checks: dict[str, Check] = {}

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        client = await connect(settings)
        async with await create_pool(settings.database_url, application_name="registry-api") as pool:
            app.state.parts = Parts(
                pool=pool,
                clock=settings.clock,
                municipality=settings.registry_municipality,
                sync_start=SyncStart(pool, client, settings.clock),
            )
            checks["database"] = lambda: check_database(pool)
            checks["temporal"] = lambda: check_temporal(client)
            yield

    app = create_app(
        title="Uppsök: registry",
        description="Who is covered by the duty, and why. The only place that knows names and person numbers.",
        settings=settings,
        checks=checks,
        lifespan=lifespan,
    )
    for routes in (youths, totals, recipients, sync_runs, districts):
        app.include_router(routes.router)
    return app
