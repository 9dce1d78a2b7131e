"""Occupation of a youth: register data (förordning 2006:39, 4 § 2)."""

from datetime import date
from typing import Annotated
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Depends, Query, Response

from chassis import outbox
from chassis.preconditions import SeenVersion, etag
from chassis.problems import Problem, not_found, responses
from contracts.actions import Action
from contracts.ids import business_id
from contracts.occupation import CATEGORY, OccupationCode, OccupationRecorded
from services.registry.api.keeping import GOT, Opened, answer, opened, put_responses
from services.registry.api.occupation_models import Occupation, OccupationIn, Occupations
from services.registry.api.parts import Reader, TheParts, reader_for
from services.registry.db import occupations
from services.registry.db.kept import Done
from services.registry.domain.occupation import current

router = APIRouter(
    prefix="/youths/{youth_id}/occupations", tags=["occupation"], responses=responses(401, 403, 404, 422)
)
Reading = Annotated[Reader, Depends(reader_for(Action.OCCUPATIONS_READ))]
Writing = Annotated[Reader, Depends(reader_for(Action.OCCUPATIONS_WRITE))]


@router.get("")
async def list_occupations(
    reader: Reading,
    parts: TheParts,
    youth_id: UUID,
    on: Annotated[date | None, Query(description="The day of `current`; today when left out")] = None,
) -> Occupations:
    """All that has been said of a youth's occupation, the latest begun first, and what counts on a day."""
    async with opened(parts, reader, youth_id) as youth:
        rows = await youth.conn.fetch(occupations.LIST, youth_id)
        await youth.record("occupation.list")
    day = on or youth.today
    counts = current(map(occupations.entry, rows), day)
    return Occupations(
        on=day, current=None if counts is None else counts.entry_id, items=[_view(row) for row in rows]
    )


@router.get("/{occupation_id}", responses=GOT)
async def get_occupation(
    reader: Reading, parts: TheParts, response: Response, youth_id: UUID, occupation_id: UUID
) -> Occupation:
    """One entry, with its ETag."""
    async with opened(parts, reader, youth_id) as youth:
        row = await youth.conn.fetchrow(occupations.GET, youth_id, occupation_id)
        if row is None:
            raise not_found("occupation")
        await youth.record("occupation.read", occupation_id)
    response.headers["ETag"] = etag(row["version"])
    return _view(row)


@router.put("/{occupation_id}", responses=put_responses(Occupation))
async def put_occupation(
    reader: Writing,
    parts: TheParts,
    response: Response,
    youth_id: UUID,
    occupation_id: UUID,
    body: OccupationIn,
    seen: SeenVersion,
) -> Occupation:
    """Keep an entry under an id of yours; the same again changes nothing. Told to others as codes."""
    async with opened(parts, reader, youth_id) as youth:
        episode_id = await youth.latest_episode()
        if body.known_on > youth.today or (body.withdrawn_on or body.known_on) > youth.today:
            raise Problem(
                422,
                "in-the-future",
                "It cannot be known yet",
                "Look at known_on and withdrawn_on; only starts_on and ends_on may lie ahead.",
            )
        put = await youth.put(
            occupations.OCCUPATIONS, occupation_id, body.model_dump(), seen=seen, what="occupation"
        )
        if put.done is not Done.NOTHING:
            await outbox.put_many(youth.conn, [_event(youth, episode_id, put.row)])
    answer(response, put)
    return _view(put.row)


def _view(row: asyncpg.Record) -> Occupation:
    return Occupation(
        id=row["id"],
        code=row["code"],
        category=CATEGORY[OccupationCode(row["code"])],
        starts_on=row["starts_on"],
        ends_on=row["ends_on"],
        knowledge_source=row["knowledge_source"],
        known_on=row["known_on"],
        withdrawn_on=row["withdrawn_on"],
        etag=etag(row["version"]),
    )


def _event(youth: Opened, episode_id: UUID, row: asyncpg.Record) -> outbox.OutgoingEvent:
    data = OccupationRecorded(
        youth_id=youth.youth_id,
        episode_id=episode_id,
        occupation_id=row["id"],
        district=youth.district,
        occupation=row["code"],
        starts_on=row["starts_on"],
        ends_on=row["ends_on"],
        knowledge_source=row["knowledge_source"],
        known_on=row["known_on"],
        withdrawn=row["withdrawn_on"] is not None,
    )
    event_id = business_id("occupation-recorded", row["id"], row["version"])
    return outbox.OutgoingEvent(data.topic, youth.youth_id, data.type, data, youth.at, event_id)
