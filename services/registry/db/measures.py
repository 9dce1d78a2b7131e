"""Measures of youths: reading, and writing one step."""

import asyncpg

from contracts.documentation import MeasureEndReason, WithdrawalReason
from contracts.occupation import OccupationCode
from services.registry.domain.measures import KEEPS_PLACE, Measure, State

KEPT_STATES = ", ".join(f"'{state}'" for state in sorted(KEEPS_PLACE))

# The place in the line counts those in front, whoever they are.
_VIEW = """
select m.*, c.school_year, c.owner, c.type, c.sub_type, c.name,
    case when m.state = 'waiting' then (
        select count(*) from measures q
        where q.catalogue_id = m.catalogue_id and q.state = 'waiting' and q.queue_number <= m.queue_number
    ) end as line_position
from measures m join measure_catalogue c on c.id = m.catalogue_id
"""
ONE = f"{_VIEW} where m.id = $1 and m.person_id = $2"
OF_YOUTH = f"{_VIEW} where m.person_id = $1 order by m.offered_on, m.id"
CATALOGUE_OF = "select catalogue_id from measures where id = $1 and person_id = $2"
LOCK = "select * from measures where id = $1 for no key update"
KEPT = f"select count(*) from measures where catalogue_id = $1 and state in ({KEPT_STATES})"  # noqa: S608
# In order of acceptance. A youth whom the duty has left is passed by, and stays where they are until staff
# withdraw it: nothing new is offered to them.
WAITING = """
select m.* from measures m
where m.catalogue_id = $1 and m.state = 'waiting'
    and exists (select from episodes e where e.person_id = m.person_id and e.ended_on is null)
order by m.queue_number limit $2 for no key update of m
"""
INSERT = """
insert into measures (
    id, person_id, episode_id, catalogue_id, state, offered_on, occupation_before, follows_up, version,
    recorded_at, recorded_by
)
values ($1, $2, $3, $4, 'offered', $5, $6, $7, 1, $8, $9)
on conflict (id) do nothing returning *
"""
OPEN = """
select id from measures
where person_id = $1 and catalogue_id = $2 and state not in ('ended', 'declined', 'withdrawn') limit 1
"""
CHANGE = """
update measures set occupation_before = $2, follows_up = $3, version = version + 1, changed_at = $4,
    changed_by = $5
where id = $1
"""
STEP = """
update measures set state = $2, accepted_on = $3, place_offered_on = $4, place_taken_on = $5, started_on = $6,
    ended_on = $7, declined_on = $8, withdrawn_on = $9, end_reason = $10, withdrawal_reason = $11,
    occupation_after = $12, version = version + 1, changed_at = $13, changed_by = $14,
    queue_number = coalesce(queue_number, case when $2 = 'waiting' then nextval('measure_queue') end)
where id = $1
"""


def measure_of(row: asyncpg.Record) -> Measure:
    """Return a row as the domain sees it."""
    return Measure(
        offered_on=row["offered_on"],
        state=State(row["state"]),
        accepted_on=row["accepted_on"],
        place_offered_on=row["place_offered_on"],
        place_taken_on=row["place_taken_on"],
        started_on=row["started_on"],
        ended_on=row["ended_on"],
        declined_on=row["declined_on"],
        withdrawn_on=row["withdrawn_on"],
        end_reason=None if row["end_reason"] is None else MeasureEndReason(row["end_reason"]),
        withdrawal_reason=None if row["withdrawal_reason"] is None else WithdrawalReason(row["withdrawal_reason"]),
        occupation_after=None if row["occupation_after"] is None else OccupationCode(row["occupation_after"]),
    )
