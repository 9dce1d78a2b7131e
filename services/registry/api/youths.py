"""Youths: search, one by id, and why they are covered. Every read is recorded with its transaction."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Depends, Query

from chassis import audit
from chassis.access import allow
from chassis.auth import Principal
from chassis.paging import Cursor, Limit, bad_cursor, decode_cursor, encode_cursor
from chassis.postgres import Connection, transaction
from chassis.problems import Problem, not_found, responses
from contracts.access import Scope, scopes_of
from contracts.actions import Action
from contracts.districts import district_on
from contracts.reasons import EndReason, RegistrationReason, SpecialTrack
from services.registry import protection
from services.registry.api import views
from services.registry.api.known_on import KnownOn, known_by_the_end_of
from services.registry.api.models import CoverageView, Lift, Lookup, Youth, Youths
from services.registry.api.parts import Parts, Reader, TheParts, reader_for
from services.registry.db import evidence, youths
from services.registry.db.sharing import consent_for
from services.registry.domain.coverage import decide
from services.registry.domain.person_number import InvalidNumber, parse
from services.registry.domain.rule_versions import NoRuleForDate
from services.registry.domain.visibility import Sharing, Sight, codes_of, sight

router = APIRouter(prefix="/youths", tags=["youths"], responses=responses(401, 403, 422))
Lister = Annotated[Reader, Depends(reader_for(Action.YOUTHS_LIST))]
Finder = Annotated[Reader, Depends(reader_for(Action.YOUTHS_LOOK_UP))]
Opener = Annotated[Reader, Depends(reader_for(Action.YOUTHS_READ))]
CoverageReader = Annotated[Reader, Depends(reader_for(Action.COVERAGE_READ))]
Lifter = Annotated[Principal, Depends(allow(Action.PROTECTION_LIFT))]
_NUMBER_LIKE = re.compile(r"[0-9]{6,}")


@router.get("", responses=responses(400))
async def list_youths(
    reader: Lister,
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
            *((None, None) if viewer.sharing is None else viewer.sharing.arguments()),
            today,
        )
        shown = rows[:limit]
        await _record(
            conn, parts, reader, "youth.list", [(row["id"], _why(reader, row["consent_id"])) for row in shown]
        )
    more = encode_cursor(shown[-1]["id"]) if len(rows) > limit else None
    items = [views.item(row, _sight(reader, row, today, row["consent_id"]), today) for row in shown]
    return Youths(items=items, next=more)


@router.post("/lookup", responses=responses(404))
async def look_up(reader: Finder, parts: TheParts, lookup: Lookup) -> Youth:
    """The youth who has, or has had, a person number. The search leaves its reason, also when it finds nobody."""
    try:
        number = parse(lookup.person_number)
    except InvalidNumber as error:
        raise Problem(
            422, "not-a-person-number", "This is not a person number", f"The reason is: {error.reason}."
        ) from None
    async with transaction(parts.pool) as conn:
        youth_id = await conn.fetchval(youths.BY_NUMBER, number.digits)
        await _record(conn, parts, reader, "youth.look_up", [(youth_id, lookup.reason)])
        found = None if youth_id is None else await _read(conn, parts, reader, youth_id)
    if found is None:
        raise not_found("youth")
    return found


@router.get("/{youth_id}", responses=responses(404))
async def get_youth(reader: Opener, parts: TheParts, youth_id: UUID) -> Youth:
    """One youth, with all times during which the duty held."""
    async with transaction(parts.pool) as conn:
        found = await _read(conn, parts, reader, youth_id)
    if found is None:
        raise not_found("youth")
    return found


async def _read(conn: Connection, parts: Parts, reader: Reader, youth_id: UUID) -> Youth | None:
    """Return what the caller sees of a youth, and record that they do; None when they see nothing."""
    today = parts.clock.today()
    row = await conn.fetchrow(youths.GET, youth_id)
    if row is None:
        return None
    consent_id = await consent_for(conn, reader.viewer.sharing, youth_id, today)
    seen = _sight(reader, row, today, consent_id)
    if seen is Sight.HIDDEN:
        return None
    episodes = await conn.fetch(youths.EPISODES, youth_id)
    why = _why(reader, consent_id if seen is Sight.SHARED else None)
    await _record(conn, parts, reader, "youth.read", [(youth_id, why)])
    return views.youth(row, episodes, seen, today, with_number=_sees_number(reader, row))


@router.get("/{youth_id}/coverage", responses=responses(404))
async def get_coverage(
    reader: CoverageReader,
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
        await _record(conn, parts, reader, "youth.read_coverage", [(youth_id, reader.viewer.reason)])
    try:
        coverage = decide(found.gathered.person.facts, day, parts.municipality)
    except NoRuleForDate:
        raise Problem(
            422, "no-rule-for-date", "The rule of that day is not known", "Ask for a day from 2015 on."
        ) from None
    return views.coverage(youth_id, coverage, seen, known_on=known_on or today, known_since=found.known_since)


@router.post("/{youth_id}/lift-protection", status_code=204, responses=responses(404, 409))
async def lift_protection(handler: Lifter, parts: TheParts, youth_id: UUID, lift: Lift) -> None:
    """Lift the marking of a protected identity that the population register no longer has."""
    await protection.lift(parts.pool, parts.clock, parts.municipality, youth_id, by=handler, reason=lift.reason)


def _sight(reader: Reader, row: asyncpg.Record, today: date, consent_id: UUID | None = None) -> Sight:
    return _seen(reader, row["district"], row["protected"], today, consent_id)


def _seen(
    reader: Reader, district: str | None, protected: bool, today: date, consent_id: UUID | None = None
) -> Sight:
    now = None if district is None else district_on(district, today)
    return sight(reader.viewer, protected=protected, district=now, consented=consent_id is not None)


def _why(reader: Reader, consent_id: UUID | None) -> str | None:
    return reader.viewer.reason if consent_id is None else Sharing.legal_ground(consent_id)


def _sees_number(reader: Reader, row: asyncpg.Record) -> bool:
    scopes = scopes_of(reader.caller, Action.PERSON_NUMBERS_READ)
    return Scope.ALL in scopes or (Scope.PROTECTED in scopes and row["protected"])


def _after(cursor: str | None) -> UUID | None:
    if cursor is None:
        return None
    try:
        return UUID(decode_cursor(cursor, 1)[0])
    except ValueError:
        raise bad_cursor() from None


async def _record(
    conn: Connection, parts: Parts, reader: Reader, action: str, about: Sequence[tuple[UUID | None, str | None]]
) -> None:
    """Record who read about whom, and why; a search that found nobody is recorded too."""
    about = about or [(None, reader.viewer.reason)]
    await audit.record_each(
        conn,
        actor=reader.subject,
        role=reader.role,
        action=action,
        at=parts.clock.now(),
        about=[(youth_id, None) for youth_id, _ in about],
        why=[why for _, why in about],
    )
