"""The staff register: kept by the coordinator of the city; each sees themselves, and says when they are away."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic.config import JsonDict

from chassis.access import allow
from chassis.auth import Principal
from chassis.paging import Cursor, Limit, decode_cursor, encode_cursor
from chassis.preconditions import SeenVersion, etag
from chassis.problems import Problem, responses
from contracts.access import Scope
from contracts.actions import Action
from contracts.districts import DISTRICT_BY_CODE
from contracts.tasks import StaffId, TaskGroup
from services.outreach.api.models import View
from services.outreach.api.parts import DistrictCode, TheParts
from services.outreach.registering import Kept, StaffRegister

router = APIRouter(prefix="/staff", tags=["staff"], responses=responses(401, 403, 422))
Lister = Annotated[Principal, Depends(allow(Action.STAFF_LIST))]
Reader = Annotated[Principal, Depends(allow(Action.STAFF_READ))]
Keeper = Annotated[Principal, Depends(allow(Action.STAFF_WRITE))]
Teller = Annotated[Principal, Depends(allow(Action.ABSENCES_WRITE))]
# No control characters: PostgreSQL's text cannot hold NUL, and an id is to be read in a log.
ThisMember = Annotated[
    str, Path(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]+$", description="The staff id of their token")
]
_ETAG = {"ETag": {"description": "The version, for If-Match", "schema": {"type": "string", "example": '"1"'}}}
PUT: dict[int | str, dict[str, Any]] = {
    200: {"headers": _ETAG}, 201: {"description": "Created", "headers": _ETAG}, **responses(400, 412, 428),
}  # fmt: skip


MEMBER: JsonDict = {
    "staff_id": "s-1042", "group": "coordinators", "districts": ["farsta"], "capacity": 60,
    "active_from": "2026-08-17", "active_to": None, "version": 1,
}  # fmt: skip
ABSENCE: JsonDict = {
    "absence_id": "2f6a7a6e-3f0e-4a53-9f5d-3c1c0b7c9d10", "first_day": "2026-10-26", "last_day": "2026-10-30",
    "cover": "s-1007", "withdrawn": False, "version": 1,
}  # fmt: skip


class MemberBody(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "group": "coordinators", "districts": ["farsta"], "capacity": 60, "active_from": "2026-08-17",
                "active_to": None,
            }
        },
    )  # fmt: skip

    group: TaskGroup = TaskGroup.COORDINATORS
    districts: tuple[DistrictCode, ...] = Field(default=(), description="Codes; none: the whole city")
    capacity: int = Field(ge=1, le=10_000, description="Open tasks that are a full load")
    active_from: date
    active_to: date | None = Field(default=None, description="The last day; null: until further notice")

    @field_validator("districts")
    @classmethod
    def known(cls, districts: tuple[str, ...]) -> tuple[str, ...]:
        if not set(districts) <= set(DISTRICT_BY_CODE):
            raise ValueError("not all are codes of districts (GET /districts of the registry has them)")
        return tuple(sorted(set(districts)))

    @model_validator(mode="after")
    def in_order(self) -> "MemberBody":
        if self.active_to is not None and (self.active_from - self.active_to).days > 1:
            raise ValueError("active_to: not before active_from, or the day before it for who never came")
        if self.group is TaskGroup.SPECIAL_HANDLERS and self.districts:
            raise ValueError("districts: special handlers have none, protected identities have no district here")
        return self


class AbsenceBody(BaseModel):
    """When somebody is away. Never why."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"first_day": "2026-10-26", "last_day": "2026-10-30", "cover": "s-1007"}},
    )

    first_day: date
    last_day: date | None = Field(default=None, description="Included; null: until further notice")
    cover: StaffId | None = Field(default=None, description="Who does it meanwhile; null: given to others by load")
    withdrawn: bool = Field(default=False, description="It does not come about")

    @model_validator(mode="after")
    def in_order(self) -> "AbsenceBody":
        if self.last_day is not None and self.last_day < self.first_day:
            raise ValueError("last_day: not before first_day")
        return self


class Absence(View):
    model_config = ConfigDict(json_schema_extra={"example": ABSENCE})

    absence_id: UUID
    first_day: date
    last_day: date | None
    cover: str | None
    withdrawn: bool
    version: int


class Member(View):
    model_config = ConfigDict(json_schema_extra={"example": MEMBER})

    staff_id: str
    group: TaskGroup = Field(validation_alias="task_group")
    districts: tuple[str, ...]
    capacity: int
    active_from: date
    active_to: date | None
    version: int


class MemberWithLoad(Member):
    model_config = ConfigDict(json_schema_extra={"example": {**MEMBER, "open_tasks": 41}})

    open_tasks: int = Field(description="Open tasks that are theirs")


class MemberWithAbsences(MemberWithLoad):
    model_config = ConfigDict(json_schema_extra={"example": {**MEMBER, "open_tasks": 41, "absences": [ABSENCE]}})

    absences: tuple[Absence, ...]


class Members(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={"example": {"items": [{**MEMBER, "open_tasks": 41}], "next": None}}
    )

    items: list[MemberWithLoad]
    next: str | None = Field(description="Cursor of the next page; null on the last")


@router.get("", responses=responses(400))
async def list_staff(principal: Lister, parts: TheParts, cursor: Cursor = None, limit: Limit = 50) -> Members:
    """The staff register, in the order of the ids, with how many open tasks each has."""
    after = "" if cursor is None else decode_cursor(cursor, 1)[0]
    rows, loads = await _register(parts).members(principal, after, limit + 1)
    more = encode_cursor(rows[limit - 1]["staff_id"]) if len(rows) > limit else None
    items = [
        MemberWithLoad.model_validate({**row, "open_tasks": loads.get(row["staff_id"], 0)}) for row in rows[:limit]
    ]
    return Members(items=items, next=more)


@router.get("/{staff_id}", responses=responses(404))
async def read_member(
    staff_id: ThisMember, principal: Reader, parts: TheParts, response: Response
) -> MemberWithAbsences:
    """One of the staff, with absences and load: yourself, or as coordinator of the city anybody."""
    _self_or_city(principal, staff_id)
    row, absences, load = await _register(parts).member(principal, staff_id)
    response.headers["ETag"] = etag(row["version"])
    return MemberWithAbsences.model_validate(
        {**row, "absences": [dict(one) for one in absences], "open_tasks": load}
    )


@router.put("/{staff_id}", responses=PUT)
async def put_member(
    staff_id: ThisMember,
    principal: Keeper,
    member: MemberBody,
    seen: SeenVersion,
    parts: TheParts,
    response: Response,
) -> Member:
    """Register one of the staff, or change them (with If-Match).

    From then on new tasks are given to them by district and load. When they leave (`active_to`) their open
    tasks are given to others in the same moment, or are nobody's; none is lost.
    """
    values = {
        **member.model_dump(exclude={"group"}),
        "task_group": member.group,
        "districts": list(member.districts),
    }
    kept = await _register(parts).put_member(principal, staff_id, values, seen)
    _say(response, kept)
    return Member.model_validate(dict(kept.row))


@router.put("/{staff_id}/absences/{absence_id}", responses=PUT | responses(404, 409))
async def put_absence(
    staff_id: ThisMember,
    absence_id: UUID,
    principal: Teller,
    absence: AbsenceBody,
    seen: SeenVersion,
    parts: TheParts,
    response: Response,
) -> Absence:
    """Say that somebody is away, under an id of yours: yourself, or as coordinator of the city anybody.

    With a cover, the tasks that are due by the last day are on the cover's list too; without one they are
    given to others on the first day. Nothing new is given to who is away.
    """
    _self_or_city(principal, staff_id)
    kept = await _register(parts).put_absence(principal, staff_id, absence_id, absence.model_dump(), seen)
    _say(response, kept)
    return Absence.model_validate(dict(kept.row))


def _register(parts: TheParts) -> StaffRegister:
    return StaffRegister(parts.pool, parts.clock)


def _say(response: Response, kept: Kept) -> None:
    row: asyncpg.Record = kept.row
    response.headers["ETag"] = etag(row["version"])
    response.status_code = 201 if kept.new else 200


def _self_or_city(principal: Principal, staff_id: str) -> None:
    if staff_id != principal.subject and Scope.ALL not in principal.scopes:
        raise Problem(
            403, "forbidden", "This is about another member of the staff", "Ask a coordinator of the city."
        )
