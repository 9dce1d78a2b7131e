"""SQL of home visits and of the staff's calendars."""

# --- calendars ---

# When any of these staff ($1) are taken in a time: one row per visit, booked or held.
BUSY = """
select array_agg(staff_id order by staff_id) as staff, lower(during) as start, upper(during) as end
from calendar where during && tstzrange($2, $3) and staff_id = any($1::text[])
group by youth_id, during, decision_key, task_id order by 2, 1
"""
# Which of these staff ($1) are at another youth's visit.
TAKEN = """
select distinct staff_id from calendar
where staff_id = any($1::text[]) and during && tstzrange($2, $3) and youth_id <> $4 order by 1
"""
# One booking at a time of each of these staff, in the order of the ids. The constraint alone keeps the calendar
# right, but two that insert at once would wait for each other until PostgreSQL breaks the deadlock.
ONE_AFTER_ANOTHER = """
select pg_advisory_xact_lock(hashtextextended('calendar/' || staff_id, 0))
from (select unnest($1::text[]) as staff_id order by 1) s
"""
HOLD = """
insert into calendar (staff_id, during, youth_id, decision_key)
select staff_id, tstzrange($2, $3), $4, $5 from unnest($1::text[]) s (staff_id)
"""
RELEASE = "delete from calendar where youth_id = $1 and decision_key = $2"
RELEASE_ALL = "delete from calendar where youth_id = $1 and decision_key is not null"

# --- booking ---

BOOK = """
insert into visits (task_id, youth_id, episode_id, staff, starts_at, ends_at, state)
values ($1, $2, $3, $4, $5, $6, 'booked') on conflict (task_id) do nothing
returning true
"""
HELD_UNTIL = """
select max(upper(during)) from calendar where youth_id = $1 and decision_key = $2 and lower(during) = $3
"""
TAKE_HELD = """
update calendar set task_id = $1, decision_key = null
where youth_id = $2 and decision_key = $3 and staff_id = any($4::text[]) and lower(during) = $5
returning true
"""
# For a visit that nobody held time for. Who is taken gets no row: the visit is called off.
TAKE_FREE = """
insert into calendar (staff_id, during, youth_id, task_id)
select staff_id, tstzrange($3, $4), $5, $1 from unnest($2::text[]) s (staff_id)
on conflict do nothing
"""
# What became of the visits whose tasks are over; only those to come are still in the calendar.
FOLLOW = """
with over as (
    update visits v set state = o.state from unnest($1::uuid[], $2::text[]) o (task_id, state)
    where v.task_id = o.task_id and v.state = 'booked' returning v.task_id
)
delete from calendar c using over where c.task_id = over.task_id
"""

# --- who cannot come ---

# Visits to come ($1: now) of which one of the two is away, has left, or is taken by another. Those that the
# workflow has refused to call off ($3: key) are over for it, and left alone.
TO_CALL_OFF = """
select v.task_id, v.youth_id from visits v
where v.state = 'booked' and v.starts_at > $1
  and ((select count(*) from calendar c where c.task_id = v.task_id) < 2
    or exists (
        select from unnest(v.staff) s (staff_id) join absences a using (staff_id)
        where not a.withdrawn and (v.starts_at at time zone 'Europe/Stockholm')::date >= a.first_day
          and (a.last_day is null or (v.starts_at at time zone 'Europe/Stockholm')::date <= a.last_day)
    )
    or exists (
        select from unnest(v.staff) s (staff_id) join staff m using (staff_id)
        where (v.starts_at at time zone 'Europe/Stockholm')::date < m.active_from
           or (v.starts_at at time zone 'Europe/Stockholm')::date > m.active_to
    ))
  and not exists (
    select from decisions d
    where d.youth_id = v.youth_id and d.decision_key = $3 || v.task_id and d.refusal is not null
  )
order by v.starts_at, v.task_id limit $2
"""

# --- the day ---

_SEEN = "select v.*, t.attempt, t.district, t.restricted from visits v join tasks t using (task_id) "
ONE = _SEEN + "where v.task_id = $1"
ONE_LOCKED = ONE + " for update of v"
# The visits of all of these staff ($1) that begin in a time, but those that do not come about.
DAY = f"""
{_SEEN}
where v.staff @> $1::text[] and v.starts_at >= $2 and v.starts_at < $3 and v.state in ('booked', 'done')
order by v.starts_at, v.task_id limit 200
"""
CHECK_IN = """
update visits set checked_in_at = $2, checked_in_by = $3, check_out_by = $4 where task_id = $1
"""
CHECK_OUT = "update visits set checked_out_at = $2, checked_out_by = $3 where task_id = $1"

# --- alarms ---

# Pairs that are at a visit and should have checked out by now ($1).
LATE = """
select task_id from visits
where checked_in_at is not null and checked_out_at is null and alarmed_at is null and check_out_by <= $1
order by check_out_by, task_id limit $2 for update skip locked
"""
RAISE = """
update visits v set alarmed_at = $1, alarm_id = a.alarm_id
from unnest($2::uuid[], $3::uuid[]) a (task_id, alarm_id) where v.task_id = a.task_id
"""
# Visits that began by $1, not before $2, and that nobody has checked in to. One with an outcome is over.
MISSED = """
select task_id from visits
where state = 'booked' and checked_in_at is null and missed_at is null and starts_at <= $1 and starts_at >= $2
order by starts_at, task_id limit $3 for update skip locked
"""
MARK_MISSED = """
update visits v set missed_at = $1, missed_alarm_id = a.alarm_id
from unnest($2::uuid[], $3::uuid[]) a (task_id, alarm_id) where v.task_id = a.task_id
"""
# The alarms' tasks ($1), by those of the visits ($2). Escalated from the first instant: who leads the work sees
# them at once.
OPEN_ALARM = """
insert into tasks (
    task_id, youth_id, episode_id, kind, task_group, district, protected, attempt, due_on, staff, state, opened_at,
    escalated_at, escalation
)
select a.alarm_id, t.youth_id, t.episode_id, 'visit_alarm', t.task_group, t.district, t.protected, 1, $3, t.staff,
    'open', $4, $4, 'alarm'
from unnest($1::uuid[], $2::uuid[]) a (alarm_id, visit_id) join tasks t on t.task_id = a.visit_id
returning *
"""
