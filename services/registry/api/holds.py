"""Holds of a youth: outreach waits (avvakta), with the youth's consent, until a day."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from chassis.preconditions import etag
from chassis.problems import not_found, responses
from contracts.actions import Action
from contracts.documentation import HoldEndReason, Party
from services.registry.api.documenting import In, answer, created
from services.registry.api.keeping import GOT, opened
from services.registry.api.parts import Reader, TheParts, reader_for
from services.registry.db import holds as rows
from services.registry.documenting import holds
from services.registry.domain.holds import State

router = APIRouter(prefix="/youths/{youth_id}/holds", tags=["holds"], responses=responses(401, 403, 404, 422))
Reading = Annotated[Reader, Depends(reader_for(Action.HOLDS_READ))]
Placing = Annotated[Reader, Depends(reader_for(Action.HOLDS_PLACE))]
Ending = Annotated[Reader, Depends(reader_for(Action.HOLDS_END))]


class HoldIn(In):
    """Which consent to a hold it rests on, and the last day."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"consent_id": "c1c9a3f2-52f5-4e39-8f3e-57c39d5f8f10", "until": "2026-11-30"}]
        }
    )

    consent_id: UUID
    until: date = Field(description="The last day on which outreach waits; not after the consent's or the duty's")


class HoldExtension(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"until": "2026-12-15"}]})

    until: date


class HoldEnding(In):
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "not_needed"}]})

    reason: Literal[HoldEndReason.NOT_NEEDED, HoldEndReason.ASKED_BY_YOUTH]


class HoldView(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "7a4de9a5-3a9b-4b63-8d55-4f6c5c0a8a02",
                    "consent_id": "c1c9a3f2-52f5-4e39-8f3e-57c39d5f8f10", "party": "socialtjanst",
                    "placed_on": "2026-10-05", "until": "2026-11-30", "state": "active", "ended_at": None,
                    "end_reason": None, "etag": '"1"',
                }
            ]
        }
    )  # fmt: skip

    id: UUID
    consent_id: UUID
    party: Party = Field(description="Who asked: the party of the consent")
    placed_on: date
    until: date
    state: State
    ended_at: datetime | None
    end_reason: HoldEndReason | None
    etag: str


class Holds(BaseModel):
    items: list[HoldView]
    next: None = None


@router.get("")
async def list_holds(reader: Reading, parts: TheParts, youth_id: UUID) -> Holds:
    """All holds of a youth, those that are over too."""
    async with opened(parts, reader, youth_id) as youth:
        found = await youth.conn.fetch(rows.OF_YOUTH, youth_id, youth.own_parties)
        await youth.record("hold.list")
    return Holds(items=[_view(row, youth.at) for row in found])


@router.get("/{hold_id}", responses=GOT)
async def get_hold(
    reader: Reading, parts: TheParts, youth_id: UUID, hold_id: UUID, response: Response
) -> HoldView:
    """One hold."""
    async with opened(parts, reader, youth_id) as youth:
        row = await youth.conn.fetchrow(rows.ONE, hold_id, youth_id, youth.own_parties)
        if row is None:
            raise not_found("hold")
        await youth.record("hold.read", hold_id)
    answer(response, row["version"])
    return _view(row, youth.at)


@router.put("/{hold_id}", responses=GOT | responses(409) | created(HoldView))
async def put_hold(
    writer: Placing, parts: TheParts, youth_id: UUID, hold_id: UUID, asked: HoldIn, response: Response
) -> HoldView:
    """Place a hold under an id of yours; refused without a valid consent of the youth. One at a time."""
    async with opened(parts, writer, youth_id) as youth:
        row, new = await holds.put(youth, hold_id, asked.consent_id, asked.until)
    answer(response, row["version"], new=new)
    return _view(row, youth.at)


@router.post("/{hold_id}/extend", responses=GOT | responses(409))
async def extend_hold(
    writer: Placing, parts: TheParts, youth_id: UUID, hold_id: UUID, asked: HoldExtension, response: Response
) -> HoldView:
    """Give an active hold a later last day, as far as its consent reaches."""
    async with opened(parts, writer, youth_id) as youth:
        row = await holds.extend(youth, hold_id, asked.until)
    answer(response, row["version"])
    return _view(row, youth.at)


@router.post("/{hold_id}/end", responses=GOT | responses(409))
async def end_hold(
    writer: Ending, parts: TheParts, youth_id: UUID, hold_id: UUID, asked: HoldEnding, response: Response
) -> HoldView:
    """End an active hold now: outreach goes on."""
    async with opened(parts, writer, youth_id) as youth:
        row = await holds.end(youth, hold_id, asked.reason)
    answer(response, row["version"])
    return _view(row, youth.at)


def _view(row: asyncpg.Record, at: datetime) -> HoldView:
    state = rows.hold_of(row).state_at(at)
    return HoldView.model_validate({**row, "state": state, "etag": etag(row["version"])})
