"""The day list of a pair as PDF, for the field.

Outreach knows who goes where and in which order, by opaque ids; the registry knows names and addresses. They meet
here, where letters get them too, for as long as it takes to print. The list is not kept.
"""

import asyncio
from datetime import date
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import StringConstraints

from chassis import audit
from chassis.access import allow
from chassis.auth import Principal
from chassis.postgres import transaction
from chassis.problems import Problem, responses
from contracts.actions import Action
from contracts.messages import PrintPurpose
from services.notifications.api.deps import Clock, Pool
from services.notifications.day_list.render import pdf_of
from services.notifications.day_list.rows import rows_of
from services.notifications.outreach_client import OutreachClient, OutreachUnavailable
from services.notifications.registry_client import RegistryClient, RegistryUnavailable
from services.notifications.sender import Sender

router = APIRouter(prefix="/visits", tags=["visits"])
log = structlog.get_logger(__name__)
Reader = Annotated[Principal, Depends(allow(Action.VISITS_PRINT))]
StaffName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


@router.get(
    "/day-list.pdf",
    response_class=Response,
    responses={
        **responses(401, 403, 422, 503),
        200: {"content": {"application/pdf": {}}, "description": "The list, to be shredded after the day"},
    },
)
async def print_day_list(
    request: Request,
    principal: Reader,
    pool: Pool,
    clock: Clock,
    day: Annotated[date | None, Query(alias="date", description="Default: today")] = None,
    staff: Annotated[
        list[StaffName] | None, Query(max_length=2, description="Staff ids of the pair; `me`, or none, is you")
    ] = None,
) -> Response:
    """The visits that a pair still has to make on a day: time, name, street and postal code, and nothing else.

    Nobody with protected identity is ever on it, nor what you may not see in outreach.
    """
    outreach: OutreachClient = request.app.state.outreach
    registry: RegistryClient | None = request.app.state.registry
    sender: Sender = request.app.state.sender
    on, now = day or clock.today(), clock.now()
    try:
        names, visits = await outreach.day_list(request.headers["Authorization"], on, staff or ["me"])
        youth_ids = sorted({visit.youth_id for visit in visits if visit.state == "booked"})
        if registry is None:
            raise RegistryUnavailable("no service token")
        recipients = await registry.recipients(youth_ids, PrintPurpose.DAY_LIST) if youth_ids else {}
    except (OutreachUnavailable, RegistryUnavailable) as error:
        log.warning("day_list_not_made", why=str(error))
        raise Problem(
            503,
            "day-list-unavailable",
            "The list cannot be made just now",
            "Another service does not answer. Try again in a moment.",
            headers={"Retry-After": "5"},
        ) from None
    async with transaction(pool) as conn:
        await audit.record_each(
            conn,
            actor=principal.subject,
            role=principal.role,
            action="visit.print",
            at=now,
            about=[(visit.youth_id, str(visit.visit_id)) for visit in visits if visit.state == "booked"],
        )
    rows = rows_of(visits, recipients)
    try:
        pdf = await asyncio.to_thread(pdf_of, on, names, rows, sender, now)
    except Exception as error:  # its text may hold a name
        log.error("day_list_not_rendered", error=type(error).__name__)
        raise Problem(500, "not-rendered", "The list could not be set") from None
    return Response(
        pdf,
        media_type="application/pdf",
        headers={
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "Content-Disposition": f'inline; filename="hembesok-{on.isoformat()}.pdf"',
        },
    )
