"""SQL of one transition, in the order in which `activities.record_progress` runs it."""

REMEMBER = """
insert into transitions (progress_id, youth_id, episode_id, step, at, due, reached_by, watch_reason, end_reason)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict (progress_id) do nothing
returning true
"""

# Moves the journey, unless a newer transition or the end has been recorded already: then no row.
# `district` counts only until the registry has spoken (db.journeys.FACTS).
MOVE = """
insert into journeys as j (
    youth_id, episode_id, district, step, moved_at, due, started_at, started_late,
    reached_at, reached_by, watch_reason, recontact_on, ended_at, end_reason
) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
on conflict (youth_id, episode_id) do update set
    district = case when j.facts_at is null then excluded.district else j.district end,
    step = excluded.step,
    moved_at = excluded.moved_at,
    due = excluded.due,
    started_at = coalesce(j.started_at, excluded.started_at),
    started_late = j.started_late or excluded.started_late,
    reached_at = coalesce(excluded.reached_at, j.reached_at),
    reached_by = coalesce(excluded.reached_by, j.reached_by),
    watch_reason = case
        when excluded.step in ('watch', 'on_hold') then coalesce(excluded.watch_reason, j.watch_reason)
    end,
    recontact_on = case when excluded.step = 'watch' then coalesce(excluded.recontact_on, j.recontact_on) end,
    ended_at = excluded.ended_at,
    end_reason = excluded.end_reason
where j.ended_at is null
  and (excluded.ended_at is not null or excluded.moved_at >= coalesce(j.moved_at, '-infinity'))
returning district, protected, registered_on, ended_at is not null as ended,
    old.moved_at is null or old.step <> new.step as entered
"""

# A transition that comes late moves nothing, but that the search began and how a youth was reached stay known.
MOVE_LATE = """
update journeys set
    started_at = coalesce(started_at, $3),
    started_late = started_late or $4,
    reached_at = coalesce(reached_at, $5),
    reached_by = coalesce(reached_by, $6)
where youth_id = $1 and episode_id = $2
returning district, protected, registered_on, ended_at is not null as ended, true as entered
"""

CLOSE = """
update tasks t set
    state = c.state,
    outcome = c.outcome,
    completed_by = case when c.state = 'completed' then c.by end,
    closed_at = c.at
from jsonb_to_recordset($2) as c (task_id uuid, state text, outcome jsonb, by text, at timestamptz)
where t.task_id = c.task_id and t.youth_id = $1 and t.state in ('open', 'claimed')
returning t.*
"""

# Closures of tasks that are not here: the transition that opens them is still on its way.
CLOSE_EARLY = """
insert into early_closures (task_id, state, outcome, by, at)
select c.task_id, c.state, c.outcome, c.by, c.at
from jsonb_to_recordset($1) as c (task_id uuid, state text, outcome jsonb, by text, at timestamptz)
where not exists (select from tasks t where t.task_id = c.task_id)
on conflict (task_id) do nothing
"""

OPEN = """
with spec as (
    select * from jsonb_to_recordset($1) as s (
        task_id uuid, kind text, "group" text, attempt int, not_before timestamptz, due_on date, staff text[],
        assigned_to text, marks text[]
    )
), early as (
    delete from early_closures where task_id in (select task_id from spec) returning *
)
insert into tasks (
    task_id, youth_id, episode_id, kind, task_group, district, protected, attempt, not_before, due_on, staff,
    marks, opened_at, assigned_to, assigned_at, state, outcome, completed_by, closed_at
)
select s.task_id, $2, $3, s.kind, s."group", case when s."group" <> 'special_handlers' then $4 end,
    $5, s.attempt, s.not_before, s.due_on, s.staff,
    s.marks, $6, s.assigned_to, case when s.assigned_to is not null then $6::timestamptz end,
    coalesce(e.state, 'open'), e.outcome, case when e.state = 'completed' then e.by end, e.at
from spec s left join early e using (task_id)
on conflict (task_id) do nothing
returning *
"""

HISTORY = """
insert into task_history (task_id, at, event, actor, assigned_to)
select * from unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::text[])
"""
