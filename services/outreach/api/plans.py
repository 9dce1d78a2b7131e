"""The planner: how much work comes in the next weeks, and what another policy would change."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from chassis.access import allow
from chassis.auth import Principal
from chassis.problems import responses
from contracts.actions import Action
from services.outreach.api.parts import TheParts
from services.outreach.api.policy_invalid import policy_invalid
from services.outreach.domain.policy import PolicyInvalid, policy_of
from services.outreach.planner.assumptions import Assumptions, Staffing
from services.outreach.planner.forecast import Forecast
from services.outreach.planning import Asked

# Counts only, of the whole city: no youth can be read from them.
Planner = Annotated[Principal, Depends(allow(Action.FORECASTS_MAKE))]
router = APIRouter(prefix="/plans", tags=["plans"], responses=responses(401, 403, 422))

_STAFFING: dict[str, Any] = {"coordinators": {"farsta": 2, "jarva": 3}, "minutes_per_day": 300}


class AskForecast(BaseModel):
    """What is left out of `assumptions` and `staffing` is what was measured here, and enough staff."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"weeks": 20, "staffing": _STAFFING}})

    weeks: int = Field(default=20, ge=1, le=52)
    staffing: Staffing = Staffing()
    assumptions: Assumptions | None = Field(default=None, description="See GET /plans/assumptions")
    seed: int = Field(default=1, ge=0, le=2**31, description="Another luck; the same one gives the same answer")

    def asked(self) -> Asked:
        return Asked(self.weeks, self.staffing, self.assumptions, self.seed)


class AskWhatIf(AskForecast):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"weeks": 20, "policy": {"version": "...", "call_attempts": 4}}},
    )

    policy: dict[str, Any] = Field(description="A whole policy document (docs/policy.md)")
    also_running: bool = Field(
        default=False, description="As if those whose search has begun had the other policy too; they keep theirs"
    )


class MeasuredAssumptions(BaseModel):
    assumptions: Assumptions
    tasks: int = Field(description="Of how many finished tasks of the last year; few say little")


class WhatIf(BaseModel):
    """``differences``: the other policy's totals less those of the one in force."""

    in_force: Forecast
    other: Forecast
    differences: dict[str, int]


@router.get("/assumptions")
async def read_assumptions(_: Planner, parts: TheParts) -> MeasuredAssumptions:
    """What a forecast takes for granted: measured here, and the defaults where too little was."""
    assumptions, tasks = await parts.planning.measured()
    return MeasuredAssumptions(assumptions=assumptions, tasks=tasks)


@router.post("/forecast", responses=responses(503))
async def ask_forecast(planner: Planner, parts: TheParts, ask: AskForecast) -> Forecast:
    """Calls, visits, letters and conversations per week and district, by the policy in force.

    The open youths as they stand and those who will come are taken through the policy's own rules in simulated
    time. Nothing is kept of it. Takes seconds.
    """
    return await parts.planning.forecast(ask.asked(), by=planner.subject, role=planner.role)


@router.post("/what-if", responses=responses(503))
async def ask_what_if(planner: Planner, parts: TheParts, ask: AskWhatIf) -> WhatIf:
    """The same forecast by the policy in force and by another one: work, expected reach, breaches of the month."""
    try:
        other = policy_of(ask.policy)
    except PolicyInvalid as error:
        raise policy_invalid(error.faults) from None
    in_force, changed = await parts.planning.what_if(
        ask.asked(),
        other,
        also_running=ask.also_running,
        by=planner.subject,
        role=planner.role,
    )
    differences = {name: changed.totals[name] - number for name, number in in_force.totals.items()}
    return WhatIf(in_force=in_force, other=changed, differences=differences)
