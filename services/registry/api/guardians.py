"""Guardians of youths under 18: documentation. From the 18th birthday on no answer holds them."""

from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Depends, Response

from chassis.preconditions import SeenVersion, etag
from chassis.problems import not_found, responses
from contracts.actions import Action
from services.registry.api import contact_points as contacts_api
from services.registry.api.contact_models import ContactPoint, Guardian, GuardianIn, Guardians
from services.registry.api.keeping import GOT, Opened, answer, opened, put_responses
from services.registry.api.models import Name
from services.registry.api.parts import Reader, TheParts, reader_for
from services.registry.db import contact_points, guardians
from services.registry.domain.age import OF_AGE_AT, birthday

router = APIRouter(
    prefix="/youths/{youth_id}/guardians", tags=["guardians"], responses=responses(401, 403, 404, 422)
)
Reading = Annotated[Reader, Depends(reader_for(Action.GUARDIANS_READ))]
Writing = Annotated[Reader, Depends(reader_for(Action.GUARDIANS_WRITE))]


@router.get("")
async def list_guardians(reader: Reading, parts: TheParts, youth_id: UUID) -> Guardians:
    """The guardians of a youth under 18, with how to reach them; of an older youth none."""
    async with opened(parts, reader, youth_id) as youth:
        rows = await youth.conn.fetch(guardians.LIST, youth_id) if youth.minor else []
        reached = await _contact_points(youth)
        await youth.record("guardian.list")
    return Guardians(items=[_view(row, reached) for row in rows], until=_last_day(youth))


@router.get("/{guardian_id}", responses=GOT)
async def get_guardian(
    reader: Reading, parts: TheParts, response: Response, youth_id: UUID, guardian_id: UUID
) -> Guardian:
    """One guardian, with the ETag."""
    async with opened(parts, reader, youth_id) as youth:
        row = await youth.conn.fetchrow(guardians.GET, youth_id, guardian_id) if youth.minor else None
        if row is None:
            raise not_found("guardian")
        reached = await _contact_points(youth)
        await youth.record("guardian.read", guardian_id)
    response.headers["ETag"] = etag(row["version"])
    return _view(row, reached)


@router.put("/{guardian_id}", responses=put_responses(Guardian))
async def put_guardian(
    reader: Writing,
    parts: TheParts,
    response: Response,
    youth_id: UUID,
    guardian_id: UUID,
    body: GuardianIn,
    seen: SeenVersion,
) -> Guardian:
    """Keep a guardian under an id of yours; the same again changes nothing. It ends by `valid_until`."""
    async with opened(parts, reader, youth_id) as youth:
        await youth.latest_episode()
        if not youth.minor:
            raise contacts_api.of_age()
        values = body.model_dump(exclude={"name"})
        values |= {"first_name": body.name.first, "last_name": body.name.last}
        put = await youth.put(guardians.GUARDIANS, guardian_id, values, seen=seen, what="guardian")
        reached = await _contact_points(youth)
    answer(response, put)
    return _view(put.row, reached)


async def _contact_points(youth: Opened) -> list[ContactPoint]:
    rows = await youth.conn.fetch(contact_points.LIST, youth.youth_id, youth.minor)
    return contacts_api.views(rows, tried_first=None)


def _view(row: asyncpg.Record, reached: list[ContactPoint]) -> Guardian:
    return Guardian(
        id=row["id"],
        name=Name(first=row["first_name"], last=row["last_name"]),
        relation=row["relation"],
        source=row["source"],
        valid_from=row["valid_from"],
        valid_until=row["valid_until"],
        contact_points=[one for one in reached if one.guardian_id == row["id"]],
        etag=etag(row["version"]),
    )


def _last_day(youth: Opened) -> date:
    return birthday(youth.row["birth_date"], OF_AGE_AT) - timedelta(days=1)
