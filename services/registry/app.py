"""The HTTP API of the registry."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from fastapi import FastAPI, Request

from chassis import audit_api
from chassis.access import allow
from chassis.clock import CivilClock
from chassis.health import Check
from chassis.http import create_app
from chassis.postgres import check_database, create_pool
from chassis.temporal import check_temporal, connect
from contracts.access import decide
from contracts.actions import Action
from contracts.login import caller_of
from services.registry.api import (
    attentions,
    catalogue,
    conflicts,
    consents,
    contact_points,
    districts,
    exports,
    gallring,
    guardians,
    holds,
    intake_form,
    intake_login,
    manual_entries,
    measures,
    merges,
    occupations,
    plans,
    recipients,
    school_report_lists,
    school_reports,
    sources,
    sync_runs,
    timeline,
    totals,
    youths,
)
from services.registry.api.parts import Parts, ReportRules
from services.registry.export.others import other_services
from services.registry.gallring.open_outreach import AskTemporal
from services.registry.gallring.telling import TellWorkflow
from services.registry.settings import Settings
from services.registry.sync_start import SyncStart

# A batch of 500 reports from a school has some 200 kB.
MOST_BYTES = 512 * 1024


def make_app(settings: Settings) -> FastAPI:
    """Return the app."""
    checks: dict[str, Check] = {}

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        client = await connect(settings)
        async with (
            await create_pool(settings.database_url, application_name="registry-api") as pool,
            other_services(settings) as others,
        ):
            app.state.parts = Parts(
                pool=pool,
                clock=settings.clock,
                municipality=settings.registry_municipality,
                sync_start=SyncStart(pool, client, settings.clock),
                gallring=settings.gallring_clocks,
                open_outreach=AskTemporal(client),
                tell_workflow=TellWorkflow(client),
                report_rules=ReportRules(
                    settings.registry_report_late_after_days, settings.registry_waiting_report_days
                ),
                others=others,
                stale_after=settings.registry_stale_after_days,
            )
            checks["database"] = lambda: check_database(pool)
            checks["temporal"] = lambda: check_temporal(client)
            yield

    app = create_app(
        title="Uppsök: registry",
        description="Who is covered by the duty, and why. The only place that knows names and person numbers.",
        settings=settings,
        checks=checks,
        access=decide,
        caller_of=caller_of(settings),
        lifespan=lifespan,
        most_bytes=MOST_BYTES,
    )
    register = (
        youths,
        occupations,
        manual_entries,
        catalogue,
        measures,
        timeline,
        totals,
        recipients,
        sync_runs,
        districts,
        exports,
    )
    documentation = (contact_points, guardians, plans, consents, holds)
    superuser = (merges, conflicts, attentions, sources)
    intake = (school_reports, school_report_lists, intake_form)
    for routes in (*register, *documentation, *superuser, *intake, gallring):
        app.include_router(routes.router)
    app.include_router(audit_api.make_router(_pool_and_clock, allow(Action.AUDIT_READ)))
    app.state.environment = settings.environment
    if settings.environment in ("local", "test"):
        app.include_router(intake_login.router)
    return app


def _pool_and_clock(request: Request) -> tuple[asyncpg.Pool, CivilClock]:
    parts: Parts = request.app.state.parts
    return parts.pool, parts.clock
