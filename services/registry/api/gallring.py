"""Gallring: propose, review, approve as a second person, carry out; the protocol. Opaque ids and counts."""

from collections import defaultdict
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from chassis import audit
from chassis.access import allow
from chassis.auth import Principal
from chassis.paging import Cursor, Limit, bad_cursor, cursor_instant, decode_cursor, encode_cursor
from chassis.postgres import transaction
from chassis.problems import not_found, responses
from contracts.actions import Action
from services.registry.api.documenting import In
from services.registry.api.parts import Parts, TheParts
from services.registry.db import gallring_runs
from services.registry.gallring import deciding, deleting
from services.registry.gallring.deciding import Decider

router = APIRouter(prefix="/gallring", tags=["gallring"], responses=responses(401, 403, 422))
Looker = Annotated[Principal, Depends(allow(Action.GALLRING_READ))]
Proposer = Annotated[Principal, Depends(allow(Action.GALLRING_PROPOSE))]
Approver = Annotated[Principal, Depends(allow(Action.GALLRING_APPROVE))]
Withdrawer = Annotated[Principal, Depends(allow(Action.GALLRING_WITHDRAW))]
Executor = Annotated[Principal, Depends(allow(Action.GALLRING_EXECUTE))]
BATCHES_PER_CALL = 20
RUN = "7f6d0a4e-58a5-4b0f-9b0c-0a3d6f2f8e21"


class Proposal(In):
    """``id`` is of your choice: the same again is the same run."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"id": RUN}]})

    id: UUID


class GroupView(BaseModel):
    """How many youths of a run, by clock and what became of them."""

    clock: Literal["register", "documentation", "never_covered"]
    outcome: Literal["waiting", "deleted", "left_out"]
    reason: str | None = Field(
        description="Why left out: covered_again, open_measure, open_hold, open_outreach, not_due, not_there"
    )
    youths: int


class GallringView(BaseModel):
    """A run and its protocol."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": RUN, "state": "done", "register_before": "2024-11-25",
                    "documentation_before": "2024-11-25", "never_covered_before": "2026-08-27",
                    "proposed_at": "2026-11-25T08:00:00+01:00", "proposed_by": "rut",
                    "workflow_id": None, "reviewed_at": None, "reviewed_by": None,
                    "approved_at": "2026-11-25T13:00:00+01:00", "approved_by": "kim",
                    "ended_at": "2026-11-25T13:05:00+01:00",
                    "youths": [{"clock": "register", "outcome": "deleted", "reason": None, "youths": 312}],
                    "deleted": {"persons": 312, "enrolments": 890},
                }
            ]
        }
    )  # fmt: skip

    id: UUID
    state: Literal["proposed", "approved", "done", "withdrawn"]
    register_before: date
    documentation_before: date
    never_covered_before: date
    proposed_at: datetime
    proposed_by: str
    workflow_id: str | None = Field(description="Which proposed it by itself; null: a person did")
    reviewed_at: datetime | None
    reviewed_by: str | None
    approved_at: datetime | None
    approved_by: str | None
    ended_at: datetime | None
    youths: list[GroupView]
    deleted: dict[str, int] = Field(description="Rows by table of the registry")


class GallringRuns(BaseModel):
    items: list[GallringView]
    next: str | None = None


class GallringYouth(BaseModel):
    youth_id: UUID
    clock: str
    outcome: str | None = Field(description="null: not settled yet")
    reason: str | None
    settled_at: datetime | None


class GallringYouths(BaseModel):
    items: list[GallringYouth]
    next: str | None = None


@router.post("", status_code=201, responses=responses(409) | {200: {"model": GallringView}})
async def propose(user: Proposer, parts: TheParts, asked: Proposal, response: Response) -> GallringView:
    """Find who may not be kept any more, and store it as a proposal. Nothing is deleted."""
    if not await deciding.propose(parts.pool, parts.clock, parts.gallring, _decider(user), asked.id):
        response.status_code = 200
    return await _view(parts, asked.id)


@router.post("/{run_id}/review", responses=responses(404, 409))
async def review(user: Proposer, parts: TheParts, run_id: UUID) -> GallringView:
    """Stand for what was proposed by itself, having looked at whom it is about. Another person approves it."""
    await deciding.review(parts.pool, parts.clock, _decider(user), run_id)
    return await _told(parts, run_id)


@router.post("/{run_id}/approve", responses=responses(404, 409))
async def approve(user: Approver, parts: TheParts, run_id: UUID) -> GallringView:
    """Approve a proposal: another person than the one who made or reviewed it.

    What was proposed by itself is carried out by itself then.
    """
    await deciding.approve(parts.pool, parts.clock, _decider(user), run_id)
    return await _told(parts, run_id)


@router.post("/{run_id}/withdraw", responses=responses(404, 409))
async def withdraw(user: Withdrawer, parts: TheParts, run_id: UUID) -> GallringView:
    """Give up a proposal, or what is left of an approved run."""
    await deciding.withdraw(parts.pool, parts.clock, _decider(user), run_id)
    return await _told(parts, run_id)


@router.post("/{run_id}/execute", responses=responses(404, 409, 503))
async def execute(user: Executor, parts: TheParts, run_id: UUID) -> GallringView:
    """Delete, in batches, each one transaction. Repeat until the state is `done`: it goes on where it was."""
    for _ in range(BATCHES_PER_CALL):
        more = await deleting.execute_batch(parts.pool, parts.clock, _decider(user), run_id, parts.open_outreach)
        if not more:
            break
    return await _view(parts, run_id)


@router.get("", responses=responses(400))
async def list_runs(user: Looker, parts: TheParts, cursor: Cursor = None, limit: Limit = 50) -> GallringRuns:
    """All runs, newest first."""
    proposed_at, last = _run_key(cursor)
    rows = await parts.pool.fetch(gallring_runs.LIST, proposed_at, last, limit + 1)
    shown = rows[:limit]
    await _audit_read(parts, user, "gallring.list", None)
    more = encode_cursor(shown[-1]["proposed_at"].isoformat(), shown[-1]["id"]) if len(rows) > limit else None
    return GallringRuns(items=await _views(parts, shown), next=more)


@router.get("/{run_id}", responses=responses(404))
async def get_run(user: Looker, parts: TheParts, run_id: UUID) -> GallringView:
    """A run and its protocol."""
    await _audit_read(parts, user, "gallring.read", run_id)
    return await _view(parts, run_id)


@router.get("/{run_id}/youths", responses=responses(400, 404))
async def list_youths(
    user: Looker, parts: TheParts, run_id: UUID, cursor: Cursor = None, limit: Limit = 50
) -> GallringYouths:
    """Whom a run is about: opaque ids, and what became of each."""
    if await parts.pool.fetchrow(gallring_runs.GET, run_id) is None:
        raise not_found("run of gallring")
    rows = await parts.pool.fetch(gallring_runs.YOUTHS, run_id, _youth_key(cursor), limit + 1)
    shown = rows[:limit]
    await _audit_read(parts, user, "gallring.read-youths", run_id)
    more = encode_cursor(shown[-1]["youth_id"]) if len(rows) > limit else None
    return GallringYouths(items=[GallringYouth.model_validate(dict(row)) for row in shown], next=more)


def _decider(user: Principal) -> Decider:
    return Decider(user.subject, user.role)


async def _audit_read(parts: Parts, user: Principal, action: str, run_id: UUID | None) -> None:
    async with transaction(parts.pool) as conn:
        await audit.record(
            conn, actor=user.subject, role=user.role, action=action, at=parts.clock.now(),
            subject=str(run_id) if run_id else None,
        )  # fmt: skip


async def _told(parts: Parts, run_id: UUID) -> GallringView:
    """Return the run when the workflow that waits for it has been told that somebody decided."""
    view = await _view(parts, run_id)
    await parts.tell_workflow(view.workflow_id)
    return view


async def _view(parts: Parts, run_id: UUID) -> GallringView:
    row = await parts.pool.fetchrow(gallring_runs.GET, run_id)
    if row is None:
        raise not_found("run of gallring")
    return (await _views(parts, [row]))[0]


async def _views(parts: Parts, rows: list[asyncpg.Record]) -> list[GallringView]:
    groups: defaultdict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for found in await parts.pool.fetch(gallring_runs.COUNTS, [row["id"] for row in rows]):
        groups[found["run_id"]].append(dict(found))
    return [GallringView.model_validate({**row, "youths": groups[row["id"]]}) for row in rows]


def _run_key(cursor: str | None) -> tuple[datetime | None, UUID | None]:
    if cursor is None:
        return None, None
    proposed_at, run_id = decode_cursor(cursor, 2)
    try:
        return cursor_instant(proposed_at), UUID(run_id)
    except ValueError:
        raise bad_cursor() from None


def _youth_key(cursor: str | None) -> UUID | None:
    if cursor is None:
        return None
    try:
        return UUID(decode_cursor(cursor, 1)[0])
    except ValueError:
        raise bad_cursor() from None
