"""The work as a whole: how many tasks each list has, and handing many over at once."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field, model_validator

from chassis.access import allow
from chassis.auth import Principal
from chassis.problems import responses
from contracts.actions import Action
from contracts.tasks import StaffId, TaskKind
from services.outreach.api.parts import District, DistrictCode, Key, Parts, TheParts
from services.outreach.assigning import register_on
from services.outreach.db import lists, tasks
from services.outreach.domain.access import scope_of
from services.outreach.domain.staffing import covered_by
from services.outreach.reassigning import Reassign, Reassigned, Reassigning

router = APIRouter(prefix="/tasks", tags=["work"], responses=responses(401, 403, 422))
Reader = Annotated[Principal, Depends(allow(Action.TASKS_READ))]
Lead = Annotated[Principal, Depends(allow(Action.TASKS_REASSIGN))]


async def reader_of(parts: Parts, principal: Principal, now: datetime) -> lists.Reader:
    """Return the caller as the reader of work lists: with whom they cover today."""
    today = now.date()
    covered: dict[str, date | None] = {}
    if await parts.pool.fetchval(lists.COVERING, principal.subject, today):
        covered = covered_by(await register_on(parts.pool, today), principal.subject, today)
    lost = [row["staff_id"] for row in await parts.pool.fetch(lists.LOST, today)]
    return lists.Reader(staff_id=principal.subject, now=now, covered=covered, lost=lost)


class Summary(BaseModel):
    """How many open tasks each of the caller's work lists has."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "mine": 14, "district": 220, "unassigned": 9, "overdue": 3, "today": 21, "escalated": 1,
            }
        }
    )  # fmt: skip

    mine: int
    district: int
    unassigned: int
    overdue: int
    today: int
    escalated: int


@router.get("/summary")
async def summarise_tasks(principal: Reader, parts: TheParts, district: District = None) -> Summary:
    """How many tasks each of your lists (`GET /tasks?list=`) has; with `district`, of one district only."""
    where = tasks.Where()
    tasks.add_visibility(where, scope_of(principal))
    if district is not None:
        where.add("district = ?", district)
    reader = await reader_of(parts, principal, parts.clock.now())
    statement = lists.counts(where, reader)
    row = await parts.pool.fetchrow(statement, *where.arguments)
    assert row is not None
    return Summary.model_validate(dict(row))


class Which(BaseModel):
    """Which open tasks: all of these conditions hold. At least one of the first three is needed."""

    model_config = ConfigDict(extra="forbid")

    assigned_to: StaffId | None = Field(default=None, description="Whose they are now")
    unassigned: bool = Field(default=False, description="Those that are nobody's")
    district: DistrictCode | None = None
    kind: tuple[TaskKind, ...] = Field(default=(), description="Any of these; none: all kinds")
    due_before: date | None = Field(default=None, description="Due earlier than this day")

    @model_validator(mode="after")
    def says_which(self) -> "Which":
        if self.assigned_to is None and not self.unassigned and self.district is None:
            raise ValueError("say which tasks: assigned_to, unassigned or district")
        if self.assigned_to is not None and self.unassigned:
            raise ValueError("tasks of somebody are not unassigned: give one of the two")
        return self


class Reassignment(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "which": {"assigned_to": "s-1042", "due_before": "2026-10-01"}, "by_load": True, "dry_run": True,
            }
        },
    )  # fmt: skip

    which: Which
    to: StaffId | None = Field(default=None, description="To this member of the staff")
    by_load: bool = Field(default=False, description="To whoever has room, as new tasks are given")
    dry_run: bool = Field(default=True, description="Only tell how many; change nothing")

    @model_validator(mode="after")
    def to_one_or_all(self) -> "Reassignment":
        if (self.to is None) != self.by_load:
            raise ValueError("say to whom: either 'to' or by_load=true")
        return self


@router.post("/reassign", responses=responses(400, 409))
async def reassign_tasks(principal: Lead, key: Key, wanted: Reassignment, parts: TheParts) -> Reassigned:
    """Hand many open tasks over, to one member of the staff or by load.

    A dry run unless you say `"dry_run": false`: it tells how many would go to whom. Tasks that the receiver may
    not have (another district or group), or that nobody has room for, stay where they are (`left`). Whoever
    has claimed one finishes it. At most 5 000 at once (`more`): repeat with a new key. Safe to repeat with the
    same Idempotency-Key: the answer is the same. Each task has its history and audit row.
    """
    request = Reassign(to=wanted.to, **wanted.which.model_dump())
    use = Reassigning(parts.pool, parts.clock)
    return await (use.preview(principal, request) if wanted.dry_run else use.carry_out(principal, request, key))
