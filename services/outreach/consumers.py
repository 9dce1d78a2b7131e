"""Events that move youths: the register's changes and the youths' answers, sent on to the workflows.

Everything here runs *before* the inbox row and is safe to repeat: what the registry says is stored
first (so that protection works at once, and the workflow's first transition finds its journey), then
the workflow is signalled, then the event counts as handled.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

import asyncpg
import structlog

from chassis import audit
from chassis.clock import ClockSpec
from chassis.consumer import Consumer
from chassis.inbox import Before, Handle
from chassis.incoming import Incoming
from chassis.postgres import Connection, transaction
from chassis.settings import Settings
from contracts.base import Contract
from contracts.deletion import DocumentationDeleted, YouthDeleted
from contracts.events import (
    NOTIFICATIONS_ANSWER,
    REGISTRY_YOUTH,
    CoverageEnded,
    Event,
    YouthAnswered,
    YouthChanged,
    YouthRegistered,
)
from contracts.outreach_workflow import (
    SIGNAL_ANSWERED,
    SIGNAL_CHANGED,
    SIGNAL_COVERAGE_ENDED,
    SIGNAL_TELEPHONE,
    Answered,
    Changed,
    EndOfCoverage,
    OutreachStart,
    Telephone,
)
from contracts.policy import OutreachPolicy
from contracts.reasons import SpecialTrack
from contracts.telephone import TelephoneChanged
from services.outreach.db import intake, journeys
from services.outreach.forgetting import forget
from services.outreach.policy_versions import Policies
from services.outreach.signals import NoWorkflow, Signals

log = structlog.get_logger(__name__)
AnyEvent = TypeVar("AnyEvent", bound=Event)


class OutreachMissing(Exception):
    """An episode that goes on has no workflow: an operator must look, and may replay the event."""


@dataclass(frozen=True, slots=True)
class Group:
    """One consumer group, also for replaying its dead letters."""

    name: str
    topics: tuple[str, ...]
    before: Before
    handle: Handle


async def nothing_more(_: Connection, __: Incoming) -> None:
    """The inbox row is all that is left to write."""


async def forget_deleted(conn: Connection, incoming: Incoming) -> None:
    """Of a youth who is deleted, what is kept here goes with the inbox row; else that is all."""
    if incoming.type in (YouthDeleted.type, DocumentationDeleted.type):
        await forget(conn, incoming.key, incoming.event_id, incoming.time)


class Facts:
    """Hands facts to workflows."""

    def __init__(self, pool: asyncpg.Pool, signals: Signals, policies: Policies, clock: ClockSpec) -> None:
        """``policies`` says what new youths start with; running ones keep their own."""
        self._pool, self._signals, self.policies, self._clock = pool, signals, policies, clock

    def groups(self) -> Sequence[Group]:
        """Two groups, so that an answer does not wait behind thousands of registrations."""
        return (
            Group("outreach-registry", (REGISTRY_YOUTH,), self.from_registry, forget_deleted),
            Group("outreach-answers", (NOTIFICATIONS_ANSWER,), self.from_notifications, nothing_more),
        )

    async def from_registry(self, incoming: Incoming) -> None:
        """Take an event of the registry. Event types that we do not know are not for us."""
        match incoming.type:
            case YouthRegistered.type:
                await self._registered(incoming, read(YouthRegistered, incoming))
            case YouthChanged.type:
                await self._changed(incoming, read(YouthChanged, incoming))
            case TelephoneChanged.type:
                told = read(TelephoneChanged, incoming)
                await self._note_telephone(incoming, told)
                telephone = Telephone(
                    event_id=incoming.event_id, episode_id=told.episode_id, has_phone=told.has_phone
                )
                await self.send(told, SIGNAL_TELEPHONE, telephone)
            case CoverageEnded.type:
                event = read(CoverageEnded, incoming)
                fact = EndOfCoverage(
                    event_id=incoming.event_id,
                    episode_id=event.episode_id,
                    reason=event.reason,
                    ended_on=event.ended_on,
                )
                await self.send(event, SIGNAL_COVERAGE_ENDED, fact)

    async def from_notifications(self, incoming: Incoming) -> None:
        """Take a youth's answer."""
        if incoming.type == YouthAnswered.type:
            event = read(YouthAnswered, incoming)
            fact = Answered(
                event_id=incoming.event_id,
                episode_id=event.episode_id,
                channel=event.channel,
                answered_at=event.answered_at,
            )
            await self.send(event, SIGNAL_ANSWERED, fact)

    async def _registered(self, incoming: Incoming, event: YouthRegistered) -> None:
        if await self._is_ended(event):
            return  # told again after its end (a wiped broker): it is not started again
        # The journey's row decides: told again after midnight, or after a restart, it is the same policy.
        known = await self._pool.fetchval(journeys.POLICY_VERSION, event.youth_id, event.episode_id)
        policy = await self.policies.started_with(known)
        await self._store(incoming, event, policy)
        start = OutreachStart(
            event_id=incoming.event_id,
            youth_id=event.youth_id,
            episode_id=event.episode_id,
            municipality=event.municipality,
            district=None if event.protected else event.district,
            reason=event.reason,
            tracks=event.tracks,
            protected=event.protected,
            registered_on=event.registered_on,
            last_covered_day=event.last_covered_day,
            policy=policy,
            clock=self._clock,
        )
        await self._signals.start(start)

    async def _changed(self, incoming: Incoming, event: YouthChanged) -> None:
        await self._store(incoming, event)
        fact = Changed(
            event_id=incoming.event_id,
            episode_id=event.episode_id,
            district=None if event.protected else event.district,
            tracks=event.tracks,
            protected=event.protected,
            last_covered_day=event.last_covered_day,
        )
        await self.send(event, SIGNAL_CHANGED, fact)

    async def send(self, event: Event, signal: str, fact: Contract) -> None:
        """Signal the episode's workflow; a fact about an ended episode is of no use to anybody.

        Raises OutreachMissing when an episode that goes on has no workflow.
        """
        if await self._is_ended(event):
            return
        try:
            await self._signals.send(event.youth_id, signal, fact)
        except NoWorkflow:
            # It may have ended between the question and the signal.
            if not await self._is_ended(event):
                raise OutreachMissing(f"youth {event.youth_id} has no workflow for {signal}") from None
            log.info("fact_after_the_end", signal=signal)

    async def _is_ended(self, event: Event) -> bool:
        return bool(await self._pool.fetchval(journeys.IS_ENDED, event.youth_id, event.episode_id))

    async def _note_telephone(self, incoming: Incoming, told: TelephoneChanged) -> None:
        """Keep whether there is a number, for the planner. The workflow is told of it by itself."""
        async with transaction(self._pool) as conn:
            if await conn.fetchval(journeys.HAS_PHONE, told.youth_id, told.episode_id, told.has_phone):
                await _audit(conn, incoming)

    async def _store(
        self, incoming: Incoming, event: YouthRegistered | YouthChanged, policy: OutreachPolicy | None = None
    ) -> None:
        """Keep what the registry says, in one transaction with the masking that follows from it."""
        registered = event if isinstance(event, YouthRegistered) else None
        district = None if event.protected else event.district
        async with transaction(self._pool) as conn:
            changed = await conn.fetchval(
                journeys.FACTS,
                event.youth_id,
                event.episode_id,
                incoming.time,
                district,
                event.protected,
                registered.registered_on if registered else None,
                event.last_covered_day,
                policy.version if policy else None,
            )
            if not changed:
                return
            if registered and policy:
                await conn.execute(
                    intake.SET_START_BY,
                    event.youth_id,
                    event.episode_id,
                    policy.start_within_days,
                    _intake_from(policy, registered),
                )
            await conn.execute(journeys.PROTECT_EARLIER, event.youth_id, event.episode_id, event.protected)
            await conn.execute(journeys.TASKS_FOLLOW, event.youth_id, event.protected, district, incoming.time)
            await _audit(conn, incoming)


async def _audit(conn: Connection, incoming: Incoming) -> None:
    """Write down that what the register says of a youth has changed."""
    await audit.record(
        conn,
        actor="registry",
        role="service",
        action="journey.facts",
        at=incoming.time,
        youth_id=incoming.key,
        subject=str(incoming.event_id),
    )


def make_consumers(pool: asyncpg.Pool, settings: Settings, groups: Sequence[Group]) -> list[Consumer]:
    """Return a consumer per group."""
    return [
        Consumer(
            pool=pool,
            settings=settings,
            group=group.name,
            topics=group.topics,
            handle=group.handle,
            before=group.before,
        )
        for group in groups
    ]


def read(event: type[AnyEvent], incoming: Incoming) -> AnyEvent:
    """Return the data of an event."""
    return event.model_validate_json(incoming.data)


def _intake_from(policy: OutreachPolicy, registered: YouthRegistered) -> date | None:
    """With a studiebevis and registered in the summer: not before the letter of mid-September (plan 4.1.5)."""
    if policy.studiebevis is None or SpecialTrack.STUDIEBEVIS not in registered.tracks:
        return None
    return policy.studiebevis.letter_day(registered.registered_on)
