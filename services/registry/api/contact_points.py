"""Contact points of a youth and of the guardians: documentation (förordning 2006:39, 8-9 §§)."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Depends, Response

from chassis.preconditions import SeenVersion, etag
from chassis.problems import Problem, not_found, responses
from contracts.actions import Action
from services.registry.api.contact_models import ContactPoint, ContactPointIn, ContactPoints
from services.registry.api.free_text import check_texts
from services.registry.api.keeping import GOT, Opened, answer, opened, put_responses
from services.registry.api.parts import Reader, TheParts, reader_for
from services.registry.db import contact_points, guardians
from services.registry.decide_now import By
from services.registry.domain.contact_points import ContactKind, Owner
from services.registry.tell_telephones import tell_telephones

router = APIRouter(
    prefix="/youths/{youth_id}/contact-points", tags=["contact points"], responses=responses(401, 403, 404, 422)
)
Reading = Annotated[Reader, Depends(reader_for(Action.CONTACT_POINTS_READ))]
Writing = Annotated[Reader, Depends(reader_for(Action.CONTACT_POINTS_WRITE))]


@router.get("")
async def list_contact_points(reader: Reading, parts: TheParts, youth_id: UUID) -> ContactPoints:
    """All ways to reach a youth, and while under 18 their guardians; those of the register are read only."""
    async with opened(parts, reader, youth_id) as youth:
        rows = await youth.conn.fetch(contact_points.LIST, youth_id, youth.minor)
        in_register = await contact_points.in_register(youth.conn, youth_id)
        tried_first = await _tried_first(youth)
        await youth.record("contact_point.list")
    items = views(rows, tried_first)
    noted = {item.value for item in items if item.owner is Owner.YOUTH and item.tried_first}
    items += [_of_register(row, tried_first if row["value"] not in noted else None) for row in in_register]
    return ContactPoints(items=items)


@router.get("/{contact_point_id}", responses=GOT)
async def get_contact_point(
    reader: Reading, parts: TheParts, response: Response, youth_id: UUID, contact_point_id: UUID
) -> ContactPoint:
    """One contact point, with its ETag."""
    async with opened(parts, reader, youth_id) as youth:
        row = await youth.conn.fetchrow(contact_points.GET, youth_id, contact_point_id, youth.minor)
        if row is None:
            raise not_found("contact point")
        tried_first = await _tried_first(youth)
        await youth.record("contact_point.read", contact_point_id)
    response.headers["ETag"] = etag(row["version"])
    return view(row, tried_first)


@router.put("/{contact_point_id}", responses=put_responses(ContactPoint))
async def put_contact_point(
    reader: Writing,
    parts: TheParts,
    response: Response,
    youth_id: UUID,
    contact_point_id: UUID,
    body: ContactPointIn,
    seen: SeenVersion,
) -> ContactPoint:
    """Keep a contact point under an id of yours; the same again changes nothing. It ends by `valid_until`.

    To mark a number of the register as wrong, or as where the youth answered, keep the same number here.
    """
    check_texts({"value": None if body.kind is ContactKind.PHONE else body.value}, confirmed=True)
    async with opened(parts, reader, youth_id) as youth:
        await youth.latest_episode()
        _not_ahead(youth, body)
        await _check_guardian(youth, body.guardian_id)
        values: dict[str, Any] = body.model_dump()
        put = await youth.put(
            contact_points.CONTACT_POINTS, contact_point_id, values, seen=seen, what="contact_point"
        )
        tried_first = await _tried_first(youth)
        by = By(reader.subject, reader.role)
        await tell_telephones(youth.conn, youth.at, [youth_id], by)
    answer(response, put)
    return view(put.row, tried_first)


def views(rows: Sequence[asyncpg.Record], tried_first: str | None) -> list[ContactPoint]:
    return [view(row, tried_first) for row in rows]


def view(row: asyncpg.Record, tried_first: str | None) -> ContactPoint:
    own = row["guardian_id"] is None
    return ContactPoint(
        id=row["id"],
        kind=row["kind"],
        value=row["value"],
        owner=Owner.YOUTH if own else Owner.GUARDIAN,
        guardian_id=row["guardian_id"],
        source=row["source"],
        valid_from=row["valid_from"],
        valid_until=row["valid_until"],
        answered_at=row["answered_at"],
        wrong_number_on=row["wrong_number_on"],
        read_only=False,
        tried_first=own and row["kind"] == ContactKind.PHONE and row["value"] == tried_first,
        etag=etag(row["version"]),
    )


def _of_register(row: asyncpg.Record, tried_first: str | None) -> ContactPoint:
    return ContactPoint(
        id=None,
        kind=row["kind"],
        value=row["value"],
        owner=Owner.YOUTH,
        source=row["source"],
        read_only=True,
        tried_first=row["kind"] == ContactKind.PHONE and row["value"] == tried_first,
    )


async def _tried_first(youth: Opened) -> str | None:
    return (await contact_points.best_phone(youth.conn, [youth.youth_id], youth.today)).get(youth.youth_id)


def _not_ahead(youth: Opened, body: ContactPointIn) -> None:
    ahead = [
        field
        for field, lies_ahead in (
            ("answered_at", body.answered_at is not None and body.answered_at > youth.at),
            ("wrong_number_on", body.wrong_number_on is not None and body.wrong_number_on > youth.today),
        )
        if lies_ahead
    ]
    if ahead:
        raise Problem(422, "in-the-future", "It cannot have happened yet", f"Look at {' and '.join(ahead)}.")


async def _check_guardian(youth: Opened, guardian_id: UUID | None) -> None:
    if guardian_id is None:
        return
    if not youth.minor:
        raise of_age()
    if await youth.conn.fetchval(guardians.IS_OF, youth.youth_id, guardian_id) is None:
        raise Problem(422, "no-such-guardian", "The youth has no such guardian", "Keep the guardian first.")


def of_age() -> Problem:
    return Problem(409, "of-age", "The youth has turned 18", "Nothing about guardians is kept from then on.")
