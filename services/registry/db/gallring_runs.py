"""SQL of the runs of gallring: their states, whom they are about, and their protocol."""

GET = "select * from gallring_runs where id = $1"
LOCKED = GET + " for update"
LIST = """
select * from gallring_runs where $1::timestamptz is null or (proposed_at, id) < ($1, $2::uuid)
order by proposed_at desc, id desc limit $3
"""
PROPOSE = """
insert into gallring_runs
    (id, state, register_before, documentation_before, never_covered_before, proposed_at, proposed_by, workflow_id)
values ($1, 'proposed', $2, $3, $4, $5, $6, $7) on conflict (id) do nothing returning true
"""
OPEN = "select id, workflow_id from gallring_runs where state in ('proposed', 'approved')"
TAKE_OVER = "update gallring_runs set workflow_id = $2 where id = $1"
REVIEW = "update gallring_runs set reviewed_at = $2, reviewed_by = $3 where id = $1"
ADD_YOUTHS = """
insert into gallring_youths (run_id, youth_id, clock)
select $1, youth_id, clock from unnest($2::uuid[], $3::text[]) as y (youth_id, clock)
"""
APPROVE = "update gallring_runs set state = 'approved', approved_at = $2, approved_by = $3 where id = $1"
END = "update gallring_runs set state = $2, ended_at = $3 where id = $1"
WAITING = """
select youth_id, clock from gallring_youths where run_id = $1 and outcome is null order by youth_id limit $2
"""
SETTLE = """
update gallring_youths g set outcome = case when s.reason is null then 'deleted' else 'left_out' end,
    reason = s.reason, settled_at = $4
from unnest($2::uuid[], $3::text[]) as s (youth_id, reason)
where g.run_id = $1 and g.youth_id = s.youth_id
"""
NOTE_DELETED = "update gallring_runs set deleted = $2 where id = $1"
COUNTS = """
select run_id, clock, coalesce(outcome, 'waiting') as outcome, reason, count(*) as youths
from gallring_youths where run_id = any($1::uuid[])
group by run_id, clock, outcome, reason order by clock, outcome, reason
"""
# As the daily workflow sees it.
STANDING = """
select r.id as run_id, case when r.state = 'proposed' and r.reviewed_by is not null then 'reviewed'
        else r.state end as state,
    count(y) filter (where y.outcome is null) as waiting,
    count(y) filter (where y.outcome = 'deleted') as deleted,
    count(y) filter (where y.outcome = 'left_out') as left_out
from gallring_runs r left join gallring_youths y on y.run_id = r.id
where r.id = $1 group by r.id
"""
YOUTHS = """
select youth_id, clock, outcome, reason, settled_at from gallring_youths
where run_id = $1 and ($2::uuid is null or youth_id > $2) order by youth_id limit $3
"""
# A sync may not begin, nor write, while a batch deletes: it would bring back whom it has just matched.
KEEP_SYNC_OUT = "lock table sync_runs in share mode"
SYNC_UNDER_WAY = "select exists (select from sync_runs where state in ('requested', 'running'))"
