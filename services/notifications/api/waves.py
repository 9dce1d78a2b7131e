"""What became of a wave's messages. Counts only."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from chassis.access import allow
from chassis.auth import Principal
from chassis.problems import responses
from contracts.actions import Action
from contracts.messages import Channel, MessageState, SkipReason
from services.notifications.api.deps import Pool
from services.notifications.db import waves

router = APIRouter(prefix="/waves", tags=["waves"], responses=responses(401, 403, 422))
Watcher = Annotated[Principal, Depends(allow(Action.WAVES_READ))]
EXAMPLE: dict[str, Any] = {
    "wave_id": "3b6f7c1e-0d7a-4f43-9a54-5e2f0f3f9b10",
    "letters": {"queued": 100, "sent": 1100, "delivered": 0, "failed": 0, "skipped": 0},
    "sms": {"queued": 80, "sent": 12, "delivered": 840, "failed": 8, "skipped": 260},
    "skipped": {"no_phone": 257, "no_address": 0, "protected": 1, "not_covered": 2, "wave_stopped": 0},
}


class WaveMessages(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    wave_id: UUID
    letters: dict[MessageState, int]
    sms: dict[MessageState, int]
    skipped: dict[SkipReason, int] = Field(description="Never sent, letters and SMS, by the reason")


@router.get("/{wave_id}")
async def read_wave_messages(_: Watcher, pool: Pool, wave_id: UUID) -> WaveMessages:
    """How many of a wave's messages are queued, sent, delivered, failed or skipped. An unknown wave has none."""
    states = {channel: dict.fromkeys(MessageState, 0) for channel in Channel}
    reasons = dict.fromkeys(SkipReason, 0)
    for row in await pool.fetch(waves.COUNTS, wave_id):
        states[Channel(row["channel"])][MessageState(row["state"])] += row["n"]
        if row["skip_reason"] is not None:
            reasons[SkipReason(row["skip_reason"])] += row["n"]
    return WaveMessages(wave_id=wave_id, letters=states[Channel.LETTER], sms=states[Channel.SMS], skipped=reasons)
