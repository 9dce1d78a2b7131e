"""Youths: search, one by id, and why they are covered. Every read is recorded with its transaction."""

import re
from datetime import date
from typing import Annotated
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Query

from chassis import audit
from chassis.paging import Cursor, Limit, bad_cursor, decode_cursor, encode_cursor
from chassis.postgres import Connection, transaction
from chassis.problems import Problem, not_found, responses
from contracts.districts import district_on
from contracts.reasons import EndReason, RegistrationReason, SpecialTrack
from services.registry import protection
from services.registry.api import views
from services.registry.api.known_on import KnownOn, known_by_the_end_of
from services.registry.api.models import CoverageView, Lift, Lookup, Youth, Youths
from services.registry.api.parts import Parts, Reader, SpecialHandler, TheParts, TheReader
from services.registry.db import evidence, youths
from services.registry.domain.coverage import decide
from services.registry.domain.person_number import InvalidNumber, parse
from services.registry.domain.rule_versions import NoRuleForDate
from services.registry.domain.visibility import Sight, codes_of, sight

router = APIRouter(prefix="/youths", tags=["youths"], responses=responses(401, 403, 422))
_NUMBER_LIKE = re.compile(r"[0-9]{6,}")


@router.get("", responses=responses(400))
async def list_youths(
    reader: TheReader,
    parts: TheParts,
    district: Annotated[str | None, Query(max_length=50)] = None,
    q: Annotated[
        str | None, Query(max_length=80, description="Beginnings of first or last names; never a person number")
    ] = None,
    covered: Annotated[bool | None, Query(description="false: only those whose duty has ended")] = None,
    reason: Annotated[RegistrationReason | None, Query(description="Why the duty began the last time")] = None,
    end_reason: Annotated[EndReason | None, Query(description="Why it ended the last time")] = None,
    track: Annotated[SpecialTrack | None, Query(description="Who need a way of their own")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Youths:
    """Youths who are or have been covered, ordered by id. A filter leaves protected identities out.

    Steps of outreach and coordinators are outreach's: GET /journeys?step= and GET /tasks?claimed_by= there.
    """
    if q is not None and _NUMBER_LIKE.search(q):
        raise Problem(
            422, "number-in-url", "A person number does not belong in a URL", "Use POST /youths/lookup instead."
        )
    viewer, today = reader.viewer, parts.clock.today()
    own = viewer.own_districts
    async with transaction(parts.pool) as conn:
        rows = await conn.fetch(
            youths.PAGE,
            _after(cursor),
            limit + 1,
            covered,
            youths.like_words(q) if q else None,
            sorted(codes_of(frozenset({district}), today)) if district else None,
            None if own is None else sorted(codes_of(own, today)),
            viewer.sees_unprotected,
            viewer.knows_of_protected,
            viewer.opens_protected,
            reason,
            end_reason,
            track,
        )
        shown = rows[:limit]
        await _record(conn, parts, reader, "youth.list", [row["id"] for row in shown])
    more = encode_cursor(shown[-1]["id"]) if len(rows) > limit else None
    return Youths(items=[views.item(row, _sight(reader, row, today), today) for row in shown], next=more)


@router.post("/lookup", responses=responses(404))
async def look_up(reader: TheReader, parts: TheParts, lookup: Lookup) -> Youth:
    """The youth who has, or has had, a person number."""
    try:
        number = parse(lookup.person_number)
    except InvalidNumber as error:
        raise Problem(
            422, "not-a-person-number", "This is not a person number", f"The reason is: {error.reason}."
        ) from None
    async with transaction(parts.pool) as conn:
        youth_id = await conn.fetchval(youths.BY_NUMBER, number.digits)
        if youth_id is None:
            await _record(conn, parts, reader, "youth.look_up", [])
    if youth_id is None:
        raise not_found("youth")
    return await get_youth(reader, parts, youth_id)


@router.get("/{youth_id}", responses=responses(404))
async def get_youth(reader: TheReader, parts: TheParts, youth_id: UUID) -> Youth:
    """One youth, with all times during which the duty held."""
    today = parts.clock.today()
    async with transaction(parts.pool) as conn:
        row = await conn.fetchrow(youths.GET, youth_id)
        seen = Sight.HIDDEN if row is None else _sight(reader, row, today)
        if row is not None and seen is not Sight.HIDDEN:
            episodes = await conn.fetch(youths.EPISODES, youth_id)
            await _record(conn, parts, reader, "youth.read", [youth_id])
            return views.youth(row, episodes, seen, today, with_number=_sees_numbers(reader))
    raise not_found("youth")


@router.get("/{youth_id}/coverage", responses=responses(404))
async def get_coverage(
    reader: TheReader,
    parts: TheParts,
    youth_id: UUID,
    on: Annotated[date | None, Query(description="A day, by the rule of that day; today when left out")] = None,
    known_on: KnownOn = None,
) -> CoverageView:
    """Whether the duty holds for a youth on a day, criterion by criterion, by what was known on a day.

    As long as the youth is in the register, what was known on a day that is over never changes.
    """
    today = parts.clock.today()
    day = on or today
    async with parts.pool.acquire() as conn:  # the record is one statement: it needs no transaction around it
        found = await evidence.for_day(conn, youth_id, day, known_by_the_end_of(known_on, today))
        seen = Sight.HIDDEN if found is None else _seen(reader, found.district, found.protected, today)
        if found is None or seen is Sight.HIDDEN:
            raise not_found("youth")
        await _record(conn, parts, reader, "youth.read_coverage", [youth_id])
    try:
        coverage = decide(found.gathered.person.facts, day, parts.municipality)
    except NoRuleForDate:
        raise Problem(
            422, "no-rule-for-date", "The rule of that day is not known", "Ask for a day from 2015 on."
        ) from None
    return views.coverage(youth_id, coverage, seen, known_on=known_on or today, known_since=found.known_since)


@router.post("/{youth_id}/lift-protection", status_code=204, responses=responses(404, 409))
async def lift_protection(handler: SpecialHandler, parts: TheParts, youth_id: UUID, lift: Lift) -> None:
    """Lift the marking of a protected identity that the population register no longer has."""
    await protection.lift(
        parts.pool, parts.clock, parts.municipality, youth_id, by=handler.subject, reason=lift.reason
    )


def _sight(reader: Reader, row: asyncpg.Record, today: date) -> Sight:
    return _seen(reader, row["district"], row["protected"], today)


def _seen(reader: Reader, district: str | None, protected: bool, today: date) -> Sight:
    now = None if district is None else district_on(district, today)
    return sight(reader.viewer, protected=protected, district=now)


def _sees_numbers(reader: Reader) -> bool:
    """A local coordinator finds a youth by name and address; the number is for those who keep the register."""
    return reader.viewer.city_wide or reader.viewer.opens_protected


def _after(cursor: str | None) -> UUID | None:
    if cursor is None:
        return None
    try:
        return UUID(decode_cursor(cursor, 1)[0])
    except ValueError:
        raise bad_cursor() from None


async def _record(conn: Connection, parts: Parts, reader: Reader, action: str, youth_ids: list[UUID]) -> None:
    """Record who read about whom, and why; a search that found nobody is recorded too."""
    at, why = parts.clock.now(), reader.viewer.reason
    if len(youth_ids) <= 1:
        about = youth_ids[0] if youth_ids else None
        await audit.record(
            conn, actor=reader.subject, role=reader.role, action=action, at=at, youth_id=about, why=why
        )
        return
    await audit.record_each(
        conn,
        actor=reader.subject,
        role=reader.role,
        action=action,
        at=at,
        about=[(youth_id, None) for youth_id in youth_ids],
        why=why,
    )
