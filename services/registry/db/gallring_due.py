"""Whose time is over, by which clock, and what keeps them: one statement for the proposal and for the deletion.

A person is taken with all that were merged into them. Who is under 20 and still in the population file stays,
whatever the clocks say: the register needs them to see whether the duty begins again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from chassis.postgres import Connection

# $1 ids or null (all), $2 today, $3 register, $4 documentation, $5 never covered: the day before which.
_STANDING = """
with recursive members as (
    select id as root, id from persons where merged_into is null and ($1::uuid[] is null or id = any($1))
    union all
    select m.root, p.id from persons p join members m on p.merged_into = m.id
), duty as (
    select m.root,
        bool_or(e.id is not null and e.ended_on is null) as open,
        bool_or(e.id is not null) as covered_once,
        max(e.ended_on) as ended_on
    from members m left join episodes e on e.person_id = m.id group by m.root
), periods as (
    select m.root, max(c.ends_on) filter (where c.known_until is null) as ends_on
    from members m join coverage_periods c on c.person_id = m.id group by m.root
), standing as (
    select p.id as root, greatest(d.ended_on, t.ends_on) as ended_on,
        d.open or coalesce(t.ends_on > $2, false) as covered,
        d.covered_once or t.root is not null as covered_once,
        p.absent_since is null and (p.birth_date + interval '20 years')::date > $2 as needed,
        least(p.absent_since, (p.birth_date + interval '20 years')::date) as left_on
    from persons p join duty d on d.root = p.id left join periods t on t.root = p.id
), obstacles as (
    select s.*,
        exists (
            select from measures x join members m on m.id = x.person_id
            where m.root = s.root and x.state not in ('ended', 'declined', 'withdrawn')
        ) as open_measure,
        exists (
            select from documentation.holds x join members m on m.id = x.person_id
            where m.root = s.root and x.ended_at is null and x.until >= $2
        ) as open_hold,
        exists (
            select from gallring_youths g
            where g.youth_id = s.root and g.clock = 'documentation' and g.outcome = 'deleted'
                and g.settled_at::date >= s.ended_on
        ) as documentation_gone
    from standing s
), judged as (
    select root, case
        when covered then null
        when covered_once and ended_on < $3 and not needed then 'register'
        when covered_once and ended_on < $4 and not documentation_gone then 'documentation'
        when not covered_once and not needed and left_on < $5 then 'never_covered'
    end as clock, covered, open_measure, open_hold
    from obstacles
)
"""
DUE = f"{_STANDING} select root, clock from judged where clock is not null and not open_measure and not open_hold"  # noqa: S608
JUDGE = f"{_STANDING} select root, clock, covered, open_measure, open_hold from judged"  # noqa: S608
MEMBERS = """
with recursive members as (
    select id as root, id from persons where id = any($1::uuid[])
    union
    select m.root, p.id from persons p join members m on p.merged_into = m.id
)
select root, id from members
"""


@dataclass(frozen=True, slots=True)
class Limits:
    """The days before which a duty must have ended (or a person left), by clock."""

    today: date
    register_before: date
    documentation_before: date
    never_covered_before: date

    def arguments(self) -> tuple[date, date, date, date]:
        return self.today, self.register_before, self.documentation_before, self.never_covered_before


async def due(conn: Connection, limits: Limits) -> list[tuple[UUID, str]]:
    """Return who may be deleted, and by which clock: ``register``, ``documentation``, ``never_covered``."""
    return [(row["root"], row["clock"]) for row in await conn.fetch(DUE, None, *limits.arguments())]


async def keeps(
    conn: Connection, asked: Sequence[tuple[UUID, str]], open_outreach: frozenset[UUID], limits: Limits
) -> dict[UUID, str]:
    """Return for whom of those proposed it does not hold any more, and why (a code)."""
    rows = {row["root"]: row for row in await conn.fetch(JUDGE, [one for one, _ in asked], *limits.arguments())}
    reasons: dict[UUID, str] = {}
    for youth_id, clock in asked:
        row = rows.get(youth_id)
        if row is None:
            reasons[youth_id] = "not_there"  # merged into somebody, since
        elif row["covered"]:
            reasons[youth_id] = "covered_again"
        elif row["open_measure"]:
            reasons[youth_id] = "open_measure"
        elif row["open_hold"]:
            reasons[youth_id] = "open_hold"
        elif youth_id in open_outreach:
            reasons[youth_id] = "open_outreach"
        elif row["clock"] != clock:
            reasons[youth_id] = "not_due"
    return reasons
