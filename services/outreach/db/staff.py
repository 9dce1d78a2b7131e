"""SQL of the staff register: members, absences, and how much each has."""

# A member with absences and load. Counting stops at the capacity: who is full is full.
_MEMBER = """
select s.*,
    coalesce((
        select jsonb_agg(jsonb_build_object('first_day', a.first_day, 'last_day', a.last_day, 'cover', a.cover))
        from absences a
        where a.staff_id = s.staff_id and not a.withdrawn and (a.last_day is null or a.last_day >= $1)
    ), '[]') as away,
    (select count(*) from (
        select from tasks t where t.assigned_to = s.staff_id and t.state in ('open', 'claimed') limit s.capacity
    ) counted) as load
from staff s
"""
MEMBERS = _MEMBER
# Those who may be given a task of a group in a district.
ABLE = (
    _MEMBER
    + """
where s.task_group = $2
  and (s.task_group = 'special_handlers' or cardinality(s.districts) = 0 or $3 = any(s.districts))
  and s.active_from <= $1 and (s.active_to is null or s.active_to >= $1)
"""
)

ONE_AFTER_ANOTHER = "select pg_advisory_xact_lock(hashtextextended('staff/' || $1::text, 0))"
ONE = "select * from staff where staff_id = $1"
ONE_LOCKED = ONE + " for update"
PAGE = "select * from staff where staff_id > $1 order by staff_id limit $2"
LOADS = """
select assigned_to, count(*) as open_tasks from tasks
where assigned_to = any($1) and state in ('open', 'claimed') group by assigned_to
"""
PUT = """
insert into staff as s (
    staff_id, task_group, districts, capacity, active_from, active_to, version, recorded_at, recorded_by
) values ($1, $2, $3, $4, $5, $6, 1, $7, $8)
on conflict (staff_id) do update set
    task_group = excluded.task_group,
    districts = excluded.districts,
    capacity = excluded.capacity,
    active_from = excluded.active_from,
    active_to = excluded.active_to,
    version = s.version + 1,
    recorded_at = excluded.recorded_at,
    recorded_by = excluded.recorded_by
returning *
"""

ABSENCE_LOCKED = "select * from absences where staff_id = $1 and absence_id = $2 for update"
ABSENCES = "select * from absences where staff_id = $1 order by first_day, absence_id"
PUT_ABSENCE = """
insert into absences as a (
    staff_id, absence_id, first_day, last_day, cover, withdrawn, version, recorded_at, recorded_by
) values ($1, $2, $3, $4, $5, $6, 1, $7, $8)
on conflict (staff_id, absence_id) do update set
    first_day = excluded.first_day,
    last_day = excluded.last_day,
    cover = excluded.cover,
    withdrawn = excluded.withdrawn,
    version = a.version + 1,
    recorded_at = excluded.recorded_at,
    recorded_by = excluded.recorded_by
returning *
"""
