"""Consents of a youth: recorded, and withdrawn at once. Never changed."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from chassis.preconditions import etag
from chassis.problems import not_found, responses
from contracts.actions import Action
from contracts.documentation import ConsentPurpose, GivenBy, Party
from services.registry.api.documenting import In, answer, created
from services.registry.api.keeping import GOT, opened
from services.registry.api.parts import Reader, TheParts, reader_for
from services.registry.db import consents as rows
from services.registry.documenting import consents
from services.registry.documenting.consents import Given

router = APIRouter(
    prefix="/youths/{youth_id}/consents", tags=["consents"], responses=responses(401, 403, 404, 422)
)
Reading = Annotated[Reader, Depends(reader_for(Action.CONSENTS_READ))]
Writing = Annotated[Reader, Depends(reader_for(Action.CONSENTS_WRITE))]
EXAMPLE: JsonDict = {
    "party": "socialtjanst",
    "purpose": "hold",
    "given_by": "youth",
    "given_on": "2026-10-05",
    "until": "2026-12-31",
}


class ConsentIn(In):
    """To whom what we know is opened, for what, by whom, and until when."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    party: Party
    purpose: ConsentPurpose
    given_by: GivenBy = Field(description="The youth from 16; a guardian below 16, or beside the youth until 18")
    given_on: date
    until: date | None = Field(default=None, description="The last day; null: until it is withdrawn")

    @model_validator(mode="after")
    def in_order(self) -> "ConsentIn":
        if self.until is not None and self.until < self.given_on:
            raise ValueError("until is before given_on")
        return self


class ConsentView(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "c1c9a3f2-52f5-4e39-8f3e-57c39d5f8f10", **EXAMPLE, "withdrawn_at": None, "valid": True,
                    "etag": '"1"',
                }
            ]
        }
    )  # fmt: skip

    id: UUID
    party: Party
    purpose: ConsentPurpose
    given_by: GivenBy
    given_on: date
    until: date | None
    withdrawn_at: datetime | None
    valid: bool = Field(description="Now")
    etag: str


class Consents(BaseModel):
    items: list[ConsentView]
    next: None = None


@router.get("")
async def list_consents(reader: Reading, parts: TheParts, youth_id: UUID) -> Consents:
    """All consents of a youth, those that are over too."""
    async with opened(parts, reader, youth_id) as youth:
        found = await youth.conn.fetch(rows.OF_YOUTH, youth_id, youth.own_parties)
        await youth.record("consent.list")
    return Consents(items=[_view(row, youth.at) for row in found])


@router.get("/{consent_id}", responses=GOT)
async def get_consent(
    reader: Reading, parts: TheParts, youth_id: UUID, consent_id: UUID, response: Response
) -> ConsentView:
    """One consent."""
    async with opened(parts, reader, youth_id) as youth:
        row = await youth.conn.fetchrow(rows.ONE, consent_id, youth_id, youth.own_parties)
        if row is None:
            raise not_found("consent")
        await youth.record("consent.read", consent_id)
    answer(response, row["version"])
    return _view(row, youth.at)


@router.put("/{consent_id}", responses=GOT | responses(409) | created(ConsentView))
async def put_consent(
    writer: Writing, parts: TheParts, youth_id: UUID, consent_id: UUID, given: ConsentIn, response: Response
) -> ConsentView:
    """Record a consent under an id of yours. It cannot be changed: withdraw it, and record the other one."""
    async with opened(parts, writer, youth_id) as youth:
        row, new = await consents.put(youth, consent_id, Given(**given.model_dump()))
    answer(response, row["version"], new=new)
    return _view(row, youth.at)


@router.post("/{consent_id}/withdraw", responses=GOT)
async def withdraw_consent(
    writer: Writing, parts: TheParts, youth_id: UUID, consent_id: UUID, response: Response
) -> ConsentView:
    """Withdraw a consent. That holds at once, and ends the holds that rest on it."""
    async with opened(parts, writer, youth_id) as youth:
        row = await consents.withdraw(youth, consent_id)
    answer(response, row["version"])
    return _view(row, youth.at)


def _view(row: asyncpg.Record, at: datetime) -> ConsentView:
    valid = rows.consent_of(row).holds_at(at)
    return ConsentView.model_validate({**row, "valid": valid, "etag": etag(row["version"])})
