"""Use cases: a consent is recorded, and withdrawn; with it end the holds that rest on it."""

from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

import asyncpg

from chassis import outbox
from chassis.problems import Problem, not_found
from contracts.documentation import ConsentPurpose, GivenBy, Party
from services.registry.api.keeping import Opened
from services.registry.db import consents, holds, rows
from services.registry.documenting import events
from services.registry.documenting.covering import covering
from services.registry.documenting.refusals import id_taken
from services.registry.domain.consents import Refusal, Refused, check_given

_REFUSED = {
    Refusal.YOUTH_SPEAKS: "From the 16th birthday on the youth consents, alone or beside a guardian",
    Refusal.GUARDIAN_NEEDED: "Below 16 a guardian consents, alone or beside the youth",
    Refusal.NO_GUARDIAN: "From the 18th birthday on there is no guardian",
    Refusal.IN_THE_FUTURE: "The consent is given on a day that lies ahead",
}


@dataclass(frozen=True, slots=True)
class Given:
    """``until`` is the last day; None: until it is withdrawn."""

    party: Party
    purpose: ConsentPurpose
    given_by: GivenBy
    given_on: date
    until: date | None


async def put(youth: Opened, consent_id: UUID, given: Given) -> tuple[asyncpg.Record, bool]:
    """Record a consent. Return the row, and whether it is new. The same again changes nothing.

    Raises a Problem: 422 when those who gave it could not, 409 when the id stands for another consent.
    """
    before = await youth.conn.fetchrow(consents.ANY, consent_id)
    if before is None:
        row = await _give(youth, consent_id, given)
        if row is not None:
            return row, True
        before = await rows.one(youth.conn, consents.ANY, consent_id)  # the same request, at the same moment
    if before["person_id"] != youth.youth_id:
        raise id_taken()
    if {key: before[key] for key in asdict(given)} != asdict(given):
        raise Problem(
            409,
            "consent-fixed",
            "What was consented to cannot be changed",
            "Withdraw the consent, and record the other one under a new id.",
        )
    await youth.record("consent.read", consent_id)
    return before, False


async def withdraw(youth: Opened, consent_id: UUID) -> asyncpg.Record:
    """Withdraw a consent, which holds from this instant on, and end its holds. Again is harmless."""
    conn, at, by = youth.conn, youth.at, youth.reader.subject
    before = await conn.fetchrow(consents.LOCK, consent_id, youth.youth_id)
    if before is None:
        raise not_found("consent")
    if before["withdrawn_at"] is not None:
        await youth.record("consent.read", consent_id)
        return before
    row = await rows.one(conn, consents.WITHDRAW, consent_id, at, by)
    ended = await conn.fetch(holds.END_OF_CONSENT, consent_id, at, youth.today, by)
    told = [events.consent_withdrawn(row, at), *(events.hold_ended(hold, at) for hold in ended)]
    await outbox.put_many(conn, told)
    await youth.record("consent.withdraw", consent_id)
    for hold in ended:
        await youth.record("hold.end", hold["id"])
    return row


async def _give(youth: Opened, consent_id: UUID, given: Given) -> asyncpg.Record | None:
    """Return the new row; None when the id has come into being meanwhile."""
    episode = await covering(youth)
    try:
        check_given(given.given_by, given.given_on, youth.row["birth_date"], youth.today)
    except Refused as refused:
        raise Problem(422, refused.why, _REFUSED[refused.why]) from None
    row = await youth.conn.fetchrow(
        consents.INSERT, consent_id, youth.youth_id, episode.id, *asdict(given).values(), youth.at,
        youth.reader.subject,
    )  # fmt: skip
    if row is not None:
        await outbox.put_many(youth.conn, [events.consent_given(row, youth.at)])
        await youth.record("consent.give", consent_id)
    return row
