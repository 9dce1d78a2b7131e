"""SQL of journeys: what the registry says, where a youth stands, and its history."""

# What the registry says. Answers with whether anything is another than before (then it is audited).
# A youth with protected identity has no district outside the registry.
FACTS = """
insert into journeys as j (
    youth_id, episode_id, step, facts_at, district, protected, registered_on, last_covered_day, policy_version
) values ($1, $2, 'awaiting_start', $3, $4, $5, $6, $7, $8)
on conflict (youth_id, episode_id) do update set
    facts_at = excluded.facts_at,
    district = excluded.district,
    protected = excluded.protected,
    registered_on = coalesce(j.registered_on, excluded.registered_on),
    last_covered_day = excluded.last_covered_day,
    policy_version = coalesce(j.policy_version, excluded.policy_version)
where j.facts_at is null
   or (j.district, j.protected, j.last_covered_day)
      is distinct from (excluded.district, excluded.protected, excluded.last_covered_day)
returning true
"""

# Protection is the person's, not the episode's: earlier episodes are masked with it.
PROTECT_EARLIER = """
update journeys set protected = $3, district = case when $3 then null else district end
where youth_id = $1 and episode_id <> $2 and protected <> $3
"""

# Open tasks follow the youth to another district; all tasks follow into and out of protection. Who had a task
# there has it no more: it is nobody's until it is given to somebody here (services/outreach/sweeper.py).
_LEAVES = """
state in ('open', 'claimed')
and (protected <> $2 or (task_group <> 'special_handlers' and district is distinct from $3::text))
"""
TASKS_FOLLOW = f"""
with moved as (
    update tasks set
        protected = $2,
        district = case
            when $2 or task_group = 'special_handlers' then null
            when state in ('open', 'claimed') then $3
            else district
        end,
        assigned_to = case when {_LEAVES} then null else assigned_to end,
        assigned_at = case when {_LEAVES} then null else assigned_at end
    where youth_id = $1 and (protected <> $2 or state in ('open', 'claimed'))
    returning task_id, old.assigned_to is not null and new.assigned_to is null as lost
)
insert into task_history (task_id, at, event, actor)
select task_id, $4, 'unassigned', 'registry' from moved where lost
"""  # noqa: S608 - constants

# Whether there is a number to call. No row when that is known already.
HAS_PHONE = """
update journeys set has_phone = $3 where youth_id = $1 and episode_id = $2 and has_phone <> $3 returning true
"""

IS_ENDED = "select ended_at is not null from journeys where youth_id = $1 and episode_id = $2"

TAKE_POLICY = "update journeys set policy_version = $3 where youth_id = $1 and episode_id = $2"
POLICY_VERSION = "select policy_version from journeys where youth_id = $1 and episode_id = $2"

# The newest episode of a youth.
NEWEST = """
select * from journeys where youth_id = $1
order by registered_on desc nulls last, facts_at desc nulls last, moved_at desc nulls last limit 1
"""
NEWEST_LOCKED = NEWEST + " for update"

TRANSITIONS = """
select episode_id, step, at, due, reached_by, watch_reason, end_reason from transitions
where youth_id = $1 order by at, recorded_at, progress_id
"""


def page(where: str, limit: int) -> str:
    """Return the statement of a page in the order of the primary key, which never changes."""
    return f"select * from journeys where {where} order by youth_id, episode_id limit {limit:d}"  # noqa: S608
