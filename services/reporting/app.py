"""The HTTP API of the reporting service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from fastapi import FastAPI, Request

from chassis import audit_api, dead_letters_api, subject_data_api
from chassis.access import allow
from chassis.clock import CivilClock
from chassis.dead_letters import Group
from chassis.dead_letters_api import DeadLetterParts
from chassis.health import Check
from chassis.http import create_app
from chassis.postgres import check_database, create_pool
from contracts.access import decide
from contracts.actions import Action
from contracts.login import caller_of
from services.reporting import consumers
from services.reporting.api import funnel
from services.reporting.db.subject_data import SECTIONS
from services.reporting.settings import ReportingSettings


def make_app(settings: ReportingSettings) -> FastAPI:
    """Return the app; its pool lives as long as it serves."""
    checks: dict[str, Check] = {}

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with await create_pool(settings.database_url, application_name="reporting-api") as pool:
            app.state.pool, app.state.clock = pool, settings.clock
            checks["database"] = lambda: check_database(pool)
            yield

    app = create_app(
        title="Uppsök: reporting",
        description="What came of the outreach: figures, never individuals.",
        settings=settings,
        checks=checks,
        access=decide,
        caller_of=caller_of(settings),
        lifespan=lifespan,
    )
    app.include_router(funnel.router)
    app.include_router(
        dead_letters_api.make_router(
            _dead_letters, read=allow(Action.DEAD_LETTERS_READ), resolve=allow(Action.DEAD_LETTERS_RESOLVE)
        )
    )
    app.include_router(audit_api.make_router(_pool_and_clock, allow(Action.AUDIT_READ)))
    app.include_router(subject_data_api.make_router(SECTIONS, _pool_and_clock, allow(Action.SUBJECT_DATA_READ)))
    return app


def _pool_and_clock(request: Request) -> tuple[asyncpg.Pool, CivilClock]:
    return request.app.state.pool, request.app.state.clock


def _dead_letters(request: Request) -> DeadLetterParts:
    group = Group(consumers.GROUP, consumers.take)
    return DeadLetterParts(request.app.state.pool, request.app.state.clock, {group.name: group})
