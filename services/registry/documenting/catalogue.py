"""Use case: the KAA coordinator keeps the catalogue of measures."""

from dataclasses import asdict, dataclass
from uuid import UUID

import asyncpg

from chassis import audit
from chassis.auth import Principal
from chassis.clock import CivilClock
from chassis.postgres import Connection, transaction
from chassis.preconditions import check_seen
from chassis.problems import Problem
from contracts.documentation import MeasureOwner, MeasureType
from services.registry.db import catalogue, rows
from services.registry.documenting.places import offer_free_places


@dataclass(frozen=True, slots=True)
class Entry:
    """A measure that a school year (written ``2026/27``) offers; ``places`` None: as many as wanted."""

    school_year: str
    owner: MeasureOwner
    type: MeasureType
    sub_type: str | None
    name: str
    places: int | None


# With measures of youths these stay: a youth's register data must not become something else.
_FIXED = ("school_year", "owner", "type", "sub_type")


async def put(
    pool: asyncpg.Pool, clock: CivilClock, by: Principal, entry_id: UUID, entry: Entry, seen: int | None
) -> tuple[asyncpg.Record, bool]:
    """Add an entry, or change it. Return the row, and whether it is new.

    Raises a Problem: 409 when it is in use and would become another measure, or have fewer places than are
    kept; 412 and 428 as `check_seen`.
    """
    at = clock.now()
    async with transaction(pool) as conn:
        before = await conn.fetchrow(catalogue.LOCK, entry_id)
        if before is None:
            check_seen(seen, None)
            if (
                await conn.fetchval(catalogue.INSERT, entry_id, *asdict(entry).values(), at, by.subject)
                is not None
            ):
                await _record(conn, clock, by, "catalogue.add", entry_id)
                return await rows.one(conn, catalogue.ONE, entry_id), True
            before = await rows.one(conn, catalogue.LOCK, entry_id)  # the same request, at the same moment
        if {key: before[key] for key in asdict(entry)} == asdict(entry):
            return await rows.one(conn, catalogue.ONE, entry_id), False
        check_seen(seen, before["version"])
        _check_change(await rows.one(conn, catalogue.ONE, entry_id), entry)
        await conn.execute(catalogue.CHANGE, entry_id, *asdict(entry).values(), at, by.subject)
        await offer_free_places(conn, await rows.one(conn, catalogue.LOCK, entry_id), at)
        await _record(conn, clock, by, "catalogue.change", entry_id)
        return await rows.one(conn, catalogue.ONE, entry_id), False


def _check_change(before: asyncpg.Record, entry: Entry) -> None:
    if before["used"] and any(before[key] != getattr(entry, key) for key in _FIXED):
        raise Problem(
            409,
            "catalogue-entry-in-use",
            "Youths have been offered this measure",
            "Its name and places can be changed; for another measure add another entry.",
        )
    if entry.places is not None and entry.places < before["kept"]:
        raise Problem(409, "places-kept", "More places than that are kept by youths", kept=before["kept"])


async def _record(conn: Connection, clock: CivilClock, by: Principal, action: str, entry_id: UUID) -> None:
    await audit.record(conn, actor=by.subject, role=by.role, action=action, at=clock.now(), subject=str(entry_id))
