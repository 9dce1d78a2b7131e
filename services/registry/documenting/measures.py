"""Use cases: a youth is offered a measure, and the measure takes its steps."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import asyncpg

from chassis import outbox
from chassis.clock import CivilClock
from chassis.postgres import Connection, transaction
from chassis.preconditions import check_seen
from chassis.problems import Problem, not_found
from contracts.tasks import Occupation
from services.registry.db import catalogue, measures, rows
from services.registry.documenting import events
from services.registry.documenting.access import OpenedYouth, Staff, note, open_youth
from services.registry.documenting.places import offer_free_places, step_values
from services.registry.documenting.refusals import id_taken
from services.registry.domain import school_year
from services.registry.domain.measures import Accept, Refusal, Refused, State, Step, check_offer, take

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
    occupation_before: Occupation
    follows_up: str


@dataclass(frozen=True, slots=True)
class Measures:
    """The use cases, with what they work on. Each method is one transaction and raises Problems."""

    pool: asyncpg.Pool
    clock: CivilClock

    async def of_youth(self, staff: Staff, youth_id: UUID) -> list[asyncpg.Record]:
        async with transaction(self.pool) as conn:
            await open_youth(conn, staff, youth_id, self.clock.today())
            found: list[asyncpg.Record] = await conn.fetch(measures.OF_YOUTH, youth_id)
            await note(conn, staff, self.clock, "measure.list", youth_id, [row["id"] for row in found])
        return found

    async def one(self, staff: Staff, youth_id: UUID, measure_id: UUID) -> asyncpg.Record:
        async with transaction(self.pool) as conn:
            await open_youth(conn, staff, youth_id, self.clock.today())
            return await self._read(conn, staff, youth_id, measure_id)

    async def put(
        self, staff: Staff, youth_id: UUID, measure_id: UUID, offer: Offer, seen: int | None
    ) -> tuple[asyncpg.Record, bool]:
        """Offer the measure, or correct what was recorded of the offer. Return the row, and whether it is new."""
        async with transaction(self.pool) as conn:
            youth = await open_youth(conn, staff, youth_id, self.clock.today())
            before = await conn.fetchrow(measures.LOCK, measure_id)
            if before is None:
                check_seen(seen, None)
                if await self._offer(conn, staff, youth, measure_id, offer):
                    return await rows.one(conn, measures.ONE, measure_id, youth_id), True
                before = await rows.one(conn, measures.LOCK, measure_id)  # the same request, at the same moment
            if before["person_id"] != youth_id:
                raise id_taken()
            if Offer(before["catalogue_id"], *(before[key] for key in _OFFERED)) == offer:
                return await self._read(conn, staff, youth_id, measure_id), False
            check_seen(seen, before["version"])
            await self._correct(conn, staff, before, offer)
            return await rows.one(conn, measures.ONE, measure_id, youth_id), False

    async def step(self, staff: Staff, youth_id: UUID, measure_id: UUID, step: Step) -> asyncpg.Record:
        """Take a step; one that has been taken already changes nothing."""
        at = self.clock.now()
        async with transaction(self.pool) as conn:
            await open_youth(conn, staff, youth_id, at.date())
            catalogue_id = await conn.fetchval(measures.CATALOGUE_OF, measure_id, youth_id)
            if catalogue_id is None:
                raise not_found("measure")
            # First the catalogue's row, then the measure's: all do it in this order.
            entry = await rows.one(conn, catalogue.LOCK, catalogue_id)
            if isinstance(step, Accept):
                await offer_free_places(conn, entry, at)  # nobody is overtaken
            row = await rows.one(conn, measures.LOCK, measure_id)
            before = measures.measure_of(row)
            kept = await conn.fetchval(measures.KEPT, catalogue_id)
            try:
                after = take(
                    before,
                    step,
                    place_free=entry["places"] is None or kept < entry["places"],
                    year=school_year.parse(entry["school_year"]),
                    today=at.date(),
                )
            except Refused as refused:
                raise _problem(refused, before.state) from None
            if after == before:
                return await self._read(conn, staff, youth_id, measure_id)
            await conn.execute(measures.STEP, *step_values(row, after, at, staff.subject))
            await outbox.put_many(conn, [events.stepped(row, entry, after, step, at)])
            if before.keeps_place and not after.keeps_place:
                await offer_free_places(conn, entry, at)
            await note(conn, staff, self.clock, f"measure.{action_of(step)}", youth_id, [measure_id])
            return await rows.one(conn, measures.ONE, measure_id, youth_id)

    async def _offer(
        self, conn: Connection, staff: Staff, youth: OpenedYouth, measure_id: UUID, offer: Offer
    ) -> bool:
        """Return False when the id has come into being meanwhile."""
        episode, at = youth.covered_by(), self.clock.now()
        entry = await conn.fetchrow(catalogue.ONE, offer.catalogue_id)
        if entry is None:
            raise Problem(422, "no-such-catalogue-entry", "The catalogue has no such measure")
        try:
            check_offer(offer.offered_on, school_year.parse(entry["school_year"]), at.date())
        except Refused as refused:
            raise _problem(refused) from None
        try:
            new = await conn.fetchval(
                measures.INSERT, measure_id, youth.youth_id, episode.id, offer.catalogue_id, offer.offered_on,
                offer.occupation_before, offer.follows_up, at, staff.subject,
            )  # fmt: skip
        except asyncpg.UniqueViolationError:
            raise Problem(
                409,
                "measure-open",
                "This measure is in question for the youth already",
                "Take its next step, or end or withdraw it first.",
            ) from None
        if new is None:
            return False
        row = await rows.one(conn, measures.ONE, measure_id, youth.youth_id)
        await outbox.put_many(conn, [events.offered(row, entry, at)])
        await note(conn, staff, self.clock, "measure.offer", youth.youth_id, [measure_id])
        return True

    async def _correct(self, conn: Connection, staff: Staff, before: asyncpg.Record, offer: Offer) -> None:
        if (before["catalogue_id"], before["offered_on"]) != (offer.catalogue_id, offer.offered_on):
            raise Problem(
                409,
                "measure-fixed",
                "Which measure was offered, and when, cannot be changed",
                "Withdraw it as recorded in error, and record the right one.",
            )
        await conn.execute(
            measures.CHANGE,
            before["id"],
            offer.occupation_before,
            offer.follows_up,
            self.clock.now(),
            staff.subject,
        )
        await note(conn, staff, self.clock, "measure.correct", before["person_id"], [before["id"]])

    async def _read(self, conn: Connection, staff: Staff, youth_id: UUID, measure_id: UUID) -> asyncpg.Record:
        row = await conn.fetchrow(measures.ONE, measure_id, youth_id)
        if row is None:
            raise not_found("measure")
        await note(conn, staff, self.clock, "measure.read", youth_id, [measure_id])
        return row


_OFFERED = ("offered_on", "occupation_before", "follows_up")


def action_of(step: Step) -> str:
    """Return the verb of a step for the audit: ``take_place``."""
    name = type(step).__name__
    return "".join(f"_{char.lower()}" if char.isupper() else char for char in name).lstrip("_")


def _problem(refused: Refused, state: State = State.OFFERED) -> Problem:
    status, title = _REFUSED[refused.why]
    return Problem(status, refused.why, title, state=state)
