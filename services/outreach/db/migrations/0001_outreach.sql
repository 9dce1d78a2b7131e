-- migrate:up

-- Where each youth's outreach stands: one row per youth and episode (one stretch of time under the duty).
create table journeys (
    youth_id uuid not null,
    episode_id uuid not null,
    -- What the registry said last. Its events own these columns (services/outreach/consumers.py).
    facts_at timestamptz,               -- time of the newest registry event; null before the first
    district text,                      -- null when unknown or protected
    protected boolean not null default false,
    registered_on date,
    last_covered_day date,
    policy_version text,                -- the policy that the youth started with
    -- What the workflow decided. Its transitions own these columns (services/outreach/activities.py).
    step text not null,
    moved_at timestamptz,               -- civil time of the newest transition; null before the first
    due timestamptz,
    started_at timestamptz,
    started_late boolean not null default false,
    reached_at timestamptz,
    reached_by text,
    watch_reason text,
    recontact_on date,
    ended_at timestamptz,
    end_reason text,
    primary key (youth_id, episode_id),
    constraint journeys_protected_has_no_district check (not protected or district is null)
);
create index journeys_step on journeys (step, youth_id, episode_id);
create index journeys_district on journeys (district, youth_id, episode_id);

-- The history of journeys: one row per transition. Its key makes a repeated transition harmless.
create table transitions (
    progress_id uuid primary key,
    youth_id uuid not null,
    episode_id uuid not null,
    step text not null,
    at timestamptz not null,            -- civil time
    due timestamptz,
    reached_by text,
    watch_reason text,
    end_reason text,
    recorded_at timestamptz not null default now()
);
create index transitions_journey on transitions (youth_id, episode_id, at);

create table tasks (
    task_id uuid primary key,
    youth_id uuid not null,
    episode_id uuid not null,
    kind text not null,
    task_group text not null,
    district text,
    protected boolean not null default false,   -- of the youth
    -- Seen by special handlers only. A task of theirs stays so when the protection is lifted.
    restricted boolean not null generated always as (protected or task_group = 'special_handlers') stored,
    attempt integer not null check (attempt >= 1),
    not_before timestamptz,
    due_on date not null,
    staff text[] not null default '{}',
    state text not null check (state in ('open', 'claimed', 'completed', 'cancelled')),
    opened_at timestamptz not null,
    claimed_by text,
    claimed_at timestamptz,
    outcome jsonb,
    completed_by text,
    closed_at timestamptz,
    constraint tasks_claimed_by_somebody check (state <> 'claimed' or claimed_by is not null),
    constraint tasks_closed_have_a_time check ((state in ('completed', 'cancelled')) = (closed_at is not null)),
    constraint tasks_restricted_has_no_district check (
        district is null or not (protected or task_group = 'special_handlers')
    ),
    -- Plan 4.2.2: home visits are always made by at least two staff.
    constraint tasks_visit_by_two check (
        kind <> 'home_visit' or (cardinality(staff) >= 2 and staff[1] <> staff[2])
    )
);
-- A youth is never called by two at once.
create unique index tasks_one_open_call on tasks (youth_id)
    where kind = 'call' and state in ('open', 'claimed');
-- Keyset paging by (due_on, task_id), which never change: work lists first, then all.
create index tasks_open on tasks (due_on, task_id) where state in ('open', 'claimed');
create index tasks_open_district on tasks (district, due_on, task_id) where state in ('open', 'claimed');
create index tasks_claimed on tasks (claimed_by, due_on, task_id) where state = 'claimed';
create index tasks_all on tasks (due_on, task_id);
create index tasks_youth on tasks (youth_id, due_on, task_id);

create table task_history (
    id bigint generated always as identity primary key,
    task_id uuid not null,
    at timestamptz not null,            -- civil time
    event text not null check (event in ('opened', 'claimed', 'released', 'completed', 'cancelled')),
    actor text not null
);
create index task_history_task on task_history (task_id, id);

-- Closures of tasks that are not here yet: their transition is still on its way, and finds them here.
create table early_closures (
    task_id uuid primary key,
    state text not null,
    outcome jsonb,
    by text,
    at timestamptz not null
);

-- Staff's decisions by idempotency key: what was asked, and what was answered, for ever.
create table decisions (
    youth_id uuid not null,
    decision_key text not null,
    actor text not null,
    role text not null,
    request jsonb not null,
    asked_at timestamptz not null,      -- civil time
    answer jsonb,                       -- contracts.outreach_workflow.Decided
    refusal jsonb,                      -- {"reason": ..., "detail": ...}
    primary key (youth_id, decision_key),
    check (answer is null or refusal is null)
);

-- migrate:down

drop table decisions;
drop table early_closures;
drop table task_history;
drop table tasks;
drop table transitions;
drop table journeys;
