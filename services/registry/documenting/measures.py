"""Use cases: a youth is offered a measure, and the measure takes its steps."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import asyncpg

from chassis import outbox
from chassis.preconditions import check_seen
from chassis.problems import Problem, not_found
from contracts.occupation import OccupationCode
from services.registry.api.keeping import Opened
from services.registry.db import catalogue, measures, rows
from services.registry.documenting import events
from services.registry.documenting.covering import covering
from services.registry.documenting.places import offer_free_places, step_values
from services.registry.documenting.refusals import id_taken
from services.registry.domain import school_year
from services.registry.domain.measures import Accept, Refusal, Refused, Step, check_offer, take

_REFUSED = {
    Refusal.NOT_FROM_THIS_STATE: (409, "The measure does not stand where this step begins"),
    Refusal.MADE_ALREADY: (409, "The step has been taken already, with another content"),
    Refusal.IN_THE_FUTURE: (422, "The day lies ahead: what is recorded has happened"),
    Refusal.BEFORE_THE_LAST_STEP: (422, "The day lies before the measure's last step"),
    Refusal.OUTSIDE_THE_SCHOOL_YEAR: (422, "The catalogue's school year does not allow that day"),
}


@dataclass(frozen=True, slots=True)
class Offer:
    """What is recorded when a measure is offered; the last two can be corrected later."""

    catalogue_id: UUID
    offered_on: date
    occupation_before: OccupationCode
    follows_up: str


async def put(youth: Opened, measure_id: UUID, offer: Offer, seen: int | None) -> tuple[asyncpg.Record, bool]:
    """Offer a measure, or correct what was recorded of the offer. Return the row, and whether it is new.

    The same again changes nothing. Raises a Problem: 404, 409 or 422 for what cannot be offered; 409 for what
    cannot be corrected; 412 and 428 as `check_seen`.
    """
    before = await youth.conn.fetchrow(measures.LOCK, measure_id)
    if before is None:
        check_seen(seen, None)
        if await _offer(youth, measure_id, offer):
            return await _view(youth, measure_id), True
        before = await rows.one(youth.conn, measures.LOCK, measure_id)  # the same request, at the same moment
    if before["person_id"] != youth.youth_id:
        raise id_taken()
    recorded = Offer(
        before["catalogue_id"], before["offered_on"], before["occupation_before"], before["follows_up"]
    )
    if recorded == offer:
        await youth.record("measure.read", measure_id)
    else:
        check_seen(seen, before["version"])
        await _correct(youth, before, offer)
    return await _view(youth, measure_id), False


async def step(youth: Opened, measure_id: UUID, step: Step) -> asyncpg.Record:
    """Take a step, and return the row; a step that has been taken already changes nothing.

    Raises a Problem: 404, 409 for a step that does not begin where the measure stands, 422 for its day.
    """
    conn, at = youth.conn, youth.at
    catalogue_id = await conn.fetchval(measures.CATALOGUE_OF, measure_id, youth.youth_id)
    if catalogue_id is None:
        raise not_found("measure")
    # First the catalogue's row, then the measure's: all do it in this order.
    entry = await rows.one(conn, catalogue.LOCK, catalogue_id)
    if isinstance(step, Accept):
        await offer_free_places(conn, entry, at)  # nobody is overtaken
    row = await rows.one(conn, measures.LOCK, measure_id)
    before = measures.measure_of(row)
    kept: int = await conn.fetchval(measures.KEPT, catalogue_id)
    place_free = entry["places"] is None or kept < entry["places"]
    year = school_year.parse(entry["school_year"])
    try:
        after = take(before, step, place_free=place_free, year=year, today=youth.today)
    except Refused as refused:
        raise _problem(refused) from None
    if after == before:
        await youth.record("measure.read", measure_id)
    else:
        await conn.execute(measures.STEP, *step_values(row, after, at, youth.reader.subject))
        await outbox.put_many(conn, [events.stepped(row, entry, after, step, at)])
        if before.keeps_place and not after.keeps_place:
            await offer_free_places(conn, entry, at)
        await youth.record(f"measure.{events.name_of(step)}", measure_id)
    return await _view(youth, measure_id)


async def _offer(youth: Opened, measure_id: UUID, offer: Offer) -> bool:
    """Return False when the id has come into being meanwhile."""
    episode = await covering(youth)
    entry = await youth.conn.fetchrow(catalogue.LOCK, offer.catalogue_id)  # one offer after another
    if entry is None:
        raise Problem(422, "no-such-catalogue-entry", "The catalogue has no such measure")
    if await youth.conn.fetchval(measures.CATALOGUE_OF, measure_id, youth.youth_id) is not None:
        return False
    try:
        check_offer(offer.offered_on, school_year.parse(entry["school_year"]), youth.today)
    except Refused as refused:
        raise _problem(refused) from None
    if await youth.conn.fetchval(measures.OPEN, youth.youth_id, offer.catalogue_id) is not None:
        raise Problem(
            409,
            "measure-open",
            "This measure is in question for the youth already",
            "Take its next step, or end or withdraw it first.",
        )
    row = await youth.conn.fetchrow(
        measures.INSERT, measure_id, youth.youth_id, episode.id, offer.catalogue_id, offer.offered_on,
        offer.occupation_before, offer.follows_up, youth.at, youth.reader.subject,
    )  # fmt: skip
    if row is None:
        return False
    await outbox.put_many(youth.conn, [events.offered(row, entry, youth.at)])
    await youth.record("measure.offer", measure_id)
    return True


async def _correct(youth: Opened, before: asyncpg.Record, offer: Offer) -> None:
    if (before["catalogue_id"], before["offered_on"]) != (offer.catalogue_id, offer.offered_on):
        raise Problem(
            409,
            "measure-fixed",
            "Which measure was offered, and when, cannot be changed",
            "Withdraw it as recorded in error, and record the right one.",
        )
    await youth.conn.execute(
        measures.CHANGE, before["id"], offer.occupation_before, offer.follows_up, youth.at, youth.reader.subject
    )
    await youth.record("measure.change", before["id"])


async def _view(youth: Opened, measure_id: UUID) -> asyncpg.Record:
    return await rows.one(youth.conn, measures.ONE, measure_id, youth.youth_id)


def _problem(refused: Refused) -> Problem:
    status, title = _REFUSED[refused.why]
    return Problem(status, refused.why, title)
