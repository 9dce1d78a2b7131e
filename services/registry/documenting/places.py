"""A place of a measure that becomes free is offered to the next in line, in the same transaction."""

from datetime import datetime

import asyncpg

from chassis import audit, outbox
from chassis.postgres import Connection
from contracts.roles import Role
from services.registry.db import measures
from services.registry.documenting import events
from services.registry.domain import school_year
from services.registry.domain.measures import Measure, OfferPlace, free_places, next_in_line, take

ACTOR = "registry"  # nobody decides who is next


async def offer_free_places(conn: Connection, entry: asyncpg.Record, at: datetime) -> None:
    """Offer what is free to those who wait, in order of acceptance. The caller holds the lock of ``entry``."""
    kept = await conn.fetchval(measures.KEPT, entry["id"])
    year, today = school_year.parse(entry["school_year"]), at.date()
    waiting = await conn.fetch(measures.WAITING, entry["id"], free_places(entry["places"], kept))
    rows = next_in_line(waiting, places=entry["places"], kept=kept, year=year, today=today)
    if not rows:
        return
    step = OfferPlace(today)
    after = [take(measures.measure_of(row), step, place_free=True, year=year, today=today) for row in rows]
    await conn.executemany(
        measures.STEP, [step_values(row, one, at, ACTOR) for row, one in zip(rows, after, strict=True)]
    )
    await outbox.put_many(
        conn, [events.stepped(row, entry, one, step, at) for row, one in zip(rows, after, strict=True)]
    )
    await audit.record_each(
        conn,
        actor=ACTOR,
        role=Role.SERVICE,
        action="measure.offer_place",
        at=at,
        about=[(row["person_id"], str(row["id"])) for row in rows],
    )


def step_values(row: asyncpg.Record, after: Measure, at: datetime, by: str) -> tuple[object, ...]:
    """Return the values of `measures.STEP` for a measure as it is after the step."""
    return (
        row["id"],
        after.state,
        after.accepted_on,
        after.place_offered_on,
        after.place_taken_on,
        after.started_on,
        after.ended_on,
        after.declined_on,
        after.withdrawn_on,
        after.end_reason,
        after.withdrawal_reason,
        after.occupation_after,
        at,
        by,
    )
