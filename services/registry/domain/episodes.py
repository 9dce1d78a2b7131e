"""What a run does for one person: register, tell a change, end, or wait. Pure."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from contracts.districts import district_on
from contracts.reasons import EndReason, RegistrationReason, Sex, SpecialTrack
from services.registry.domain import reasons, residence
from services.registry.domain.age import last_covered_day
from services.registry.domain.coverage import Coverage, decide
from services.registry.domain.facts import PersonFacts, Protection


@dataclass(frozen=True, slots=True)
class OpenEpisode:
    """An episode in which the duty holds, with the codes that the last event told."""

    episode_id: UUID
    registered_on: date
    district: str | None
    tracks: tuple[SpecialTrack, ...]
    protected: bool
    last_covered_day: date


@dataclass(frozen=True, slots=True)
class Person:
    facts: PersonFacts
    sex: Sex
    episode: OpenEpisode | None


@dataclass(frozen=True, slots=True)
class Register:
    person: Person
    coverage: Coverage
    reason: RegistrationReason
    told: "Told"


@dataclass(frozen=True, slots=True)
class Change:
    person: Person
    episode_id: UUID
    told: "Told"


@dataclass(frozen=True, slots=True)
class End:
    person: Person
    episode_id: UUID
    coverage: Coverage
    reason: EndReason
    ended_on: date


@dataclass(frozen=True, slots=True)
class Told:
    """The codes of a covered youth that events carry. A protected youth has no district there."""

    district: str | None
    tracks: tuple[SpecialTrack, ...]
    protected: bool
    last_covered_day: date


def act(person: Person, on: date, municipality: str) -> Register | Change | End | None:
    """Return what is to be done for a person on a day, or None when all is told already.

    A youth who returns is registered anew: the ended episode stays ended.
    """
    coverage = decide(person.facts, on, municipality)
    episode = person.episode
    if not coverage.covered:
        if episode is None:
            return None
        end = reasons.end_of(coverage, episode.registered_on)
        return End(person, episode.episode_id, coverage, end.reason, end.on)
    told = _told(person, coverage)
    if episode is None:
        return Register(person, coverage, reasons.registration_reason(person.facts, coverage), told)
    before = Told(episode.district, episode.tracks, episode.protected, episode.last_covered_day)
    return None if told == before else Change(person, episode.episode_id, told)


def _told(person: Person, coverage: Coverage) -> Told:
    protected = person.facts.protection is not Protection.NONE
    lives_in = residence.district_on(person.facts.statements, coverage.on)
    return Told(
        None if protected or lives_in is None else district_on(lives_in, coverage.on),
        reasons.tracks(person.facts, coverage),
        protected,
        last_covered_day(person.facts.birth_date),
    )
