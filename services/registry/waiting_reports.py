"""Reports of whom nobody was known: matched when the person comes, forgotten when they do not.

Called in the run that brings persons, after the population file has been merged. A report goes where its
number goes: also to whom somebody turned out to be, and back when that was a mistake.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from chassis import audit
from chassis.postgres import Connection
from services.registry import absence_events
from services.registry.absence_events import NewAbout
from services.registry.db import school_reports as db
from services.registry.domain.report_dedupe import Known, fold_in

REQUESTS_KEPT = timedelta(days=7)  # nobody repeats a request for longer

MOVING = """
select p.id as to_person, p.district, p.protection <> 'none' as protected, o.id as episode_id,
    r.*, n.number as by_number
from (
    select report_id, person_number from waiting_school_reports
    union all
    select r.id, r.person_number from school_reports r join person_numbers n on n.number = r.person_number
    where n.person_id <> r.person_id
) as m
join school_reports r on r.id = m.report_id
join person_numbers n on n.number = m.person_number
join persons p on p.id = n.person_id and p.merged_into is null
left join episodes o on o.person_id = p.id and o.ended_on is null
order by r.recorded_at, r.id
"""
TOLD_OF = "select * from school_reports where person_id = any($1::uuid[]) order by recorded_at, id"
# In one statement: what stops to stand here may stand there, and two of a kind never stand at once.
MOVE = """
update school_reports r set person_id = m.person_id, person_number = m.number,
    matched_at = coalesce(r.matched_at, $1), first_told_on = m.first_told_on, times_told = m.times_told,
    superseded_by = m.superseded_by,
    superseded_at = case when m.superseded_by is null then null else coalesce(r.superseded_at, $1) end
from unnest($2::uuid[], $3::uuid[], $4::text[], $5::date[], $6::int[], $7::uuid[]) as m (
    id, person_id, number, first_told_on, times_told, superseded_by)
where r.id = m.id
"""
STOP_WAITING = "delete from waiting_school_reports where report_id = any($1::uuid[])"
FORGET = "delete from waiting_school_reports where forget_on < $1"
FORGET_REQUESTS = "delete from school_report_requests where at < $1"


@dataclass(frozen=True, slots=True)
class Matched:
    """``matched``: reports whose person came; ``forgotten``: numbers that nobody came for."""

    matched: int
    forgotten: int


async def match_waiting(conn: Connection, at: datetime) -> Matched:
    """Match what waits, in the caller's transaction. ``at`` is civil time. Safe to repeat."""
    moving = await conn.fetch(MOVING)
    matched = [row for row in moving if row["person_id"] is None]
    if moving:
        now = await _move(conn, moving, at)
        await audit.record_each(
            conn,
            actor="registry",
            role="service",
            action="school-report.match",
            at=at,
            about=[(row["to_person"], str(row["id"])) for row in moving],
        )
        new = [NewAbout(now[row["id"]], db.pupil(row)) for row in matched if now[row["id"]].stands]
        await absence_events.tell(conn, new, at)
    status: str = await conn.execute(FORGET, at.date())
    await conn.execute(FORGET_REQUESTS, at - REQUESTS_KEPT)
    return Matched(len(matched), int(status.rpartition(" ")[2]))


async def _move(conn: Connection, moving: list[asyncpg.Record], at: datetime) -> dict[UUID, Known]:
    """Move reports to the persons whom they are about; return what became of each."""
    of_whom = {row["id"]: row["to_person"] for row in moving}
    moving_ids = frozenset(of_whom)
    standing: defaultdict[UUID, dict[UUID, Known]] = defaultdict(dict)
    for row in await conn.fetch(TOLD_OF, [row["to_person"] for row in moving]):
        of_whom.setdefault(row["id"], row["person_id"])
        if (one := db.known(row)).stands and of_whom[one.report_id] == row["person_id"]:
            standing[row["person_id"]][one.report_id] = one
    changed: dict[UUID, Known] = {}
    for row in moving:
        here, one = standing[row["to_person"]], db.known(row)
        if one.superseded_by is not None and of_whom.get(one.superseded_by) != row["to_person"]:
            one = replace(one, superseded_by=None)  # it was folded into one that turned out to be another's
        folded = fold_in(tuple(here.values()), one)
        changed |= {one.report_id: one for one in folded}
        here |= {one.report_id: one for one in folded if one.stands}
    await db.update(conn, [one for one in changed.values() if one.report_id not in moving_ids], at)
    moved = [changed[row["id"]] for row in moving]
    await conn.execute(
        MOVE,
        at,
        [one.report_id for one in moved],
        [row["to_person"] for row in moving],
        [row["by_number"] for row in moving],
        [one.first_told_on for one in moved],
        [one.times_told for one in moved],
        [one.superseded_by for one in moved],
    )
    await conn.execute(STOP_WAITING, [one.report_id for one in moved])
    return changed
