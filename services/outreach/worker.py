"""The worker of the outreach service: activities, consumers and the outbox relay."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import structlog

from chassis.audit_chain import Sealer
from chassis.health import Check
from chassis.kafka import check_broker
from chassis.outbox_relay import OutboxRelay
from chassis.postgres import check_database, create_pool
from chassis.temporal import check_temporal, connect, make_worker
from contracts.events import OUTREACH_JOURNEY, OUTREACH_TASK
from contracts.outreach_activities import OUTREACH_QUEUE
from services.outreach.activities import OutreachActivities
from services.outreach.adoption import Adoption
from services.outreach.calling_off import CallingOff
from services.outreach.circumstances import all_groups
from services.outreach.claims import Claims
from services.outreach.consumers import Facts, make_consumers
from services.outreach.decisions import Decisions
from services.outreach.domain.policy import holidays_missing
from services.outreach.intake import IntakeActivities
from services.outreach.pace import Pace
from services.outreach.policy_file import configured_policy
from services.outreach.policy_versions import Policies
from services.outreach.settings import Settings
from services.outreach.signals import Signals
from services.outreach.sweeper import Sweeper
from services.outreach.wave_activities import WaveActivities

log = structlog.get_logger(__name__)


@asynccontextmanager
async def start(settings: Settings, checks: dict[str, Check]) -> AsyncIterator[list[Awaitable[object]]]:
    """Give what the worker runs. Raises PolicyInvalid when the policy document cannot be used."""
    from_file = configured_policy(settings)
    client = await connect(settings)
    async with await create_pool(settings.database_url, application_name="outreach-worker") as pool:
        checks["database"] = lambda: check_database(pool)
        checks["temporal"] = lambda: check_temporal(client)
        checks["kafka"] = lambda: check_broker(settings)
        signals = Signals(client, Pace(settings.outreach_signals_per_second))
        policies = Policies(pool, settings.clock)
        await policies.import_file(from_file)
        in_force = await policies.in_force()
        if year := holidays_missing(in_force, settings.clock.today()):
            log.warning("policy_lacks_holidays", policy=in_force.version, year=year)
        facts = Facts(pool, signals, policies, settings.clock_spec)
        intake = IntakeActivities(pool, policies.in_force, settings.clock, signals)
        waves = WaveActivities(pool, settings.clock)
        activities: list[Callable[..., Any]] = [
            OutreachActivities(pool).record_progress,
            intake.plan_intake,
            intake.start_searches,
            waves.release_batch,
            waves.close_wave,
        ]
        claims = Claims(pool, settings.clock, settings.outreach_claim_lease)
        decisions = Decisions(
            pool, client, settings.clock, claims, policies.in_force, settings.outreach_update_timeout
        )
        yield [
            make_worker(client, task_queue=OUTREACH_QUEUE, activities=activities).run(),
            *(consumer.run() for consumer in make_consumers(pool, settings, all_groups(facts))),
            OutboxRelay(
                settings.database_url, settings, source="/outreach", topics=[OUTREACH_TASK, OUTREACH_JOURNEY]
            ).run(),
            Adoption(pool, policies, signals, settings.clock).run(),
            Sweeper(pool, settings.clock, policies.in_force, settings.outreach_sweep_interval).run(),
            CallingOff(pool, settings.clock, decisions, settings.outreach_sweep_interval).run(),
            Sealer(pool).run(),
        ]
