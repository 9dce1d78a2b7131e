"""Use case: a special handler lifts the marking of a protected identity. No feed ever does."""

from uuid import UUID, uuid4

import asyncpg

from chassis import audit, outbox
from chassis.auth import Principal
from chassis.clock import CivilClock
from chassis.postgres import transaction
from chassis.problems import Problem, not_found
from services.registry import sync_events
from services.registry.db import episodes, evidence
from services.registry.domain.episodes import Change, act

MARKED = """
select protection_in_feed from persons where id = $1 and protection <> 'none' and merged_into is null for update
"""
LIFT = "update persons set protection = 'none' where id = $1"


async def lift(
    pool: asyncpg.Pool, clock: CivilClock, municipality: str, youth_id: UUID, *, by: Principal, reason: str
) -> None:
    """Lift the marking and tell so, in one transaction.

    Raises a Problem: 404 when there is no such protected youth, 409 while the population register has
    the marking: the next feed would set it again.
    """
    at = clock.now()
    async with transaction(pool) as conn:
        marked = await conn.fetchrow(MARKED, youth_id)
        if marked is None:
            raise not_found("protected youth")
        if marked["protection_in_feed"]:
            raise Problem(
                409,
                "still-marked",
                "The population register still has the marking",
                "It can be lifted after a feed has come without it.",
            )
        await conn.execute(LIFT, youth_id)
        gathered = await evidence.of_person(conn, youth_id)
        action = None if gathered is None else act(gathered.person, at.date(), municipality)
        if isinstance(action, Change):  # an end or a registration is for the next run to find
            await episodes.change(conn, [action])
            await outbox.put_many(conn, [sync_events.changed(action, uuid4(), at)])
        await audit.record(
            conn,
            actor=by.subject,
            role=by.role,
            action="youth.lift_protection",
            at=at,
            youth_id=youth_id,
            why=reason,
        )
