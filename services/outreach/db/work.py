"""SQL of who works on what: giving tasks to staff, taking them back, leases and escalation.

Every statement names open tasks as `ON_HAND` does, which is what the partial indexes say.
"""

# What there is to do. A task that is put aside for a while is to be left out here.
ON_HAND = "state in ('open', 'claimed')"
# Nobody's: given to nobody, and nobody is at it at the moment $1.
NOBODYS = "assigned_to is null and (state = 'open' or claimed_until <= $1)"

_NEEDS = """
select t.task_id, t.youth_id, t.restricted, t.task_group, t.district, t.not_before, t.due_on, t.staff,
    t.assigned_to, t.claimed_by, t.kind, t.episode_id, t.escalated_at,
    (select coalesce(b.completed_by, b.assigned_to) from tasks b
     where b.youth_id = t.youth_id and b.task_id <> t.task_id
       and coalesce(b.completed_by, b.assigned_to) is not null
     order by b.closed_at desc nulls first, b.opened_at desc limit 1) as keeper
from tasks t
"""

# Who had the youth's task last: who has one now, else who closed the latest.
KEEPER = """
select coalesce(completed_by, assigned_to) from tasks
where youth_id = $1 and coalesce(completed_by, assigned_to) is not null
order by closed_at desc nulls first, opened_at desc limit 1
"""

# Tasks whose owner does not keep them now: gone ($1), away without cover ($2, until $3), of another
# group or district than the task, or not in the register.
STRAYED = f"""
{_NEEDS} left join staff s on s.staff_id = t.assigned_to
where t.{ON_HAND} and t.assigned_to is not null
  and (s.staff_id is null
    or t.assigned_to = any($1::text[])
    or exists (select from unnest($2::text[], $3::date[]) a (staff_id, until)
               where a.staff_id = t.assigned_to and (a.until is null or t.due_on <= a.until))
    or s.task_group <> case when t.restricted then 'special_handlers' else t.task_group end
    or (not t.restricted and cardinality(s.districts) > 0 and t.district = any(s.districts) is not true))
order by t.due_on, t.task_id limit $4 for update of t
"""

# Nobody's tasks of a group ($2: special handlers'?) in districts ($3: anywhere, $4). An alarm is given to
# nobody by itself: by load it might be to the very pair that is missed.
WAITING = f"""
{_NEEDS}
where t.{ON_HAND} and t.assigned_to is null and (t.state = 'open' or t.claimed_until <= $1)
  and t.kind <> 'visit_alarm'
  and t.restricted = $2 and ($3 or t.district = any($4::text[]))
order by t.due_on, t.task_id limit $5 for update of t skip locked
"""


def chosen(where: str, limit: int, *, lock: bool) -> str:
    """Return the statement of the tasks on hand that a condition on ``t`` names."""
    found = f"{_NEEDS} where t.{ON_HAND} and {where} order by t.due_on, t.task_id limit {limit:d}"
    return f"{found} for update of t" if lock else found


# Gives each task to somebody or nobody. That nobody was there is over when somebody has it.
GIVE = """
update tasks t set
    assigned_to = g.staff_id,
    assigned_at = case when g.staff_id is not null then $3::timestamptz end,
    escalated_at = case when g.staff_id is null or escalation = 'overdue' then escalated_at end,
    escalation = case when g.staff_id is null or escalation = 'overdue' then escalation end
from unnest($1::uuid[], $2::text[]) g (task_id, staff_id)
where t.task_id = g.task_id
"""
ADD_HISTORY = """
insert into task_history (task_id, at, event, actor, assigned_to)
select task_id, $2, $3, $4, assigned_to from unnest($1::uuid[], $5::text[]) h (task_id, assigned_to)
"""

# A claim whose lease is over, or whose holder has left, goes back to the list.
_FREE = "set state = 'open', claimed_by = null, claimed_at = null, claimed_until = null"
END_LEASES = f"""
update tasks {_FREE} where task_id in (
    select task_id from tasks where state = 'claimed' and claimed_until <= $1 limit $2 for update skip locked
) returning task_id, youth_id
"""  # noqa: S608 - constants
FREE_OF = f"update tasks {_FREE} where state = 'claimed' and claimed_by = $1 returning task_id, youth_id"

_TOLD = "task_id, youth_id, episode_id, kind, district, due_on, escalation"
# Overdue since before the day $1.
ESCALATE_OVERDUE = f"""
update tasks set escalated_at = $2, escalation = 'overdue' where task_id in (
    select task_id from tasks where {ON_HAND} and due_on < $1 and escalation is distinct from 'overdue'
    order by due_on, task_id limit $3 for update skip locked
) returning {_TOLD}
"""  # noqa: S608 - constants
# Nobody's ($1: now), and nobody is there who could be given it: in no district ($3) with staff present.
ESCALATE_LONELY = f"""
update tasks set escalated_at = $1, escalation = 'nobody_present' where task_id in (
    select task_id from tasks where {ON_HAND} and {NOBODYS} and escalated_at is null
      and restricted = $2 and (restricted or not coalesce(district = any($3::text[]), false))
    limit $4 for update skip locked
) returning {_TOLD}
"""  # noqa: S608 - constants
