"""Journeys of youths, and contacts outside any task."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict

from chassis.access import allow
from chassis.auth import Principal
from chassis.paging import Cursor, Limit, bad_cursor, decode_cursor, encode_cursor
from chassis.problems import not_found, responses
from contracts.actions import Action
from contracts.outreach_workflow import Decided
from contracts.reasons import Step
from services.outreach.api.models import Journey, Journeys, YouthJourney
from services.outreach.api.parts import District, Key, TheParts
from services.outreach.api.read_log import note_reads
from services.outreach.db import journeys
from services.outreach.db.tasks import Where, add_visibility
from services.outreach.decisions import ContactWay
from services.outreach.domain.access import scope_of

router = APIRouter(tags=["youths"], responses=responses(401, 403, 422))
Reader = Annotated[Principal, Depends(allow(Action.JOURNEYS_READ))]
Recorder = Annotated[Principal, Depends(allow(Action.CONTACTS_RECORD))]


class Contact(BaseModel):
    """How the youth got in touch, or was reached, outside a task."""

    model_config = ConfigDict(extra="forbid")

    way: ContactWay


@router.get("/youths/{youth_id}", responses=responses(404))
async def read_youth(youth_id: UUID, principal: Reader, parts: TheParts) -> YouthJourney:
    """Where a youth's outreach stands, with all its transitions."""
    row = await parts.pool.fetchrow(journeys.NEWEST, youth_id)
    if row is None or not scope_of(principal).sees(protected=row["protected"], district=row["district"]):
        raise not_found("youth")
    transitions = await parts.pool.fetch(journeys.TRANSITIONS, youth_id)
    await note_reads(parts, principal, "journey.read", _protected([row]))
    return YouthJourney.model_validate({**row, "transitions": [dict(one) for one in transitions]})


@router.post("/youths/{youth_id}/contacts", responses=responses(400, 404, 409, 503))
async def record_contact(
    youth_id: UUID, principal: Recorder, key: Key, contact: Contact, parts: TheParts
) -> Decided:
    """Record that the youth called, dropped in, or was reached through a guardian: the search ends.

    Safe to repeat with the same Idempotency-Key: the answer is the same.
    """
    return await parts.decisions.contact(principal, youth_id, contact.way, key)


@router.get("/journeys", responses=responses(400))
async def list_journeys(
    principal: Reader,
    parts: TheParts,
    step: Annotated[list[Step] | None, Query(description="Any of these; default: all")] = None,
    district: District = None,
    turning_20_within: Annotated[
        int | None,
        Query(ge=1, le=366, description="Whose duty goes on, with so many days to 20: 90, 60, 30"),
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Journeys:
    """The journeys that you may see, in the order of their ids."""
    where = Where()
    add_visibility(where, scope_of(principal), restricted="protected")
    if step:
        where.add("step = any(?)", list(step))
    if district is not None:
        where.add("district = ?", district)
    if turning_20_within is not None:
        today = parts.clock.today()
        until = today + timedelta(days=turning_20_within)
        where.add("ended_at is null and last_covered_day >= ? and last_covered_day < ?", today, until)
    if cursor is not None:
        where.add("(youth_id, episode_id) > (?, ?)", *_position(cursor))
    rows = await parts.pool.fetch(journeys.page(where.sql(), limit + 1), *where.arguments)
    shown = rows[:limit]
    await note_reads(parts, principal, "journey.read", _protected(shown))
    more = encode_cursor(shown[-1]["youth_id"], shown[-1]["episode_id"]) if len(rows) > limit else None
    return Journeys(items=[Journey.model_validate(dict(row)) for row in shown], next=more)


def _position(cursor: str) -> tuple[UUID, UUID]:
    youth_id, episode_id = decode_cursor(cursor, 2)
    try:
        return UUID(youth_id), UUID(episode_id)
    except ValueError:
        raise bad_cursor() from None


def _protected(rows: Sequence[asyncpg.Record]) -> list[tuple[UUID, UUID]]:
    return [(row["youth_id"], row["episode_id"]) for row in rows if row["protected"]]
