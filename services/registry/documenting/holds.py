"""Use cases: outreach waits (avvakta) as a party has asked, for as long as the youth's consent to it holds."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import asyncpg

from chassis import outbox
from chassis.clock import CivilClock
from chassis.postgres import Connection, transaction
from chassis.problems import Problem, not_found
from contracts.documentation import HoldEndReason
from services.registry.db import consents, holds, rows
from services.registry.documenting import events
from services.registry.documenting.access import OpenedYouth, Staff, note, open_youth
from services.registry.documenting.refusals import id_taken
from services.registry.domain.holds import (
    Refusal,
    Refused,
    State,
    check_extension,
    check_until,
)

_REFUSED = {
    Refusal.NO_VALID_CONSENT: (409, "No consent of the youth to a hold is valid now"),
    Refusal.OUTLIVES_CONSENT: (422, "The hold would last longer than the consent"),
    Refusal.OUTLIVES_DUTY: (422, "The hold would last longer than the duty can"),
    Refusal.IN_THE_PAST: (422, "The last day of the hold has passed"),
    Refusal.NOT_ACTIVE: (409, "The hold is over"),
    Refusal.NOT_LATER: (422, "The hold lasts until that day already; to shorten it, end it"),
}


@dataclass(frozen=True, slots=True)
class Holds:
    """The use cases, with what they work on. Each method is one transaction and raises Problems."""

    pool: asyncpg.Pool
    clock: CivilClock

    async def of_youth(self, staff: Staff, youth_id: UUID) -> list[asyncpg.Record]:
        async with transaction(self.pool) as conn:
            await open_youth(conn, staff, youth_id, self.clock.today())
            found: list[asyncpg.Record] = await conn.fetch(holds.OF_YOUTH, youth_id)
            await note(conn, staff, self.clock, "hold.list", youth_id, [row["id"] for row in found])
        return found

    async def one(self, staff: Staff, youth_id: UUID, hold_id: UUID) -> asyncpg.Record:
        async with transaction(self.pool) as conn:
            await open_youth(conn, staff, youth_id, self.clock.today())
            return await self._read(conn, staff, youth_id, hold_id)

    async def put(
        self, staff: Staff, youth_id: UUID, hold_id: UUID, consent_id: UUID, until: date
    ) -> tuple[asyncpg.Record, bool]:
        """Place a hold. Return the row, and whether it is new."""
        at = self.clock.now()
        async with transaction(self.pool) as conn:
            youth = await open_youth(conn, staff, youth_id, at.date())
            given = await _lock_consents(conn, youth_id)
            before = await conn.fetchrow(holds.ANY, hold_id)
            if before is None:
                await self._check(conn, youth, given.get(consent_id), until)
                row = await conn.fetchrow(
                    holds.INSERT, hold_id, youth_id, youth.covered_by().id, consent_id, at.date(), until, at,
                    staff.subject,
                )  # fmt: skip
                if row is not None:
                    await outbox.put_many(conn, [events.hold_placed(row, until, at)])
                    await note(conn, staff, self.clock, "hold.place", youth_id, [hold_id])
                    return await rows.one(conn, holds.ONE, hold_id, youth_id), True
                before = await rows.one(conn, holds.ANY, hold_id)  # at the same moment, for another youth
            if before["person_id"] != youth_id:
                raise id_taken()
            if (before["consent_id"], before["asked_until"]) != (consent_id, until):
                raise Problem(
                    409,
                    "hold-fixed",
                    "This hold was placed otherwise",
                    "Extend it or end it; for another one choose a new id.",
                )
            return await self._read(conn, staff, youth_id, hold_id), False

    async def extend(self, staff: Staff, youth_id: UUID, hold_id: UUID, until: date) -> asyncpg.Record:
        """Give an active hold a later last day. The same day again changes nothing."""
        at = self.clock.now()
        async with transaction(self.pool) as conn:
            youth = await open_youth(conn, staff, youth_id, at.date())
            given = await _lock_consents(conn, youth_id)
            before = await self._lock(conn, youth_id, hold_id)
            if before["until"] == until:
                return await self._read(conn, staff, youth_id, hold_id)
            try:
                check_extension(holds.hold_of(before), until, at)
                consent = consents.consent_of(given[before["consent_id"]])
                check_until(until, consent, youth.covered_by().last_covered_day, at)
            except Refused as refused:
                raise _problem(refused) from None
            row = await rows.one(conn, holds.EXTEND, hold_id, until, at, staff.subject)
            await outbox.put_many(conn, [events.hold_placed(row, until, at)])
            await note(conn, staff, self.clock, "hold.extend", youth_id, [hold_id])
            return await rows.one(conn, holds.ONE, hold_id, youth_id)

    async def end(self, staff: Staff, youth_id: UUID, hold_id: UUID, reason: HoldEndReason) -> asyncpg.Record:
        """End an active hold now. Again, for the same reason, is harmless."""
        at = self.clock.now()
        async with transaction(self.pool) as conn:
            await open_youth(conn, staff, youth_id, at.date())
            before = holds.hold_of(await self._lock(conn, youth_id, hold_id))
            if before.end_reason is reason:
                return await self._read(conn, staff, youth_id, hold_id)
            if before.state_at(at) is not State.ACTIVE:
                raise _problem(Refused(Refusal.NOT_ACTIVE))
            row = await rows.one(conn, holds.END, hold_id, at, reason, staff.subject)
            await outbox.put_many(conn, [events.hold_ended(row, at)])
            await note(conn, staff, self.clock, "hold.end", youth_id, [hold_id])
            return await rows.one(conn, holds.ONE, hold_id, youth_id)

    async def _check(
        self, conn: Connection, youth: OpenedYouth, consent: asyncpg.Record | None, until: date
    ) -> None:
        at, last_covered_day = self.clock.now(), youth.covered_by().last_covered_day
        try:
            if consent is None:
                raise Refused(Refusal.NO_VALID_CONSENT)
            check_until(until, consents.consent_of(consent), last_covered_day, at)
        except Refused as refused:
            raise _problem(refused) from None
        if await conn.fetchval(holds.ACTIVE, youth.youth_id, at.date()) is not None:
            raise Problem(
                409, "hold-active", "Outreach waits already", "Extend the hold that there is, or end it first."
            )

    async def _lock(self, conn: Connection, youth_id: UUID, hold_id: UUID) -> asyncpg.Record:
        row = await conn.fetchrow(holds.LOCK, hold_id, youth_id)
        if row is None:
            raise not_found("hold")
        return row

    async def _read(self, conn: Connection, staff: Staff, youth_id: UUID, hold_id: UUID) -> asyncpg.Record:
        row = await conn.fetchrow(holds.ONE, hold_id, youth_id)
        if row is None:
            raise not_found("hold")
        await note(conn, staff, self.clock, "hold.read", youth_id, [hold_id])
        return row


async def _lock_consents(conn: Connection, youth_id: UUID) -> dict[UUID, asyncpg.Record]:
    """Return the youth's consents by id, locked: the first thing that whoever places or extends a hold does."""
    return {row["id"]: row for row in await conn.fetch(consents.LOCK_ALL, youth_id)}


def _problem(refused: Refused) -> Problem:
    status, title = _REFUSED[refused.why]
    return Problem(status, refused.why, title)
