"""How many youths the duty held for: one question, for any time, as known at any time."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from chassis import audit
from chassis.access import allow
from chassis.auth import Principal
from chassis.postgres import transaction
from chassis.problems import Problem, responses
from contracts.actions import Action
from services.registry.api.known_on import KnownOn, known_by_the_end_of
from services.registry.api.parts import TheParts
from services.registry.db import periods

Counter = Annotated[Principal, Depends(allow(Action.COVERAGE_COUNT))]
router = APIRouter(tags=["coverage"], responses=responses(401, 403, 422))


class DistrictTotal(BaseModel):
    district: str | None = Field(description="Code as of the last day; null: not known, or protected")
    youths: int


class CoverageTotals(BaseModel):
    """Unique youths for whom the duty held on at least one day of the period."""

    first: date
    last: date
    known_on: date
    youths: int
    districts: list[DistrictTotal] = Field(description="Who moved counts in both districts")


@router.get("/coverage-totals")
async def get_totals(
    counter: Counter,
    parts: TheParts,
    first: Annotated[date, Query(examples=["2025-01-01"])],
    last: Annotated[date, Query(examples=["2025-12-31"])],
    known_on: KnownOn = None,
) -> CoverageTotals:
    """Unique youths covered at any time of a period, in the city and by district.

    With ``known_on`` the answer is the same for ever, also after later and retroactive data.
    """
    today = parts.clock.today()
    known_at = known_by_the_end_of(known_on, today)
    if not first <= last <= today:
        raise Problem(
            422, "not-a-period", "This is not a period", "first is not after last, and last is not after today."
        )
    async with transaction(parts.pool) as conn:
        youths, districts = await periods.totals(conn, first, last, known_at)
        await audit.record(
            conn, actor=counter.subject, role=counter.role, action="coverage.count",
            at=parts.clock.now(),
        )  # fmt: skip
    return CoverageTotals(
        first=first,
        last=last,
        known_on=known_on or today,
        youths=youths,
        districts=[DistrictTotal(district=one.district, youths=one.youths) for one in districts],
    )
