"""Two entries of the register that are one person, and one that is two after all."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from chassis.clock import STOCKHOLM
from chassis.problems import responses
from contracts.actions import Action
from services.registry import merging
from services.registry.api.parts import Reader, TheParts, reader_for
from services.registry.domain.merging import MergeReason, SplitReason

router = APIRouter(prefix="/youths/{youth_id}", tags=["merges"], responses=responses(401, 403, 404, 409, 422, 503))
Writing = Annotated[Reader, Depends(reader_for(Action.PERSONS_MERGE))]
_ONE, _OTHER = "5f0b4c1e-6f0e-4c57-9d0b-6d2f6f2f8a11", "0d7c3c52-7e0a-4f6d-8a53-6a1b0c9d2e33"


class MergeAsked(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"into": _OTHER, "reason_code": "registered_twice"}]}
    )

    into: UUID = Field(description="Who they are: this person stays")
    reason_code: MergeReason


class SplitAsked(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason_code": "two_persons"}]})

    reason_code: SplitReason


class MergeView(BaseModel):
    """A merge as it stands."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "youth_id": _ONE,
                    "into": _OTHER,
                    "merged_at": "2026-10-02T09:12:00+02:00",
                    "split_at": None,
                    "kept_rows": 3,
                }
            ]
        }
    )

    youth_id: UUID
    into: UUID
    merged_at: datetime
    split_at: datetime | None
    kept_rows: int = Field(
        description="Rows of what staff keep that went to `into`. After a split they are there still: go "
        "through them, nobody else can tell whose they are"
    )


@router.post("/merge")
async def merge(who: Writing, parts: TheParts, youth_id: UUID, asked: MergeAsked) -> MergeView:
    """Let this person be known as `into`. Ends and changes are told at once; who comes under the duty by it is
    registered by the next run."""
    done = await merging.merge(
        parts.pool, parts.clock, parts.municipality, who, youth_id, asked.into, asked.reason_code
    )
    return _view(done)


@router.post("/split")
async def split(who: Writing, parts: TheParts, youth_id: UUID, asked: SplitAsked) -> MergeView:
    """Take the merge of this person back: their numbers come back to them."""
    return _view(
        await merging.split(parts.pool, parts.clock, parts.municipality, who, youth_id, asked.reason_code)
    )


def _view(done: merging.Merged) -> MergeView:
    return MergeView(
        youth_id=done.youth_id,
        into=done.into,
        merged_at=done.merged_at.astimezone(STOCKHOLM),
        split_at=None if done.split_at is None else done.split_at.astimezone(STOCKHOLM),
        kept_rows=done.kept_rows,
    )
