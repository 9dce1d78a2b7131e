"""Measures of a youth: offered, and then step by step. A step taken twice with the same content is one."""

from typing import Annotated
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Depends, Response

from chassis.preconditions import SeenVersion, etag
from chassis.problems import not_found, responses
from contracts.actions import Action
from services.registry.api.documenting import answer
from services.registry.api.keeping import GOT, opened, put_responses
from services.registry.api.measures_models import (
    MeasureEnding,
    MeasureOffer,
    Measures,
    MeasureStep,
    MeasureView,
    MeasureWithdrawal,
)
from services.registry.api.parts import Parts, Reader, TheParts, reader_for
from services.registry.db import measures as rows
from services.registry.documenting import measures
from services.registry.documenting.measures import Offer
from services.registry.domain.measures import Accept, Decline, End, Start, Step, TakePlace, Withdraw

router = APIRouter(
    prefix="/youths/{youth_id}/measures", tags=["measures"], responses=responses(401, 403, 404, 422)
)
Reading = Annotated[Reader, Depends(reader_for(Action.MEASURES_READ))]
Writing = Annotated[Reader, Depends(reader_for(Action.MEASURES_WRITE))]
STEP = GOT | responses(409)


@router.get("")
async def list_measures(reader: Reading, parts: TheParts, youth_id: UUID) -> Measures:
    """All measures of a youth, in the order in which they were offered."""
    async with opened(parts, reader, youth_id) as youth:
        found = await youth.conn.fetch(rows.OF_YOUTH, youth_id)
        await youth.record("measure.list")
    return Measures(items=[_view(row) for row in found])


@router.get("/{measure_id}", responses=GOT)
async def get_measure(
    reader: Reading, parts: TheParts, youth_id: UUID, measure_id: UUID, response: Response
) -> MeasureView:
    """One measure; on the waiting list, with the place in the line."""
    async with opened(parts, reader, youth_id) as youth:
        row = await youth.conn.fetchrow(rows.ONE, measure_id, youth_id)
        if row is None:
            raise not_found("measure")
        await youth.record("measure.read", measure_id)
    answer(response, row["version"])
    return _view(row)


@router.put("/{measure_id}", responses=put_responses(MeasureView))
async def put_measure(
    writer: Writing,
    parts: TheParts,
    youth_id: UUID,
    measure_id: UUID,
    offer: MeasureOffer,
    seen: SeenVersion,
    response: Response,
) -> MeasureView:
    """Record that a youth was offered a measure, under an id of yours; with If-Match correct it.

    Only who follows up and the occupation before can be corrected: what else was wrong is withdrawn.
    """
    async with opened(parts, writer, youth_id) as youth:
        row, new = await measures.put(youth, measure_id, Offer(**offer.model_dump()), seen)
    answer(response, row["version"], new=new)
    return _view(row)


@router.post("/{measure_id}/accept", responses=STEP)
async def accept_measure(
    writer: Writing, parts: TheParts, youth_id: UUID, measure_id: UUID, step: MeasureStep, response: Response
) -> MeasureView:
    """The youth accepts. A place is kept, or else the youth waits in line for one."""
    return await _step(writer, parts, youth_id, measure_id, Accept(step.on), response)


@router.post("/{measure_id}/decline", responses=STEP)
async def decline_measure(
    writer: Writing, parts: TheParts, youth_id: UUID, measure_id: UUID, step: MeasureStep, response: Response
) -> MeasureView:
    """The youth declines the measure, or the place offered from the waiting list."""
    return await _step(writer, parts, youth_id, measure_id, Decline(step.on), response)


@router.post("/{measure_id}/take-place", responses=STEP)
async def take_place(
    writer: Writing, parts: TheParts, youth_id: UUID, measure_id: UUID, step: MeasureStep, response: Response
) -> MeasureView:
    """The youth takes the place offered from the waiting list."""
    return await _step(writer, parts, youth_id, measure_id, TakePlace(step.on), response)


@router.post("/{measure_id}/start", responses=STEP)
async def start_measure(
    writer: Writing, parts: TheParts, youth_id: UUID, measure_id: UUID, step: MeasureStep, response: Response
) -> MeasureView:
    """The measure starts, within its school year."""
    return await _step(writer, parts, youth_id, measure_id, Start(step.on), response)


@router.post("/{measure_id}/end", responses=STEP)
async def end_measure(
    writer: Writing, parts: TheParts, youth_id: UUID, measure_id: UUID, step: MeasureEnding, response: Response
) -> MeasureView:
    """The measure ends. Its place is offered to the next in line."""
    ended = End(step.on, step.reason, step.occupation_after)
    return await _step(writer, parts, youth_id, measure_id, ended, response)


@router.post("/{measure_id}/withdraw", responses=STEP)
async def withdraw_measure(
    writer: Writing,
    parts: TheParts,
    youth_id: UUID,
    measure_id: UUID,
    step: MeasureWithdrawal,
    response: Response,
) -> MeasureView:
    """What has not started is not in question any more. A place that was kept goes to the next in line."""
    return await _step(writer, parts, youth_id, measure_id, Withdraw(step.on, step.reason), response)


async def _step(
    writer: Reader, parts: Parts, youth_id: UUID, measure_id: UUID, step: Step, response: Response
) -> MeasureView:
    async with opened(parts, writer, youth_id) as youth:
        row = await measures.step(youth, measure_id, step)
    answer(response, row["version"])
    return _view(row)


def _view(row: asyncpg.Record) -> MeasureView:
    return MeasureView.model_validate({**row, "etag": etag(row["version"])})
