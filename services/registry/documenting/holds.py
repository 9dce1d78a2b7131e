"""Use cases: outreach waits (avvakta) as a party has asked, for as long as the youth's consent to it holds.

Whoever places or extends a hold first locks the youth's consents, so that no hold comes about beside the
withdrawal of its consent, and no two at the same moment.
"""

from datetime import date
from uuid import UUID

import asyncpg

from chassis import outbox
from chassis.problems import Problem, not_found
from contracts.documentation import HoldEndReason
from services.registry.api.keeping import Opened
from services.registry.db import consents, holds, rows
from services.registry.documenting import events
from services.registry.documenting.covering import covering
from services.registry.documenting.refusals import id_taken
from services.registry.domain.consents import Consent
from services.registry.domain.holds import Refusal, Refused, State, check_extension, check_until

_REFUSED = {
    Refusal.NO_VALID_CONSENT: (409, "No consent of the youth to a hold is valid now"),
    Refusal.OUTLIVES_CONSENT: (422, "The hold would last longer than the consent"),
    Refusal.OUTLIVES_DUTY: (422, "The hold would last longer than the duty can"),
    Refusal.IN_THE_PAST: (422, "The last day of the hold has passed"),
    Refusal.NOT_ACTIVE: (409, "The hold is over"),
    Refusal.NOT_LATER: (422, "The hold lasts until that day already; to shorten it, end it"),
}


async def put(youth: Opened, hold_id: UUID, consent_id: UUID, until: date) -> tuple[asyncpg.Record, bool]:
    """Place a hold. Return the row, and whether it is new. The same again changes nothing.

    Raises a Problem: 409 without a consent that holds, or when there is a hold; 422 for its last day.
    """
    given = await _lock_consents(youth)
    before = await youth.conn.fetchrow(holds.ANY, hold_id)
    if before is None:
        if await _place(youth, hold_id, consent_id, given.get(consent_id), until):
            return await _view(youth, hold_id), True
        before = await rows.one(youth.conn, holds.ANY, hold_id)  # at the same moment, for another youth
    if before["person_id"] != youth.youth_id or before["consent_id"] not in given:
        raise id_taken()
    if (before["consent_id"], before["asked_until"]) != (consent_id, until):
        raise Problem(
            409,
            "hold-fixed",
            "This hold was placed otherwise",
            "Extend it or end it; for another one choose a new id.",
        )
    await youth.record("hold.read", hold_id)
    return before, False


async def extend(youth: Opened, hold_id: UUID, until: date) -> asyncpg.Record:
    """Give an active hold a later last day. The same day again changes nothing."""
    given = await _lock_consents(youth)
    before = await _lock(youth, hold_id)
    if before["consent_id"] not in given:
        raise not_found("hold")
    if before["until"] == until:
        await youth.record("hold.read", hold_id)
    else:
        episode = await covering(youth)
        try:
            check_extension(holds.hold_of(before), until, youth.at)
            check_until(until, given[before["consent_id"]], episode.last_covered_day, youth.at)
        except Refused as refused:
            raise _problem(refused.why) from None
        row = await rows.one(youth.conn, holds.EXTEND, hold_id, until, youth.at, youth.reader.subject)
        await outbox.put_many(youth.conn, [events.hold_placed(row, until, youth.at)])
        await youth.record("hold.extend", hold_id)
    return await _view(youth, hold_id)


async def end(youth: Opened, hold_id: UUID, reason: HoldEndReason) -> asyncpg.Record:
    """End an active hold now. Again, for the same reason, is harmless."""
    before = holds.hold_of(await _lock(youth, hold_id))
    if before.end_reason is reason:
        await youth.record("hold.read", hold_id)
    else:
        if before.state_at(youth.at) is not State.ACTIVE:
            raise _problem(Refusal.NOT_ACTIVE)
        row = await rows.one(youth.conn, holds.END, hold_id, youth.at, reason, youth.reader.subject)
        await outbox.put_many(youth.conn, [events.hold_ended(row, youth.at)])
        await youth.record("hold.end", hold_id)
    return await _view(youth, hold_id)


async def _place(youth: Opened, hold_id: UUID, consent_id: UUID, consent: Consent | None, until: date) -> bool:
    """Return False when the id has come into being meanwhile."""
    episode = await covering(youth)
    try:
        if consent is None:
            raise Refused(Refusal.NO_VALID_CONSENT)
        check_until(until, consent, episode.last_covered_day, youth.at)
    except Refused as refused:
        raise _problem(refused.why) from None
    if await youth.conn.fetchval(holds.ACTIVE, youth.youth_id, youth.today) is not None:
        raise Problem(
            409, "hold-active", "Outreach waits already", "Extend the hold that there is, or end it first."
        )
    row = await youth.conn.fetchrow(
        holds.INSERT, hold_id, youth.youth_id, episode.id, consent_id, youth.today, until, youth.at,
        youth.reader.subject,
    )  # fmt: skip
    if row is None:
        return False
    await outbox.put_many(youth.conn, [events.hold_placed(row, until, youth.at)])
    await youth.record("hold.place", hold_id)
    return True


async def _lock_consents(youth: Opened) -> dict[UUID, Consent]:
    """Return the youth's consents; to another board those given to it, and on no other does it place a hold."""
    found = await youth.conn.fetch(consents.LOCK_ALL, youth.youth_id)
    own = youth.own_parties
    return {row["id"]: consents.consent_of(row) for row in found if own is None or row["party"] in own}


async def _lock(youth: Opened, hold_id: UUID) -> asyncpg.Record:
    row = await youth.conn.fetchrow(holds.LOCK, hold_id, youth.youth_id)
    if row is None:
        raise not_found("hold")
    return row


async def _view(youth: Opened, hold_id: UUID) -> asyncpg.Record:
    return await rows.one(youth.conn, holds.ONE, hold_id, youth.youth_id, youth.own_parties)


def _problem(why: Refusal) -> Problem:
    status, title = _REFUSED[why]
    return Problem(status, why, title)
