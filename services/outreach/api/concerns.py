"""Raising a concern about a youth."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends

from chassis.access import allow
from chassis.auth import Principal
from chassis.problems import responses
from contracts.actions import Action
from services.outreach.api.models import Task
from services.outreach.api.parts import Key, TheParts

router = APIRouter(tags=["youths"], responses=responses(401, 403, 422))
Raiser = Annotated[Principal, Depends(allow(Action.CONCERNS_RAISE))]

EXAMPLE: dict[str, Any] = {
    "task_id": "0d3c1c1e-9f2b-5d0e-8a39-6a1c7d3f2b10",
    "youth_id": "7f1f6f0c-52a5-4c4e-9d3f-0b9a3a5e8d21",
    "episode_id": "c2d4b3a0-1e7f-4f0c-8f6e-5a9b7c1d2e3f",
    "kind": "concern",
    "group": "coordinators",
    "district": "farsta",
    "attempt": 1,
    "not_before": None,
    "due_on": "2026-09-25",
    "staff": [],
    "marks": [],
    "state": "claimed",
    "opened_at": "2026-09-25T14:10:00+02:00",
    "claimed_by": "staff-17",
    "claimed_at": "2026-09-25T14:10:00+02:00",
    "outcome": None,
    "completed_by": None,
    "closed_at": None,
}
RAISED: dict[int | str, dict[str, Any]] = {
    201: {"description": "The task", "content": {"application/json": {"example": EXAMPLE}}}
}


@router.post("/youths/{youth_id}/concerns", status_code=201, responses=RAISED | responses(400, 404, 409))
async def raise_concern(youth_id: UUID, principal: Raiser, key: Key, parts: TheParts) -> Task:
    """Raise a concern (orosanmälan): an urgent task, yours, due today or on the next working day.

    At any time, also when the duty has ended. It neither stops nor changes the search, and nothing about the
    reason is stored: report to the social services, then complete the task with `reported` or `not_needed`.
    Safe to repeat with the same Idempotency-Key: the same task.
    """
    return Task.model_validate(dict(await parts.concerns.raise_about(principal, youth_id, key)))
