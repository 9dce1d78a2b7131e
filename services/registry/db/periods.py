"""The coverage as periods: written by what a run decided, and counted for any time as known at any time.

Versions are closed and added, never changed: a question about what was known keeps its answer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from chassis.postgres import Connection
from contracts.districts import DISTRICTS, district_on
from services.registry.db import bulk
from services.registry.domain.timeline import Period

CLOSE = "update coverage_periods set known_until = $2 where id = any($1::bigint[])"
LOOKED_AT = "create temporary table if not exists looked_at (person_id uuid, next_look_on date) on commit drop"
NOTE_LOOKED_AT = """
update persons p set next_look_on = l.next_look_on, rules = $1 from looked_at l
where l.person_id = p.id and (p.next_look_on, p.rules) is distinct from (l.next_look_on, $1)
"""
# $1 first and $2 last day asked for, $3 the instant of knowledge, $4 district codes and $5 what they are now.
TOTALS = """
select coalesce(m.present, c.district) as district, count(distinct c.person_id) as youths
from coverage_periods c left join unnest($4::text[], $5::text[]) as m (code, present) on m.code = c.district
where c.starts_on <= $2 and c.ends_on > $1 and c.known_from <= $3 and (c.known_until is null or c.known_until > $3)
group by grouping sets ((coalesce(m.present, c.district)), ())
order by grouping(coalesce(m.present, c.district)), 1
"""
# The versions that answer for a day ($3) of a person ($2), newest knowledge first; $1 the instant of knowledge.
OF_DAY = """
select known_from, known_until from coverage_periods
where person_id = $2 and starts_on <= $3 and ends_on > $3 and known_from <= $1
order by known_from desc, id desc
"""


@dataclass(slots=True)
class PeriodChanges:
    """What is to be written of the periods, and when each person must be looked at again."""

    closed: list[int] = field(default_factory=list)
    added: list[tuple[UUID, Period]] = field(default_factory=list)
    next_looks: list[tuple[UUID, date | None]] = field(default_factory=list)

    def replace(self, person_id: UUID, present: Iterable[tuple[int, Period]], decided: Sequence[Period]) -> None:
        """Note the difference between a person's present periods and those decided now."""
        stay = {period for _, period in present} & set(decided)
        self.closed += [row_id for row_id, period in present if period not in stay]
        self.added += [(person_id, period) for period in decided if period not in stay]


async def write(conn: Connection, changes: PeriodChanges, known_from: datetime) -> None:
    """Close and add versions. Who was looked at is kept until `note_looked_at`."""
    await bulk.execute(conn, CLOSE, changes.closed, known_from)
    await bulk.copy(
        conn,
        "coverage_periods",
        ("person_id", "starts_on", "ends_on", "district", "known_from"),
        [(key, one.start, one.end, one.district, known_from) for key, one in changes.added],
    )
    await bulk.execute(conn, LOOKED_AT)
    await bulk.copy(conn, "looked_at", ("person_id", "next_look_on"), changes.next_looks)


async def note_looked_at(conn: Connection, rules: str) -> None:
    """Note who was looked at in this transaction, by which rules, and when they must be again."""
    await bulk.execute(conn, LOOKED_AT)
    await bulk.execute(conn, NOTE_LOOKED_AT, rules)


@dataclass(frozen=True, slots=True)
class DistrictTotal:
    """Unique youths covered at any time of a period; ``district`` None: not known."""

    district: str | None
    youths: int


async def totals(
    conn: Connection, first: date, last: date, known_at: datetime
) -> tuple[int, tuple[DistrictTotal, ...]]:
    """Count unique youths covered at any time from ``first`` to ``last``: all, and by district.

    Districts as they are on ``last``. A youth who moved counts in both, and once in the whole.
    """
    codes = [one.code for one in DISTRICTS]
    present = [district_on(code, last) for code in codes]
    rows = await conn.fetch(TOTALS, first, last, known_at, codes, present)
    *by_district, whole = rows
    return whole["youths"], tuple(DistrictTotal(row["district"], row["youths"]) for row in by_district)


def known_since(versions: Iterable[tuple[datetime, datetime | None]], known_at: datetime) -> datetime | None:
    """Return since when it has been known, without a break, that the duty holds for a person on a day.

    None when it was not known at that instant. ``versions``: (known from, known until), newest first (`OF_DAY`).
    """
    since: datetime | None = None
    for known_from, known_until in versions:
        if since is None and known_until is not None and known_until <= known_at:
            return None
        if since is not None and known_until != since:
            break
        since = known_from
    return since
