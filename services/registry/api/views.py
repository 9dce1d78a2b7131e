"""From rows to what a reader may see of them: the one place that masks."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import asyncpg

from contracts.districts import district_on
from services.registry.api.models import (
    Address,
    CoverageView,
    CriterionView,
    Episode,
    EvidenceView,
    Name,
    Youth,
    YouthItem,
)
from services.registry.domain.coverage import Coverage
from services.registry.domain.visibility import Sight


def item(row: asyncpg.Record, seen: Sight, today: date) -> YouthItem:
    if seen is Sight.SHARED:
        return YouthItem(
            youth_id=row["id"],
            protected=False,
            covered=row["covered"],
            name=Name(first=row["first_name"], last=row["last_name"]),
            birth_date=row["birth_date"],
            district=_district(row, today),
        )
    if seen is not Sight.FULL:
        return YouthItem(youth_id=row["id"], protected=True, covered=row["covered"])
    return YouthItem(
        youth_id=row["id"],
        protected=row["protected"],
        covered=row["covered"],
        name=Name(first=row["first_name"], last=row["last_name"]),
        birth_date=row["birth_date"],
        district=_district(row, today),
        registered_on=row["registered_on"],
        reason=row["reason"],
        tracks=tuple(row["tracks"]),
        last_covered_day=row["last_covered_day"],
        ended_on=row["ended_on"],
        end_reason=row["end_reason"],
    )


def youth(
    row: asyncpg.Record, episodes: Sequence[asyncpg.Record], seen: Sight, today: date, *, with_number: bool
) -> Youth:
    covered = any(episode["ended_on"] is None for episode in episodes)
    if seen is Sight.SHARED:
        return Youth(
            youth_id=row["id"],
            protected=False,
            covered=covered,
            name=Name(first=row["first_name"], last=row["last_name"]),
            birth_date=row["birth_date"],
            district=_district(row, today),
        )
    times = [_episode(episode, seen) for episode in episodes]
    if seen is not Sight.FULL:
        return Youth(youth_id=row["id"], protected=True, covered=covered, episodes=times)
    return Youth(
        youth_id=row["id"],
        protected=row["protected"],
        covered=covered,
        name=Name(first=row["first_name"], last=row["last_name"]),
        person_number=row["person_number"] if with_number else None,
        birth_date=row["birth_date"],
        sex=row["sex"],
        address=Address.model_validate(dict(row)) if row["street"] or row["city"] else None,
        phone=row["phone"],
        email=row["email"],
        district=_district(row, today),
        municipality=row["municipality"],
        episodes=times,
    )


def coverage(
    youth_id: UUID, decided: Coverage, seen: Sight, *, known_on: date, known_since: datetime | None
) -> CoverageView:
    return CoverageView(
        youth_id=youth_id,
        on=decided.on,
        known_on=known_on,
        known_since=known_since,
        act=decided.rule.act,
        covered=decided.covered,
        criteria=[
            CriterionView(
                criterion=result.criterion,
                met=result.met,
                citation=result.citation,
                explanation=result.explanation if seen is Sight.FULL else None,
                evidence=EvidenceView.model_validate(result.evidence, from_attributes=True)
                if seen is Sight.FULL
                else None,
            )
            for result in decided.results
        ],
    )


def _episode(row: asyncpg.Record, seen: Sight) -> Episode:
    """When and why, for the masked without what the birth date or the schooling could be read from."""
    full = seen is Sight.FULL
    return Episode(
        episode_id=row["id"],
        registered_on=row["registered_on"],
        reason=row["reason"] if full else None,
        tracks=tuple(row["tracks"]) if full else (),
        last_covered_day=row["last_covered_day"] if full else None,
        ended_on=row["ended_on"],
        end_reason=row["end_reason"] if full else None,
    )


def _district(row: asyncpg.Record, today: date) -> str | None:
    return None if row["district"] is None else district_on(row["district"], today)
