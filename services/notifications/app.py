"""The HTTP API of the notifications service."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import asyncpg
from fastapi import FastAPI, Request

from chassis import audit_api, subject_data_api
from chassis.access import allow
from chassis.client_credentials import service_tokens
from chassis.clock import CivilClock
from chassis.health import Check
from chassis.http import create_app
from chassis.postgres import check_database, create_pool
from contracts.access import decide
from contracts.actions import Action
from contracts.login import caller_of
from services.notifications.api import answer_page, answers, day_list, messages, sandbox, twilio, waves
from services.notifications.api.public_edge import Limits, PublicEdge
from services.notifications.db.subject_data import SECTIONS
from services.notifications.outreach_client import OutreachClient
from services.notifications.registry_client import RegistryClient
from services.notifications.sender import read_sender
from services.notifications.settings import Settings


def make_app(settings: Settings) -> FastAPI:
    """Return the app; its pool lives as long as it serves."""
    checks: dict[str, Check] = {}

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as open_parts:
            pool = await open_parts.enter_async_context(
                await create_pool(settings.database_url, application_name="notifications-api")
            )
            app.state.pool = pool
            outreach = OutreachClient(settings.notifications_outreach_url)
            app.state.outreach = await open_parts.enter_async_context(outreach)
            # Without a service token, lists cannot be printed; all else works.
            app.state.registry = None
            if service_tokens(settings) is not None:
                app.state.registry = await open_parts.enter_async_context(RegistryClient(settings))
            checks["database"] = lambda: check_database(pool)
            yield

    app = create_app(
        title="Uppsök: notifications",
        description="What is sent to youths and what they answer.",
        settings=settings,
        checks=checks,
        access=decide,
        caller_of=caller_of(settings),
        lifespan=lifespan,
    )
    app.state.settings, app.state.clock = settings, settings.clock
    app.state.sender = read_sender(settings.notifications_sender_file)
    app.state.limits = Limits(settings.notifications_requests_per_minute)
    app.add_middleware(PublicEdge, limits=app.state.limits)
    app.include_router(messages.router)
    app.include_router(waves.router)
    app.include_router(day_list.router)
    app.include_router(answers.router)
    app.include_router(answer_page.router)
    app.include_router(audit_api.make_router(_pool_and_clock, allow(Action.AUDIT_READ)))
    app.include_router(subject_data_api.make_router(SECTIONS, _pool_and_clock, allow(Action.SUBJECT_DATA_READ)))
    if settings.notifications_sms_provider == "twilio":
        app.include_router(twilio.router)
    elif settings.environment in {"local", "test"}:
        app.include_router(sandbox.router)
    return app


def _pool_and_clock(request: Request) -> tuple[asyncpg.Pool, CivilClock]:
    return request.app.state.pool, request.app.state.clock
