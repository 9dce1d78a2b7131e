"""The daily intake: what it would do, and running it now."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from chassis import audit
from chassis.access import allow
from chassis.auth import Principal
from chassis.postgres import transaction
from chassis.problems import responses
from contracts.actions import Action
from contracts.intake import DistrictIntake
from services.outreach.api.parts import TheParts
from services.outreach.intake import look

router = APIRouter(prefix="/intake", tags=["intake"], responses=responses(401, 403))
Reader = Annotated[Principal, Depends(allow(Action.INTAKE_READ))]
Starter = Annotated[Principal, Depends(allow(Action.INTAKE_RUN))]
EXAMPLE: dict[str, Any] = {
    "day": "2026-09-21",
    "why_none": None,
    "picked": 4,
    "districts": [{"district": "farsta", "waiting": 31, "capacity": 4, "begun": 0, "picked": 4, "urgent": 1}],
}


class Intake(BaseModel):
    """What the intake would do now: counts, no youths."""

    model_config = {"json_schema_extra": {"examples": [EXAMPLE]}}

    day: date
    why_none: str | None = Field(description="Why there is no intake today, when there is none")
    picked: int = Field(description="Searches that would begin")
    districts: tuple[DistrictIntake, ...] = Field(description="Districts in which somebody waits")


class IntakeStarted(BaseModel):
    model_config = {
        "json_schema_extra": {"examples": [{"day": "2026-09-21", "workflow_id": "daily-intake/2026-09-21"}]}
    }

    day: date
    workflow_id: str = Field(description="Where operations see it")


@router.get("")
async def preview_intake(_: Reader, parts: TheParts) -> Intake:
    """What the daily intake would do if it ran now, by district."""
    policy = await parts.policies.in_force()
    async with transaction(parts.pool) as conn:
        planned = await look(conn, policy, parts.clock.now())
    return Intake(
        day=planned.day,
        why_none=planned.why_none,
        picked=len(planned.picks),
        districts=planned.districts,
    )


@router.post("", status_code=202, responses=responses(503))
async def run_intake(starter: Starter, parts: TheParts) -> IntakeStarted:
    """Run the intake now. Safe to repeat: what has begun today counts against the day's capacity."""
    now = parts.clock.now()
    async with transaction(parts.pool) as conn:
        await audit.record(conn, actor=starter.subject, role=starter.role, action="intake.run", at=now)
    return IntakeStarted(day=now.date(), workflow_id=await parts.intake_start.start(now.date(), starter.subject))
