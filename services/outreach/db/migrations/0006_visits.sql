-- migrate:up

-- Equality of texts and uuids in an exclusion constraint. Trusted: whoever owns the database may add it.
create extension btree_gist;

-- Home visits with their time, by the task of the visit: one row from booking on, whatever becomes of it.
create table visits (
    task_id uuid primary key,
    youth_id uuid not null,
    episode_id uuid not null,
    staff text[] not null,
    starts_at timestamptz not null,     -- civil time, as all below
    ends_at timestamptz not null,
    state text not null check (state in ('booked', 'done', 'called_off', 'cancelled')),
    checked_in_at timestamptz,
    checked_in_by text,
    check_out_by timestamptz,           -- later is an alarm
    checked_out_at timestamptz,
    checked_out_by text,
    alarmed_at timestamptz,
    alarm_id uuid,                      -- its task
    -- Plan 4.2.2: always at least two staff.
    constraint visits_by_two check (cardinality(staff) = 2 and staff[1] <> staff[2]),
    constraint visits_in_order check (starts_at < ends_at),
    constraint visits_checked_in check ((checked_in_at is null) = (checked_in_by is null)
        and (checked_in_at is null) = (check_out_by is null)),
    constraint visits_checked_out check ((checked_out_at is null) = (checked_out_by is null)
        and (checked_out_at is null or checked_in_at is not null)),
    constraint visits_alarm check ((alarmed_at is null) = (alarm_id is null)
        and (alarmed_at is null or checked_in_at is not null))
);
create index visits_to_come on visits (starts_at) where state = 'booked';
create index visits_staff on visits using gin (staff);
create index visits_youth on visits (youth_id);
create index visits_out on visits (check_out_by)
    where checked_in_at is not null and checked_out_at is null and alarmed_at is null;

-- When the staff are taken: two rows for each visit to come. Held for a decision that is not answered yet, then
-- booked. Nobody is at two visits at once; that it is another youth's spares who plans the same visit twice.
create table calendar (
    staff_id text not null,
    during tstzrange not null,
    youth_id uuid not null,
    decision_key text,
    task_id uuid references visits,
    constraint calendar_held_or_booked check ((decision_key is null) <> (task_id is null)),
    constraint calendar_nobody_twice exclude using gist (staff_id with =, during with &&, youth_id with <>)
);
create index calendar_youth on calendar (youth_id);
create index calendar_visit on calendar (task_id) where task_id is not null;

-- Visits that were planned before there were calendars. Where two had the same member of the staff, the later
-- planned one has no time in the calendar, and is called off (services/outreach/calling_off.py).
insert into visits (task_id, youth_id, episode_id, staff, starts_at, ends_at, state)
select task_id, youth_id, episode_id, staff[1:2], not_before, not_before + interval '1 hour', 'booked'
from tasks where kind = 'home_visit' and state in ('open', 'claimed') and not_before is not null;
insert into calendar (staff_id, during, youth_id, task_id)
select unnest(v.staff), tstzrange(v.starts_at, v.ends_at), v.youth_id, v.task_id
from visits v join tasks t using (task_id) order by t.opened_at, v.task_id
on conflict do nothing;

alter table tasks drop constraint tasks_escalation_check;
alter table tasks add constraint tasks_escalation_check check (escalation in ('overdue', 'nobody_present', 'alarm'));

-- migrate:down

delete from task_history where task_id in (select task_id from tasks where kind = 'visit_alarm');
delete from tasks where kind = 'visit_alarm';
alter table tasks drop constraint tasks_escalation_check;
alter table tasks add constraint tasks_escalation_check check (escalation in ('overdue', 'nobody_present'));
drop table calendar;
drop table visits;
drop extension btree_gist;
