"""GET /subject-data/{youth_id}: what a service has about one person, for the registry's export alone."""

from collections.abc import Callable, Sequence
from typing import Annotated
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Depends, Request, Response

from chassis import audit
from chassis.access import Allow
from chassis.auth import Principal
from chassis.clock import CivilClock
from chassis.postgres import transaction
from chassis.problems import responses
from chassis.subject_data import Section, SubjectData, gather


def make_router(
    sections: Sequence[Section], parts: Callable[[Request], tuple[asyncpg.Pool, CivilClock]], read: Allow
) -> APIRouter:
    """Return the route of a service with these sections; ``read`` is its action."""
    router = APIRouter(tags=["subject data"], responses=responses(401, 403, 422))

    @router.get("/subject-data/{youth_id}")
    async def read_subject_data(
        youth_id: UUID,
        service: Annotated[Principal, Depends(read)],
        request: Request,
        response: Response,
    ) -> SubjectData:
        """Everything that this service has about a youth; of an unknown id, empty sections. Recorded."""
        pool, clock = parts(request)
        async with transaction(pool) as conn:
            await audit.record(
                conn,
                actor=service.subject,
                role=service.role,
                action="subject_data.read",
                at=clock.now(),
                youth_id=youth_id,
            )
            found = await gather(conn, sections, [youth_id])
        response.headers["Cache-Control"] = "no-store"
        return SubjectData(youth_id=youth_id, sections=found)

    return router
