"""SQL of the daily intake."""

# The last day on which the search starts in time. The first registration of an episode says it.
SET_START_BY = """
update journeys set start_by = registered_on + $3::int, intake_from = $4
where youth_id = $1 and episode_id = $2 and start_by is null
"""

# A hold moves the month (the workflow's own timer says so): its end counts where it is later.
_DEADLINE = "greatest(start_by, (due at time zone 'Europe/Stockholm')::date)"
# In words that PostgreSQL sees to be those of the partial index.
_WAITING = "step = 'awaiting_start' and ended_at is null"

# Nothing comes before the start on the day $1: who is asked or met first (plan 4.1.4, 4.1.5) begins by their
# own date.
UNPRECEDED = f"""
{_WAITING} and not protected and started_at is null
    and (intake_from is null or intake_from <= $1)
    and not exists (
        select from tasks t
        where t.youth_id = journeys.youth_id and t.state in ('open', 'claimed')
            and t.kind in ('start_stockholm', 'studiebevis_contact')
    )
"""

# Who may begin on the day $1.
WAITING = f"""
select youth_id, episode_id, district, registered_on, {_DEADLINE} as start_by from journeys
where {UNPRECEDED} and start_by is not null
"""  # noqa: S608 - a constant

BEGUN = """
select district, count(*) as begun from journeys
where started_at >= $1 and started_at < $2 and not protected group by district
"""

# Who has waited past the last day; $1 is today.
BREACHES = f"""
update journeys set start_breached_at = $2
where {_WAITING} and started_at is null and start_breached_at is null and {_DEADLINE} < $1
returning youth_id, episode_id, district, registered_on, {_DEADLINE} as start_by
"""  # noqa: S608 - a constant

# The same, found by the start itself when it came late. Once an episode.
BREACH_OF = """
update journeys set start_breached_at = $3
where youth_id = $1 and episode_id = $2 and start_breached_at is null and start_by is not null
returning youth_id, episode_id, district, registered_on, start_by
"""
