"""SQL of the policy's versions."""

from services.outreach.db.intake import UNPRECEDED

# One writer at a time; readers do not wait. Decisions are a few in a year.
LOCK = "lock table policies in share row exclusive mode"

ONE = "select * from policies where version = $1"

# What is in force on a date: the latest to take effect. On one day a decision comes before a file.
IN_FORCE = """
select version, source from policies
where effective_from <= $1 and withdrawn_at is null and version is distinct from $2
order by effective_from desc, (source = 'decision') desc, decided_at desc
limit 1
"""

# Another decision for the same date.
DATE_TAKEN = """
select version from policies
where effective_from = $1 and version <> $2 and source = 'decision' and withdrawn_at is null
"""

INSERT = """
insert into policies (version, document, effective_from, source, decided_by, decided_at)
values ($1, $2, $3, $4, $5, $6)
returning *
"""

CHANGE = """
update policies set document = $2, effective_from = $3, decided_by = $4, decided_at = $5, edition = edition + 1
where version = $1
returning *
"""

WITHDRAW = """
update policies set withdrawn_by = $2, withdrawn_at = $3, edition = edition + 1 where version = $1 returning *
"""

# Newest first, by a key that does not change while somebody pages.
PAGE = """
select * from policies
where $1::timestamptz is null or (decided_at, version) < ($1, $2)
order by decided_at desc, version desc
limit $3
"""

# Who takes a new policy on the date $1 if they still wait then (workflows/youth_outreach/new_policy.py). With
# whom staff do something else first (plan 4.1.4, 4.1.5) keeps the one by which that was begun.
# Open youths and the step where they stand. ``waits``: they take the policy of the date, for their start is
# due on it or later. Protected identities are counted nowhere.
OPEN_YOUTHS = f"""
select district, step, count(*) as youths,
    {UNPRECEDED} and (due is null or (due at time zone 'Europe/Stockholm')::date >= $1) as waits
from journeys
where ended_at is null and not protected
group by district, step, waits
order by district nulls last, step
"""  # noqa: S608 - a constant

# Who waits for the start with another version than $2, by keyset.
WAIT_WITH_ANOTHER = f"""
select youth_id, episode_id from journeys
where {UNPRECEDED} and policy_version is distinct from $2 and (youth_id, episode_id) > ($3, $4)
order by youth_id, episode_id
limit $5
"""  # noqa: S608 - a constant
