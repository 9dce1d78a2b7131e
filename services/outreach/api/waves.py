"""Waves: a large mailing is previewed, approved, paused and stopped. Counts only, no youths."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from chassis.access import allow
from chassis.auth import Principal
from chassis.clock import STOCKHOLM
from chassis.problems import not_found, responses
from contracts.actions import Action
from contracts.event import DistrictCode
from contracts.policy import WavePolicy
from contracts.waves import Exclusion, WaveState
from services.outreach.api.models import CivilTime
from services.outreach.api.parts import TheParts
from services.outreach.db import waves
from services.outreach.domain.waves import WaveAction, sending_days

router = APIRouter(prefix="/waves", tags=["waves"], responses=responses(401, 403, 422))
Reader = Annotated[Principal, Depends(allow(Action.WAVES_READ))]
Decider = Annotated[Principal, Depends(allow(Action.WAVES_DECIDE))]
Holder = Annotated[Principal, Depends(allow(Action.WAVES_HOLD))]

ID = "3b6f7c1e-0d7a-4f43-9a54-5e2f0f3f9b10"
EXAMPLE: dict[str, Any] = {
    "wave_id": ID,
    "state": "running",
    "districts": None,
    "begins_on": "2026-09-15",
    "sending_days": 5,
    "pace": WavePolicy().model_dump(mode="json"),
    "letters": 6950,
    "sms_at_most": 6950,
    "waiting": 5750,
    "handed_over": 1200,
    "excluded": {"ended": 3, "protected": 21, "held": 12, "new": 410, "mailed": 104},
    "by_district": [{"district": "farsta", "recipients": 612, "waiting": 500, "handed_over": 112, "excluded": 41}],
    "created_at": "2026-09-14T09:05:00+02:00",
    "created_by": "karin",
    "approved_at": "2026-09-14T10:30:00+02:00",
    "approved_by": "karin",
    "finished_at": None,
    "recalled": 0,
    "too_late": 0,
}


class WaveAsked(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"wave_id": ID}]})

    wave_id: UUID = Field(description="Yours, new and random; the same when you repeat the request")
    districts: tuple[DistrictCode, ...] | None = Field(
        default=None, min_length=1, max_length=100, description="Only youths of these; default: the whole city"
    )


class DistrictCounts(BaseModel):
    district: str | None = Field(description="Code; null: not known, or protected identity")
    recipients: int = Field(description="Who get it, or have got it")
    waiting: int
    handed_over: int = Field(description="Whose letter and SMS are queued in notifications, or sent")
    excluded: int


class Wave(BaseModel):
    """A wave. Each recipient gets a letter, and an SMS if the register has a number at the moment of sending."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    wave_id: UUID
    state: WaveState
    districts: tuple[str, ...] | None = Field(description="Null: the whole city")
    begins_on: date = Field(description="The first day on which it may go out")
    sending_days: int = Field(description="Over so many sending days all recipients are spread")
    pace: WavePolicy
    letters: int = Field(description="Recipients")
    sms_at_most: int = Field(description="Recipients; who has no number gets the letter alone")
    waiting: int = Field(description="Recipients who are not handed over yet")
    handed_over: int = Field(description="Recipients whose messages are queued in notifications, or sent")
    excluded: dict[Exclusion, int] = Field(description="Open youths who get nothing, by the reason")
    by_district: tuple[DistrictCounts, ...]
    created_at: CivilTime
    created_by: str
    approved_at: CivilTime | None
    approved_by: str | None
    finished_at: CivilTime | None
    recalled: int = Field(description="Stopped: messages that were queued and will not be sent")
    too_late: int = Field(description="Stopped: messages that had been sent, or were on their way")


class WaveList(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [EXAMPLE], "next": None}]})

    items: list[Wave]
    next: str | None = Field(default=None, description="Always null: the latest hundred are all there is to see")


@router.post("", status_code=201, responses=responses(409))
async def preview_wave(decider: Decider, parts: TheParts, asked: WaveAsked, response: Response) -> Wave:
    """Write down who would get the mailing, and why others do not. Nothing is sent before it is approved.

    Repeated with the same id it answers 200 with where that wave stands.
    """
    if not await parts.waves.preview(decider, asked.wave_id, asked.districts):
        response.status_code = 200
    return await _shown(parts.pool, asked.wave_id)


@router.get("")
async def list_waves(_: Reader, parts: TheParts) -> WaveList:
    """The waves, the latest first."""
    rows = await parts.pool.fetch(waves.LATEST)
    return WaveList(items=[_wave(row, await parts.pool.fetch(waves.COUNTS, row["wave_id"])) for row in rows])


@router.get("/{wave_id}", responses=responses(404))
async def read_wave(_: Reader, parts: TheParts, wave_id: UUID) -> Wave:
    """Where a wave stands. What became of its messages, notifications tells (`GET /waves/{wave_id}` there)."""
    return await _shown(parts.pool, wave_id)


@router.post("/{wave_id}/approve", responses=responses(404, 409, 503))
async def approve_wave(decider: Decider, parts: TheParts, wave_id: UUID) -> Wave:
    """Let it go out, from its first day on and at the policy's pace. One wave at a time."""
    await parts.waves.act(decider, wave_id, WaveAction.APPROVE)
    return await _shown(parts.pool, wave_id)


@router.post("/{wave_id}/pause", responses=responses(404, 409, 503))
async def pause_wave(holder: Holder, parts: TheParts, wave_id: UUID) -> Wave:
    """Hand over nobody more for now. What was handed over, at most a few minutes' worth, still goes out."""
    await parts.waves.act(holder, wave_id, WaveAction.PAUSE)
    return await _shown(parts.pool, wave_id)


@router.post("/{wave_id}/resume", responses=responses(404, 409, 503))
async def resume_wave(holder: Holder, parts: TheParts, wave_id: UUID) -> Wave:
    """Go on where it was paused. Who has ended or is held by now is left out."""
    await parts.waves.act(holder, wave_id, WaveAction.RESUME)
    return await _shown(parts.pool, wave_id)


@router.post("/{wave_id}/stop", responses=responses(404, 409, 503))
async def stop_wave(holder: Holder, parts: TheParts, wave_id: UUID) -> Wave:
    """End it for good, and recall what is queued and not sent. `finished_at` tells when that is done."""
    await parts.waves.act(holder, wave_id, WaveAction.STOP)
    return await _shown(parts.pool, wave_id)


async def _shown(pool: asyncpg.Pool, wave_id: UUID) -> Wave:
    row = await pool.fetchrow(waves.ONE, wave_id)
    if row is None:
        raise not_found("wave")
    return _wave(row, await pool.fetch(waves.COUNTS, wave_id))


def _wave(row: asyncpg.Record, counts: Iterable[asyncpg.Record]) -> Wave:
    waiting, handed_over, excluded = Counter[str | None](), Counter[str | None](), Counter[str | None]()
    reasons: Counter[Exclusion] = Counter(dict.fromkeys(Exclusion, 0))
    for count in counts:
        if count["excluded"] is not None:
            excluded[count["district"]] += count["n"]
            reasons[Exclusion(count["excluded"])] += count["n"]
        else:
            (handed_over if count["handed_over"] else waiting)[count["district"]] += count["n"]
    pace = WavePolicy.model_validate(row["pace"])
    recipients = waiting.total() + handed_over.total()
    return Wave.model_validate(
        {
            **row,
            "pace": pace,
            "begins_on": row["begins"].astimezone(STOCKHOLM).date(),
            "sending_days": sending_days(pace, recipients),
            "letters": recipients,
            "sms_at_most": recipients,
            "waiting": waiting.total(),
            "handed_over": handed_over.total(),
            "excluded": dict(reasons),
            "by_district": [
                DistrictCounts(
                    district=one,
                    recipients=waiting[one] + handed_over[one],
                    waiting=waiting[one],
                    handed_over=handed_over[one],
                    excluded=excluded[one],
                )
                for one in sorted({*waiting, *handed_over, *excluded}, key=lambda code: code or "")
            ],
        }
    )
