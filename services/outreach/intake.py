"""Use case and activities of the daily intake: who begins today, and telling their workflows."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

import asyncpg
import structlog
from temporalio import activity

from chassis.clock import STOCKHOLM, CivilClock
from chassis.postgres import Connection, transaction
from contracts.ids import business_id
from contracts.intake import (
    PLAN_INTAKE,
    START_SEARCHES,
    IntakePlan,
    IntakeRequest,
    SearchesStarted,
    StartSearches,
)
from contracts.outreach_workflow import SIGNAL_START_SEARCH, StartSearch
from contracts.policy import OutreachPolicy
from services.outreach.assigning import register_on
from services.outreach.breaches import note_breaches
from services.outreach.db import intake
from services.outreach.domain.intake import Waiting, at_work, plan, why_no_intake
from services.outreach.policy_versions import InForce
from services.outreach.signals import NoWorkflow, Signals

log = structlog.get_logger(__name__)


async def look(conn: Connection, policy: OutreachPolicy, now: datetime) -> IntakePlan:
    """Return what an intake would do now: also what a coordinator sees beforehand. Changes nothing."""
    day = now.date()
    if why := why_no_intake(policy, day):
        return IntakePlan(day=day, why_none=why)
    midnight = datetime.combine(day, time(0), STOCKHOLM)
    begun = await conn.fetch(intake.BEGUN, midnight, midnight + timedelta(days=1))
    waiting = [Waiting(**row) for row in await conn.fetch(intake.WAITING, day)]
    return plan(
        policy,
        day,
        waiting,
        {row["district"]: row["begun"] for row in begun},
        at_work((await register_on(conn, day)).values(), day),
    )


@dataclass(frozen=True, slots=True)
class IntakeActivities:
    """The activities, with what they work on. Both may be repeated: a youth begins once."""

    pool: asyncpg.Pool
    in_force: InForce
    clock: CivilClock
    signals: Signals

    @activity.defn(name=PLAN_INTAKE)
    async def plan_intake(self, request: IntakeRequest) -> IntakePlan:
        """Note new breaches, and say who begins today. Those who have begun since are not said again."""
        policy = await self.in_force()
        now = self.clock.now()
        async with transaction(self.pool) as conn:
            breached = await note_breaches(conn, now)
            planned = await look(conn, policy, now)
        if breached:
            log.warning("start_deadline_breached", youths=breached)
        log.info("intake_planned", day=str(planned.day), searches=len(planned.picks), by=request.requested_by)
        return planned.model_copy(update={"breached": breached})

    @activity.defn(name=START_SEARCHES)
    async def start_searches(self, start: StartSearches) -> SearchesStarted:
        """Tell the youths' workflows to begin, at the pace of all signals. Raises Transient (tried again)."""
        started = without = 0
        for pick in start.picks:
            activity.heartbeat()
            event_id = business_id(pick.episode_id, SIGNAL_START_SEARCH, start.day)
            fact = StartSearch(event_id=event_id, episode_id=pick.episode_id)
            try:
                await self.signals.send(pick.youth_id, SIGNAL_START_SEARCH, fact)
                started += 1
            except NoWorkflow:
                # Ended between the plan and now, or lost: the breach will tell of who is lost.
                log.warning("no_workflow_to_start", youth_id=str(pick.youth_id))
                without += 1
        return SearchesStarted(started=started, without_workflow=without)
