"""The plan of a youth: a goal, who does what and when, and when it is looked at again."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from chassis.preconditions import SeenVersion, etag
from chassis.problems import not_found, responses
from contracts.actions import Action
from services.registry.api.documenting import answer
from services.registry.api.keeping import GOT, opened, put_responses
from services.registry.api.parts import Reader, TheParts, reader_for
from services.registry.api.plans_models import PlanEnding, PlanIn, Plans, PlanView
from services.registry.db import plans as rows
from services.registry.documenting import plans
from services.registry.documenting.plans import Kept

router = APIRouter(prefix="/youths/{youth_id}/plans", tags=["plans"], responses=responses(401, 403, 404, 422))
Reading = Annotated[Reader, Depends(reader_for(Action.PLANS_READ))]
Writing = Annotated[Reader, Depends(reader_for(Action.PLANS_WRITE))]


@router.get("")
async def list_plans(reader: Reading, parts: TheParts, youth_id: UUID) -> Plans:
    """All plans of a youth; at most one goes on."""
    async with opened(parts, reader, youth_id) as youth:
        found = await youth.conn.fetch(rows.OF_YOUTH, youth_id)
        kept = await rows.plans_of(youth.conn, found)
        await youth.record("plan.list")
    return Plans(items=[_view(Kept(row, plan)) for row, plan in zip(found, kept, strict=True)])


@router.get("/{plan_id}", responses=GOT)
async def get_plan(
    reader: Reading, parts: TheParts, youth_id: UUID, plan_id: UUID, response: Response
) -> PlanView:
    """One plan."""
    async with opened(parts, reader, youth_id) as youth:
        row = await youth.conn.fetchrow(rows.ONE, plan_id, youth_id)
        if row is None:
            raise not_found("plan")
        (plan,) = await rows.plans_of(youth.conn, [row])
        await youth.record("plan.read", plan_id)
    answer(response, row["version"])
    return _view(Kept(row, plan))


@router.put("/{plan_id}", responses=put_responses(PlanView))
async def put_plan(
    writer: Writing,
    parts: TheParts,
    youth_id: UUID,
    plan_id: UUID,
    asked: PlanIn,
    seen: SeenVersion,
    response: Response,
) -> PlanView:
    """Make a plan under an id of yours; with If-Match change it. The whole plan is sent each time.

    No part is ever left out: an effort that is not wanted any more is broken off. Texts that may hold
    sensitive data are refused until they are sent again with `"confirmed": true`.
    """
    async with opened(parts, writer, youth_id) as youth:
        kept = await plans.put(youth, plan_id, asked.plan(), seen, confirmed=asked.confirmed)
    answer(response, kept.row["version"], new=kept.new)
    return _view(kept)


@router.post("/{plan_id}/end", responses=GOT | responses(409))
async def end_plan(
    writer: Writing, parts: TheParts, youth_id: UUID, plan_id: UUID, ending: PlanEnding, response: Response
) -> PlanView:
    """End the plan, with its result."""
    async with opened(parts, writer, youth_id) as youth:
        kept = await plans.end(youth, plan_id, ending.on, ending.result)
    answer(response, kept.row["version"])
    return _view(kept)


def _view(kept: Kept) -> PlanView:
    return PlanView.model_validate(
        {
            "id": kept.row["id"],
            "etag": etag(kept.row["version"]),
            "goal": kept.plan.goal,
            "made_on": kept.plan.made_on,
            "efforts": kept.plan.efforts,
            "follow_ups": kept.plan.follow_ups,
            "ended_on": kept.plan.ended_on,
            "result": kept.plan.result,
        }
    )
