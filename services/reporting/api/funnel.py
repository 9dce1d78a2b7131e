"""GET /funnel and GET /funnel.svg."""

from datetime import date
from typing import Annotated

import asyncpg
from fastapi import APIRouter, Depends, Query, Request, Response

from chassis.access import allow
from chassis.clock import CivilClock
from chassis.problems import Problem, responses
from contracts.actions import Action
from contracts.districts import districts_on
from services.reporting.db.funnel import funnel_rows
from services.reporting.domain.funnel import Funnel, make_funnel
from services.reporting.domain.period import PeriodEmpty, period_of
from services.reporting.picture import draw

# Figures, no individuals: all who follow up the work may see all districts.
router = APIRouter(
    tags=["funnel"], dependencies=[Depends(allow(Action.FIGURES_READ))], responses=responses(401, 403, 422)
)


async def funnel_asked_for(
    request: Request,
    response: Response,
    first: Annotated[
        date | None, Query(alias="from", description="First day; default: the school year's start, 1 July")
    ] = None,
    last: Annotated[date | None, Query(alias="to", description="Last day; default: today")] = None,
    district: Annotated[str | None, Query(max_length=40, description="Only this district (code)")] = None,
) -> Funnel:
    """Make the funnel that the query asks for. Raises a 422 Problem that names the parameter."""
    pool: asyncpg.Pool = request.app.state.pool
    clock: CivilClock = request.app.state.clock
    now = clock.now()
    try:
        period = period_of(first, last, now.date())
    except PeriodEmpty:
        raise Problem(422, "invalid-input", "The period is empty", "'to' must not be before 'from'.") from None
    existing = [one.code for one in districts_on(period.last)]
    if district is not None and district not in existing:
        raise Problem(
            422, "invalid-input", "The district is not known",
            f"'district' must be one of those of {period.last}: {', '.join(existing)}.",
        )  # fmt: skip
    response.headers["Cache-Control"] = "no-store"
    return make_funnel(await funnel_rows(pool, period), period, district, now)


AskedFor = Annotated[Funnel, Depends(funnel_asked_for)]


@router.get("/funnel")
async def funnel(asked_for: AskedFor) -> Funnel:
    """What came of the outreach in a period: covered, sought, reached and how, in support, under watch,
    ended; efforts by type with their answers; in total and per district."""
    return asked_for


@router.get("/funnel.svg", response_class=Response, responses={200: {"content": {"image/svg+xml": {}}}})
async def funnel_picture(asked_for: AskedFor) -> Response:
    """The same as a picture, with its figures as text."""
    return Response(draw(asked_for), media_type="image/svg+xml", headers={"Cache-Control": "no-store"})
