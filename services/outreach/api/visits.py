"""Home visits: free times for them, the day of a pair, and checking in and out."""

from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime

from chassis.access import allow
from chassis.auth import Principal
from chassis.clock import STOCKHOLM
from chassis.problems import Problem, not_found, responses
from contracts.actions import Action
from contracts.tasks import StaffId
from services.outreach.api.parts import District, Parts, TheParts
from services.outreach.api.read_log import note_reads
from services.outreach.api.visit_models import DayList, Slot, Slots, Visit
from services.outreach.assigning import register_on
from services.outreach.db import journeys, visits
from services.outreach.domain.access import scope_of
from services.outreach.domain.free_slots import Busy, free_slots
from services.outreach.domain.visit_staff import candidates
from services.outreach.visiting import Visiting, sees

router = APIRouter(prefix="/visits", tags=["visits"], responses=responses(401, 403, 422))
Planner = Annotated[Principal, Depends(allow(Action.VISITS_PLAN))]
Reader = Annotated[Principal, Depends(allow(Action.VISITS_READ))]
Visitor = Annotated[Principal, Depends(allow(Action.VISITS_CHECK_IN))]
ONE_DAY = timedelta(days=1)
TwoStaff = Annotated[
    list[StaffId] | None, Query(max_length=2, description="Staff ids, `me` is you; twice for the two of a pair")
]


@router.get("/free-slots", responses=responses(404, 409))
async def find_free_slots(
    principal: Planner,
    parts: TheParts,
    youth_id: Annotated[UUID | None, Query(description="Whom the visit is for; or else `district`")] = None,
    district: District = None,
    staff: TwoStaff = None,
    after: Annotated[AwareDatetime | None, Query(description="Only slots that start later than this")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
) -> Slots:
    """When two of the staff can visit a youth, planned now: times with two who are free, in order.

    By the policy in force (the post must arrive, working days, hours), the duty of the youth, absences, and the
    visits that are booked or being booked. A slot is not reserved: completing the task `plan_home_visit` with it
    does that, or answers 409 when it is taken meanwhile.
    """
    where, last_day = await _where(principal, parts, youth_id, district)
    now, wanted = parts.clock.now(), _names(principal, staff)
    members = candidates(await register_on(parts.pool, now.date()), where, wanted)
    policy = await parts.policies.in_force()
    horizon = now + policy.visit_lead_time + policy.visit_latest + 2 * ONE_DAY
    rows = await parts.pool.fetch(visits.BUSY, [one.staff_id for one in members], now, horizon)
    busy = [Busy(tuple(row["staff"]), row["start"], row["end"]) for row in rows]
    slots = free_slots(policy, now, members, busy, last_day=last_day, wanted=frozenset(wanted), after=after)
    found = list(islice(slots, limit + 1))
    items = [Slot(starts_at=one.start, ends_at=one.end, staff=one.staff, free=one.free) for one in found[:limit]]
    return Slots(items=items, next=items[-1].starts_at if len(found) > limit else None)


@router.get("/day-list")
async def read_day_list(
    principal: Reader,
    parts: TheParts,
    day: Annotated[date | None, Query(alias="date", description="Default: today")] = None,
    staff: TwoStaff = None,
) -> DayList:
    """The visits of one or two of the staff (default: you) on a day, in the order of their times.

    Visits that are called off, and youths with protected identity, are not on it. The list for the field, with
    names and addresses as PDF, is notifications': `GET /visits/day-list.pdf` there.
    """
    names = _names(principal, staff) or (principal.subject,)
    on = day or parts.clock.today()
    begins = datetime.combine(on, time(0), STOCKHOLM)
    rows = await parts.pool.fetch(visits.DAY, list(names), begins, begins + ONE_DAY)
    items = [Visit.model_validate(dict(row)) for row in rows if not row["restricted"] and sees(principal, row)]
    return DayList(date=on, staff=names, items=items)


@router.get("/{visit_id}", responses=responses(404))
async def read_visit(visit_id: UUID, principal: Reader, parts: TheParts) -> Visit:
    """One visit, whatever became of it. Its id is that of its task."""
    row = await parts.pool.fetchrow(visits.ONE, visit_id)
    if row is None or not sees(principal, row):
        raise not_found("visit")
    if row["restricted"]:
        await note_reads(parts, principal, "visit.read", [(row["youth_id"], visit_id)])
    return Visit.model_validate(dict(row))


@router.post("/{visit_id}/check-in", responses=responses(404, 409))
async def check_in(visit_id: UUID, principal: Visitor, parts: TheParts) -> Visit:
    """You are at the door, both of you. Not checked out by `check_out_by`, an alarm goes to the coordinators.

    One of the two does it for both; again is harmless.
    """
    row = await Visiting(parts.pool, parts.clock, parts.policies.in_force).check_in(principal, visit_id)
    return Visit.model_validate(dict(row))


@router.post("/{visit_id}/check-out", responses=responses(404, 409))
async def check_out(visit_id: UUID, principal: Visitor, parts: TheParts) -> Visit:
    """Both of you are out again and well. One of the two does it for both; again is harmless."""
    row = await Visiting(parts.pool, parts.clock, parts.policies.in_force).check_out(principal, visit_id)
    return Visit.model_validate(dict(row))


async def _where(
    principal: Principal, parts: Parts, youth_id: UUID | None, district: str | None
) -> tuple[str | None, date | None]:
    """Return the district of a visit, and the last day on which it can be."""
    if (youth_id is None) == (district is None):
        raise Problem(
            422, "invalid-request", "The request is not valid",
            errors=[{"field": "query.youth_id", "reason": "give either youth_id or district"}],
        )  # fmt: skip
    if youth_id is None:
        if not scope_of(principal).sees(protected=False, district=district):
            raise Problem(403, "forbidden", "This is not one of your districts")
        return district, None
    journey = await parts.pool.fetchrow(journeys.NEWEST, youth_id)
    if journey is None or not scope_of(principal).sees(
        protected=journey["protected"], district=journey["district"]
    ):
        raise not_found("youth")
    if journey["protected"]:
        raise Problem(
            409, "protected", "Nothing is planned here for this youth",
            "Who has a protected identity is handled by hand.", reason="protected",
        )  # fmt: skip
    return journey["district"], journey["last_covered_day"]


def _names(principal: Principal, staff: list[str] | None) -> tuple[str, ...]:
    return tuple(sorted({principal.subject if one == "me" else one for one in staff or ()}))
