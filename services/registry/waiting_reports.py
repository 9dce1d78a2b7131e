"""Reports of whom nobody was known: matched when the person comes, forgotten when they do not.

Called in the run that brings persons, after the population file has been merged: also reports about
somebody who turned out to be one with another person follow to who they are now.
"""

from collections import defaultdict
from dataclasses import dataclass
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

_PERSON = """
p.id as to_person, p.district, p.protection <> 'none' as protected, o.id as episode_id, r.*
"""
MOVING = f"""
select {_PERSON}
from waiting_school_reports w
join school_reports r on r.id = w.report_id
join person_numbers n on n.number = w.person_number
join persons p on p.id = n.person_id and p.merged_into is null
left join episodes o on o.person_id = p.id and o.ended_on is null
union all
select {_PERSON}
from persons was
join school_reports r on r.person_id = was.id
join persons p on p.id = was.merged_into
left join episodes o on o.person_id = p.id and o.ended_on is null
where was.merged_into is not null
"""  # noqa: S608 - a constant
TOLD_OF = "select * from school_reports where person_id = any($1::uuid[]) order by recorded_at, id"
MOVE = """
update school_reports r set person_id = m.person_id, matched_at = coalesce(r.matched_at, $1)
from unnest($2::uuid[], $3::uuid[]) as m (id, person_id) where r.id = m.id
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
    moving = await conn.fetch(f"{MOVING} order by recorded_at, id")
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
    standing: defaultdict[UUID, dict[UUID, Known]] = defaultdict(dict)
    for row in await conn.fetch(TOLD_OF, [row["to_person"] for row in moving]):
        if (one := db.known(row)).stands:
            standing[row["person_id"]][one.report_id] = one
    changed: dict[UUID, Known] = {}
    for row in moving:
        here = standing[row["to_person"]]
        folded = fold_in(tuple(here.values()), db.known(row))
        changed |= {one.report_id: one for one in folded}
        here |= {one.report_id: one for one in folded if one.stands}
    # Superseded first, while they are about nobody or about who they were: two of a kind never stand at once.
    await db.update(conn, list(changed.values()), at)
    ids = [row["id"] for row in moving]
    await conn.execute(MOVE, at, ids, [row["to_person"] for row in moving])
    await conn.execute(STOP_WAITING, ids)
    return changed
