-- migrate:up

-- Who works, by opaque staff id. What somebody may see is the token's to say; this says who is given what.
create table staff (
    staff_id text primary key,
    task_group text not null check (task_group in ('coordinators', 'special_handlers')),
    districts text[] not null,          -- empty: the whole city
    capacity integer not null check (capacity between 1 and 10000),  -- open tasks that are a full load
    active_from date not null,
    active_to date,                     -- the last day; null: until further notice
    version integer not null,
    recorded_at timestamptz not null,   -- civil time
    recorded_by text not null,
    -- Who never came has a last day before the first.
    constraint staff_in_order check (active_to is null or active_to >= active_from - 1),
    constraint staff_special_handlers_have_no_district check (
        task_group <> 'special_handlers' or cardinality(districts) = 0
    )
);

-- When somebody is away, and who covers. Never why.
create table absences (
    staff_id text not null references staff,
    absence_id uuid not null,
    first_day date not null,
    last_day date,                      -- null: until further notice
    cover text references staff,
    withdrawn boolean not null,
    version integer not null,
    recorded_at timestamptz not null,   -- civil time
    recorded_by text not null,
    primary key (staff_id, absence_id),
    constraint absences_in_order check (last_day is null or last_day >= first_day),
    constraint absences_covered_by_another check (cover <> staff_id)
);

-- Bulk re-assignments by idempotency key: what was asked, and what was answered.
create table reassignments (
    decision_key text primary key,
    actor text not null,
    request jsonb not null,
    answer jsonb,
    asked_at timestamptz not null       -- civil time
);

alter table tasks
    add column assigned_to text,        -- whose task it is; who works on it right now is claimed_by
    add column assigned_at timestamptz,
    add column claimed_until timestamptz,  -- the end of the lease
    add column escalated_at timestamptz,
    add column escalation text check (escalation in ('overdue', 'nobody_present'));
-- Claims from before there were leases end as if they had had one.
update tasks set claimed_until = claimed_at + interval '4 hours' where state = 'claimed';
alter table tasks
    add constraint tasks_claims_end check (state <> 'claimed' or claimed_until is not null),
    add constraint tasks_escalated_for_a_reason check ((escalated_at is null) = (escalation is null));

create index tasks_assigned on tasks (assigned_to, due_on, task_id) where state in ('open', 'claimed');
create index tasks_unassigned on tasks (due_on, task_id) where state in ('open', 'claimed') and assigned_to is null;
create index tasks_escalated on tasks (due_on, task_id)
    where state in ('open', 'claimed') and escalated_at is not null;
create index tasks_leases on tasks (claimed_until) where state = 'claimed';
create index tasks_visits on tasks using gin (staff) where state in ('open', 'claimed') and kind = 'home_visit';

alter table task_history add column assigned_to text;
alter table task_history drop constraint task_history_event_check;
alter table task_history add constraint task_history_event_check check (event in (
    'opened', 'assigned', 'unassigned', 'claimed', 'released', 'lease_ended', 'escalated', 'completed', 'cancelled'
));

-- migrate:down

delete from task_history where event in ('assigned', 'unassigned', 'lease_ended', 'escalated');
alter table task_history drop constraint task_history_event_check;
alter table task_history add constraint task_history_event_check check (
    event in ('opened', 'claimed', 'released', 'completed', 'cancelled')
);
alter table task_history drop column assigned_to;
drop index tasks_visits, tasks_leases, tasks_escalated, tasks_unassigned, tasks_assigned;
alter table tasks drop column assigned_to, drop column assigned_at, drop column claimed_until,
    drop column escalated_at, drop column escalation;
drop table reassignments;
drop table absences;
drop table staff;
