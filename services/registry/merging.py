"""Use cases: a superuser finds that two persons are one, or that they were two after all.

The register changes at once in who has which number, and decides for both: an end or a change is told in the
same transaction. That the duty begins for one of them, the next run tells (`decide_now`).
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from chassis import audit
from chassis.clock import CivilClock
from chassis.postgres import Connection
from chassis.problems import Problem, not_found
from contracts.districts import district_on
from services.registry.api.parts import Reader
from services.registry.db import merges, merging, school_reports
from services.registry.decide_now import By, decide_now
from services.registry.domain.merging import MergeReason, SplitReason
from services.registry.domain.visibility import Sight, sight
from services.registry.register_lock import register_locked
from services.registry.waiting_reports import match_waiting


@dataclass(frozen=True, slots=True)
class Merged:
    """A merge as it stands. ``kept_rows`` of what staff keep went to ``into``, and stay there after a split."""

    youth_id: UUID
    into: UUID
    merged_at: datetime
    split_at: datetime | None
    kept_rows: int


async def merge(
    pool: asyncpg.Pool,
    clock: CivilClock,
    municipality: str,
    who: Reader,
    one: UUID,
    into: UUID,
    reason: MergeReason,
) -> Merged:
    """Let ``one`` be known as ``into`` from now on. Asked again it changes nothing.

    Raises a Problem: 404 for whom the caller does not see, 403 for a protected identity that they do not open,
    409 when either has been merged with somebody else, 422 for one person, 503 while a run is being applied.
    """
    if one == into:
        raise Problem(422, "same-person", "A person cannot be merged into themselves")
    async with register_locked(pool) as conn:
        at = clock.now()
        persons = await _persons(conn, who, at, one, into)
        last = await conn.fetchrow(merging.LAST_MERGE, one)
        if persons[one]["merged_into"] == into and last is not None:
            return _view(one, last)
        for person in (one, into):
            if persons[person]["merged_into"] is not None:
                raise Problem(
                    409,
                    "merged-already",
                    "The person has been merged into another",
                    "Merge with the person into whom they were merged, or split them first.",
                    merged_into=str(persons[person]["merged_into"]),
                )
        merge_id = await merging.merge(conn, one, into, at, who.subject, reason)
        await conn.execute(merging.KEPT_ROWS, merge_id, await merges.move_kept(conn, [one]))
        await _record(conn, who, "youth.merge", at, (one, into), reason)
        await _decide(conn, who, municipality, at, one, into)
        return _view(one, await conn.fetchrow(merging.LAST_MERGE, one))


async def split(
    pool: asyncpg.Pool, clock: CivilClock, municipality: str, who: Reader, one: UUID, reason: SplitReason
) -> Merged:
    """Take the merge of ``one`` back: the numbers that came by it go back. Asked again it changes nothing.

    What staff kept about either stays with the person who has it: nobody but them knows whose it is. Raises
    a Problem as `merge`; 409 for who has not been merged, or into somebody who was merged on since.
    """
    async with register_locked(pool) as conn:
        at = clock.now()
        last = await conn.fetchrow(merging.LAST_MERGE, one)
        await _persons(conn, who, at, one, *([] if last is None else [last["into_id"]]))
        if last is None:
            raise Problem(409, "not-merged", "The person has not been merged into another")
        if last["split_at"] is not None:
            return _view(one, last)
        if (further := await conn.fetchval(merging.MERGED_ON, last["into_id"], last["id"])) is not None:
            raise Problem(
                409,
                "merged-on",
                "The other person has been merged on since",
                "Take the later merge back first.",
                merged_into=str(further),
            )
        await merging.split(conn, one, last, at, who.subject, reason)
        await _record(conn, who, "youth.split", at, (one, last["into_id"]), reason)
        await _decide(conn, who, municipality, at, one, last["into_id"])
        return _view(one, await conn.fetchrow(merging.LAST_MERGE, one))


async def _decide(conn: Connection, who: Reader, municipality: str, at: datetime, *both: UUID) -> None:
    """Let what schools reported follow the numbers, and tell at once what that makes of either person."""
    await conn.execute(school_reports.LOCK)
    await match_waiting(conn, at)
    await decide_now(conn, both, municipality, at, By(who.subject, who.role))


async def _persons(conn: Connection, who: Reader, at: datetime, *ids: UUID) -> dict[UUID, asyncpg.Record]:
    """Return persons whom the caller sees in full."""
    persons = {row["id"]: row for row in await conn.fetch(merging.PERSONS, ids)}
    seen = [Sight.HIDDEN if one not in persons else _sight(who, persons[one], at) for one in ids]
    if Sight.HIDDEN in seen:
        raise not_found("youth")
    if Sight.MASKED in seen:
        raise Problem(
            403,
            "protected-identity",
            "The identity is protected",
            "Only a superuser who is a special handler too may, and says why (?reason=).",
        )
    return persons


def _sight(who: Reader, row: asyncpg.Record, at: datetime) -> Sight:
    district = None if row["district"] is None else district_on(row["district"], at.date())
    return sight(who.viewer, protected=row["protected"], district=district)


async def _record(
    conn: Connection, who: Reader, action: str, at: datetime, both: tuple[UUID, UUID], why: str
) -> None:
    """Put on record for either person what was done, and with whom."""
    one, into = both
    given = why if who.viewer.reason is None else f"{why}: {who.viewer.reason}"
    await audit.record_each(
        conn, actor=who.subject, role=who.role, action=action, at=at,
        about=[(one, str(into)), (into, str(one))], why=given,
    )  # fmt: skip


def _view(one: UUID, last: asyncpg.Record | None) -> Merged:
    assert last is not None
    return Merged(one, last["into_id"], last["known_from"], last["split_at"], last["kept_rows"] or 0)
