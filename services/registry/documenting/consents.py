"""Use cases: a consent is recorded, and withdrawn; with it end the holds that rest on it."""

from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

import asyncpg

from chassis import outbox
from chassis.clock import CivilClock
from chassis.postgres import Connection, transaction
from chassis.problems import Problem, not_found
from contracts.documentation import ConsentPurpose, GivenBy, Party
from services.registry.db import consents, holds, rows
from services.registry.documenting import events
from services.registry.documenting.access import Staff, note, open_youth
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
    party: Party
    purpose: ConsentPurpose
    given_by: GivenBy
    given_on: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Consents:
    """The use cases, with what they work on. Each method is one transaction and raises Problems."""

    pool: asyncpg.Pool
    clock: CivilClock

    async def of_youth(self, staff: Staff, youth_id: UUID) -> list[asyncpg.Record]:
        async with transaction(self.pool) as conn:
            await open_youth(conn, staff, youth_id, self.clock.today())
            found: list[asyncpg.Record] = await conn.fetch(consents.OF_YOUTH, youth_id)
            await note(conn, staff, self.clock, "consent.list", youth_id, [row["id"] for row in found])
        return found

    async def one(self, staff: Staff, youth_id: UUID, consent_id: UUID) -> asyncpg.Record:
        async with transaction(self.pool) as conn:
            await open_youth(conn, staff, youth_id, self.clock.today())
            return await self._read(conn, staff, youth_id, consent_id)

    async def put(
        self, staff: Staff, youth_id: UUID, consent_id: UUID, given: Given
    ) -> tuple[asyncpg.Record, bool]:
        """Record a consent. Return the row, and whether it is new."""
        at = self.clock.now()
        async with transaction(self.pool) as conn:
            youth = await open_youth(conn, staff, youth_id, at.date())
            before = await conn.fetchrow(consents.ANY, consent_id)
            if before is None:
                episode = youth.covered_by()
                try:
                    check_given(given.given_by, given.given_on, youth.birth_date, at.date())
                except Refused as refused:
                    raise Problem(422, refused.why, _REFUSED[refused.why]) from None
                row = await conn.fetchrow(
                    consents.INSERT, consent_id, youth_id, episode.id, *asdict(given).values(), at, staff.subject
                )
                if row is not None:
                    await outbox.put_many(conn, [events.consent_given(row, at)])
                    await note(conn, staff, self.clock, "consent.give", youth_id, [consent_id])
                    return row, True
                before = await rows.one(conn, consents.ANY, consent_id)  # the same request, at the same moment
            if before["person_id"] != youth_id:
                raise id_taken()
            if {key: before[key] for key in asdict(given)} != asdict(given):
                raise Problem(
                    409,
                    "consent-fixed",
                    "What was consented to cannot be changed",
                    "Withdraw the consent, and record the other one under a new id.",
                )
            return await self._read(conn, staff, youth_id, consent_id), False

    async def withdraw(self, staff: Staff, youth_id: UUID, consent_id: UUID) -> asyncpg.Record:
        """Withdraw a consent, which holds from this instant on. Again is harmless."""
        at = self.clock.now()
        async with transaction(self.pool) as conn:
            await open_youth(conn, staff, youth_id, at.date())
            before = await conn.fetchrow(consents.LOCK, consent_id, youth_id)
            if before is None:
                raise not_found("consent")
            if before["withdrawn_at"] is not None:
                return await self._read(conn, staff, youth_id, consent_id)
            row = await rows.one(conn, consents.WITHDRAW, consent_id, at, staff.subject)
            ended = await conn.fetch(holds.END_OF_CONSENT, consent_id, at, at.date(), staff.subject)
            await outbox.put_many(
                conn, [events.consent_withdrawn(row, at), *(events.hold_ended(hold, at) for hold in ended)]
            )
            await note(conn, staff, self.clock, "consent.withdraw", youth_id, [consent_id])
            if ended:
                await note(conn, staff, self.clock, "hold.end", youth_id, [hold["id"] for hold in ended])
            return row

    async def _read(self, conn: Connection, staff: Staff, youth_id: UUID, consent_id: UUID) -> asyncpg.Record:
        row = await conn.fetchrow(consents.ONE, consent_id, youth_id)
        if row is None:
            raise not_found("consent")
        await note(conn, staff, self.clock, "consent.read", youth_id, [consent_id])
        return row
