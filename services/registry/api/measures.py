"""Measures of a youth: offered, and then step by step. A step taken twice with the same content is one."""

from uuid import UUID

import asyncpg
from fastapi import APIRouter, Response

from chassis.preconditions import SeenVersion
from chassis.problems import responses
from services.registry.api.documenting import TheStaff, answer
from services.registry.api.measures_models import (
    MeasureEnding,
    MeasureOffer,
    Measures,
    MeasureStep,
    MeasureView,
    MeasureWithdrawal,
)
from services.registry.api.parts import Parts, TheParts
from services.registry.documenting import measures
from services.registry.documenting.access import Staff
from services.registry.documenting.measures import Offer
from services.registry.domain.measures import Accept, Decline, End, Start, Step, TakePlace, Withdraw

router = APIRouter(
    prefix="/youths/{youth_id}/measures", tags=["measures"], responses=responses(401, 403, 404, 422)
)
STEP = responses(409)


@router.get("")
async def list_measures(staff: TheStaff, parts: TheParts, youth_id: UUID) -> Measures:
    """All measures of a youth, in the order in which they were offered."""
    return Measures(items=[_view(row) for row in await _measures(parts).of_youth(staff, youth_id)])


@router.get("/{measure_id}")
async def get_measure(
    staff: TheStaff, parts: TheParts, youth_id: UUID, measure_id: UUID, response: Response
) -> MeasureView:
    """One measure; on the waiting list, with the place in the line."""
    row = await _measures(parts).one(staff, youth_id, measure_id)
    answer(response, row["version"])
    return _view(row)


@router.put("/{measure_id}", responses=responses(400, 409, 412, 428) | {201: {"description": "Offered"}})
async def put_measure(
    staff: TheStaff,
    parts: TheParts,
    youth_id: UUID,
    measure_id: UUID,
    offer: MeasureOffer,
    seen: SeenVersion,
    response: Response,
) -> MeasureView:
    """Record that a youth was offered a measure, under an id of your choice; with If-Match correct it.

    Only who follows up and the occupation before can be corrected: what else was wrong is withdrawn.
    """
    row, created = await _measures(parts).put(staff, youth_id, measure_id, Offer(**offer.model_dump()), seen)
    answer(response, row["version"], created=created)
    return _view(row)


@router.post("/{measure_id}/accept", responses=STEP)
async def accept_measure(
    staff: TheStaff, parts: TheParts, youth_id: UUID, measure_id: UUID, step: MeasureStep, response: Response
) -> MeasureView:
    """The youth accepts. A place is kept, or else the youth waits in line for one."""
    return await _step(staff, parts, youth_id, measure_id, Accept(step.on), response)


@router.post("/{measure_id}/decline", responses=STEP)
async def decline_measure(
    staff: TheStaff, parts: TheParts, youth_id: UUID, measure_id: UUID, step: MeasureStep, response: Response
) -> MeasureView:
    """The youth declines the measure, or the place offered from the waiting list."""
    return await _step(staff, parts, youth_id, measure_id, Decline(step.on), response)


@router.post("/{measure_id}/take-place", responses=STEP)
async def take_place(
    staff: TheStaff, parts: TheParts, youth_id: UUID, measure_id: UUID, step: MeasureStep, response: Response
) -> MeasureView:
    """The youth takes the place offered from the waiting list."""
    return await _step(staff, parts, youth_id, measure_id, TakePlace(step.on), response)


@router.post("/{measure_id}/start", responses=STEP)
async def start_measure(
    staff: TheStaff, parts: TheParts, youth_id: UUID, measure_id: UUID, step: MeasureStep, response: Response
) -> MeasureView:
    """The measure starts, within its school year."""
    return await _step(staff, parts, youth_id, measure_id, Start(step.on), response)


@router.post("/{measure_id}/end", responses=STEP)
async def end_measure(
    staff: TheStaff, parts: TheParts, youth_id: UUID, measure_id: UUID, step: MeasureEnding, response: Response
) -> MeasureView:
    """The measure ends. Its place is offered to the next in line."""
    return await _step(
        staff, parts, youth_id, measure_id, End(step.on, step.reason, step.occupation_after), response
    )


@router.post("/{measure_id}/withdraw", responses=STEP)
async def withdraw_measure(
    staff: TheStaff, parts: TheParts, youth_id: UUID, measure_id: UUID, step: MeasureWithdrawal, response: Response
) -> MeasureView:
    """What has not started is not in question any more. A place that was kept goes to the next in line."""
    return await _step(staff, parts, youth_id, measure_id, Withdraw(step.on, step.reason), response)


async def _step(
    staff: Staff, parts: Parts, youth_id: UUID, measure_id: UUID, step: Step, response: Response
) -> MeasureView:
    row = await _measures(parts).step(staff, youth_id, measure_id, step)
    answer(response, row["version"])
    return _view(row)


def _measures(parts: Parts) -> measures.Measures:
    return measures.Measures(parts.pool, parts.clock)


def _view(row: asyncpg.Record) -> MeasureView:
    return MeasureView.model_validate({**row, "measure_id": row["id"]})
