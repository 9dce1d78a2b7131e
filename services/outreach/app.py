"""The HTTP API of the outreach service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from fastapi import FastAPI, Request

from chassis import audit_api, subject_data_api
from chassis.access import allow
from chassis.clock import CivilClock
from chassis.health import Check
from chassis.http import create_app
from chassis.postgres import check_database, create_pool
from chassis.temporal import check_temporal, connect
from contracts.access import decide
from contracts.actions import Action
from contracts.login import caller_of
from services.outreach.api import (
    concerns,
    dead_letters,
    intake,
    plans,
    policy,
    staff,
    tasks,
    visits,
    waves,
    work,
    youths,
)
from services.outreach.api.parts import Parts
from services.outreach.circumstances import all_groups
from services.outreach.claims import Claims
from services.outreach.concerns import Concerns
from services.outreach.consumers import Facts
from services.outreach.db.subject_data import SECTIONS
from services.outreach.decisions import Decisions
from services.outreach.intake_start import IntakeStart
from services.outreach.pace import Pace
from services.outreach.planning import Planning
from services.outreach.policy_file import configured_policy
from services.outreach.policy_versions import Policies
from services.outreach.settings import Settings
from services.outreach.signals import Signals
from services.outreach.waves import Waves

MOST_BYTES = 2 * policy.LARGEST  # the policy document says itself when it is too large


def make_app(settings: Settings) -> FastAPI:
    """Return the app. Raises PolicyInvalid when the policy document cannot be used."""
    from_file = configured_policy(settings)
    checks: dict[str, Check] = {}

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        client = await connect(settings)
        async with await create_pool(settings.database_url, application_name="outreach-api") as pool:
            signals = Signals(client, Pace(settings.outreach_signals_per_second))
            policies = Policies(pool, settings.clock)
            await policies.import_file(from_file)
            facts = Facts(pool, signals, policies, settings.clock_spec)
            claims = Claims(pool, settings.clock, settings.outreach_claim_lease)
            app.state.parts = Parts(
                pool=pool,
                clock=settings.clock,
                policies=policies,
                claims=claims,
                decisions=Decisions(
                    pool, client, settings.clock, claims, policies.in_force, settings.outreach_update_timeout
                ),
                concerns=Concerns(pool, settings.clock, claims, policies.in_force),
                groups={group.name: group for group in all_groups(facts)},
                planning=Planning(pool, settings.clock, settings.clock_spec, policies.in_force),
                intake_start=IntakeStart(client),
                waves=Waves(pool, client, settings.clock, policies.in_force),
            )
            checks["database"] = lambda: check_database(pool)
            checks["temporal"] = lambda: check_temporal(client)
            yield

    app = create_app(
        title="Uppsök: outreach",
        description="What staff do: tasks, who takes them and what came of them. Opaque ids and codes only.",
        settings=settings,
        checks=checks,
        access=decide,
        caller_of=caller_of(settings),
        lifespan=lifespan,
        most_bytes=MOST_BYTES,
    )
    # Before the tasks: /tasks/summary is no task's id.
    for routes in (
        work, tasks, visits, staff, youths, plans, concerns, policy, intake, waves, dead_letters,
    ):  # fmt: skip
        app.include_router(routes.router)
    app.include_router(audit_api.make_router(_pool_and_clock, allow(Action.AUDIT_READ)))
    app.include_router(subject_data_api.make_router(SECTIONS, _pool_and_clock, allow(Action.SUBJECT_DATA_READ)))
    return app


def _pool_and_clock(request: Request) -> tuple[asyncpg.Pool, CivilClock]:
    parts: Parts = request.app.state.parts
    return parts.pool, parts.clock
