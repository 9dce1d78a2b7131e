"""SQL of waves: who is in one, and handing them over batch by batch."""

# Why an open youth gets nothing (contracts.waves.Exclusion). $1: the wave; $2: mailed since then is lately.
# Letters follow from steps: the transition is what outreach has of them.
_EXCLUSION = """
case
    when j.ended_at is not null then 'ended'
    when j.protected or j.step = 'manual' then 'protected'
    when j.step = 'on_hold' then 'held'
    when j.step = 'awaiting_start' then 'new'
    when exists (
        select from transitions t
        where t.youth_id = j.youth_id and t.episode_id = j.episode_id and t.at > $2
          and t.step in ('first_contact', 'tried_to_reach', 'door_card')
    ) or exists (
        select from wave_youths o where o.youth_id = j.youth_id and o.wave_id <> $1 and o.handed_over_at > $2
    ) then 'mailed'
end
"""

INSERT = """
insert into waves (wave_id, state, districts, pace, policy_version, begins, created_at, created_by, changed_at)
values ($1, 'preview', $2, $3, $4, $5, $6, $7, $6)
on conflict (wave_id) do nothing
returning true
"""

# All open youths, in an order that mixes the districts: their phones ring evenly.
ENROL = f"""
insert into wave_youths (wave_id, youth_id, episode_id, place, excluded)
select $1, j.youth_id, j.episode_id,
       row_number() over (order by md5(j.youth_id::text || $1::text)), {_EXCLUSION}
from (
    select distinct on (youth_id) * from journeys where ended_at is null
    order by youth_id, registered_on desc nulls last, facts_at desc nulls last
) j
where $3::text[] is null or j.district = any($3)
"""  # noqa: S608 - constants

ONE = "select * from waves where wave_id = $1"
ONE_LOCKED = ONE + " for update"
LATEST = "select * from waves order by created_at desc, wave_id limit 100"

APPROVE = """
update waves set state = 'running', begins = $4, approved_at = $2, approved_by = $3, changed_at = $2
where wave_id = $1
returning *
"""
# A preview that is given up was never started: nothing is left to be done.
MOVE = """
update waves set state = $2, changed_at = $3,
    finished_at = case when $2 = 'stopped' and approved_at is null then $3::timestamptz end
where wave_id = $1
returning *
"""

# Where a wave stands, by the youths' present districts.
COUNTS = """
select j.district, w.excluded, w.batch is not null as handed_over, count(*) as n
from wave_youths w join journeys j using (youth_id, episode_id)
where w.wave_id = $1
group by 1, 2, 3
"""

IN_BATCH = """
select youth_id, episode_id from wave_youths where wave_id = $1 and batch = $2 order by place
"""

# Whoever must not or need not get it any more, of all who still wait.
EXCLUDE = f"""
update wave_youths w set excluded = now_is.excluded
from (
    select w.youth_id, {_EXCLUSION} as excluded
    from wave_youths w join journeys j using (youth_id, episode_id)
    where w.wave_id = $1 and w.batch is null and w.excluded is null
) now_is
where w.wave_id = $1 and w.youth_id = now_is.youth_id and now_is.excluded is not null
"""  # noqa: S608 - constants

RELEASE = """
update wave_youths set batch = $2, handed_over_at = $4
where wave_id = $1 and youth_id in (
    select youth_id from wave_youths where wave_id = $1 and batch is null and excluded is null
    order by place limit $3
)
"""

LEFT = "select count(*) from wave_youths where wave_id = $1 and batch is null and excluded is null"

CLOSE_DONE = """
update waves set state = 'done', finished_at = $2, changed_at = $2
where wave_id = $1 and state in ('running', 'paused')
"""
CLOSE_STOPPED = """
update waves set finished_at = $2, recalled = $3, too_late = $4
where wave_id = $1 and state = 'stopped' and finished_at is null
"""
