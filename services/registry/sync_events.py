"""The events of a run, from its decisions. Codes only."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from chassis.outbox import OutgoingEvent
from contracts.events import CoverageEnded, Event, YouthChanged, YouthRegistered
from contracts.ids import business_id
from contracts.reasons import RegistrationReason, Sex
from services.registry.domain.episodes import Change, End, Register, Told


@dataclass(frozen=True, slots=True)
class Registered:
    """What is told of a registration: all that a run keeps of it once it is written."""

    episode_id: UUID
    youth_id: UUID
    sex: Sex
    birth_year: int
    reason: RegistrationReason
    told: Told

    @classmethod
    def of(cls, episode_id: UUID, one: Register) -> "Registered":
        facts = one.person.facts
        return cls(episode_id, facts.person_id, one.person.sex, facts.birth_date.year, one.reason, one.told)


def registered(one: Registered, as_of: date, municipality: str, at: datetime) -> OutgoingEvent:
    told = one.told
    data = YouthRegistered(
        youth_id=one.youth_id,
        episode_id=one.episode_id,
        municipality=municipality,
        district=told.district,
        sex=one.sex,
        birth_year=one.birth_year,
        reason=one.reason,
        tracks=told.tracks,
        protected=told.protected,
        registered_on=as_of,
        last_covered_day=told.last_covered_day,
    )
    return _outgoing(data, at, "registered")


def changed(one: Change, cause: UUID, at: datetime) -> OutgoingEvent:
    """``cause`` is the run, or what else brought the change: once per cause."""
    data = YouthChanged(
        youth_id=one.person.facts.person_id,
        episode_id=one.episode_id,
        district=one.told.district,
        tracks=one.told.tracks,
        protected=one.told.protected,
        last_covered_day=one.told.last_covered_day,
    )
    return _outgoing(data, at, "changed", cause)


def ended(one: End, at: datetime) -> OutgoingEvent:
    data = CoverageEnded(
        youth_id=one.person.facts.person_id,
        episode_id=one.episode_id,
        reason=one.reason,
        ended_on=one.ended_on,
    )
    return _outgoing(data, at, "ended")


def _outgoing(data: Event, at: datetime, *key: object) -> OutgoingEvent:
    event_id = business_id("registry", *key, data.episode_id)
    return OutgoingEvent(data.topic, data.youth_id, data.type, data, at, event_id)
