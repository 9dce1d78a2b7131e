-- migrate:up

-- Facts, one row per thing that happened, upserted from events. Events of one topic come in order per
-- youth, topics among each other do not: a fact never needs another topic's fact to be there first.
-- Days are Stockholm's. No table holds anything that names anybody.

-- A period of duty (Skollagen 29 kap. 9 §). Columns are null until their event has come.
create table episodes (
    episode_id uuid primary key,
    youth_id uuid not null,
    municipality text,
    sex text,
    birth_year int,
    registration_reason text,
    registered_on date,
    protected boolean,
    last_covered_day date,
    ended_on date,
    end_reason text,
    search_started_on date,             -- from the outreach
    search_late boolean,
    outreach_ended_on date,             -- from the outreach; the registry's word goes first
    outreach_end_reason text
);
create index episodes_youth on episodes (youth_id);
create index episodes_registered on episodes (registered_on);

-- Where a youth was registered, from a day on. Nothing is kept about a protected youth.
create table episode_districts (
    episode_id uuid not null,
    since date not null,
    district text,
    primary key (episode_id, since)
);

create table steps (
    seq bigint generated always as identity primary key,    -- orders steps of the same instant
    episode_id uuid not null,
    youth_id uuid not null,
    step text not null,
    entered_at timestamptz not null,
    entered_on date generated always as ((entered_at at time zone 'Europe/Stockholm')::date) stored,
    unique (episode_id, entered_at, step)
);
create index steps_by_step on steps (step, entered_on);

create table reached (
    episode_id uuid not null,
    youth_id uuid not null,
    way text not null,
    reached_at timestamptz not null,
    reached_on date generated always as ((reached_at at time zone 'Europe/Stockholm')::date) stored,
    primary key (episode_id, reached_at, way)
);
create index reached_day on reached (reached_on);

create table watches (
    episode_id uuid not null,
    youth_id uuid not null,
    reason text not null,
    started_at timestamptz not null,
    started_on date generated always as ((started_at at time zone 'Europe/Stockholm')::date) stored,
    recontact_on date not null,
    primary key (episode_id, started_at)
);

create table tasks (
    task_id uuid primary key,
    episode_id uuid not null,
    youth_id uuid not null,
    kind text not null,
    attempt int not null,
    due_on date,
    result text,
    completed_at timestamptz,
    completed_on date generated always as ((completed_at at time zone 'Europe/Stockholm')::date) stored,
    cancelled boolean not null default false
);
create index tasks_completed on tasks (completed_on) where completed_on is not null;

create table messages (
    message_id uuid primary key,
    episode_id uuid not null,
    youth_id uuid not null,
    kind text not null,
    channel text not null,
    queued_at timestamptz,
    sent_at timestamptz,
    sent_on date generated always as ((sent_at at time zone 'Europe/Stockholm')::date) stored,
    delivered_at timestamptz,
    failed_at timestamptz,
    failure text,
    skipped_at timestamptz,
    skip_reason text
);
create index messages_sent on messages (sent_on) where sent_on is not null;
create index messages_episode on messages (episode_id);

create table answers (
    episode_id uuid not null,
    youth_id uuid not null,
    channel text not null,
    message_id uuid,
    answered_at timestamptz not null,
    primary key (episode_id, answered_at, channel)
);

-- migrate:down

drop table answers;
drop table messages;
drop table tasks;
drop table watches;
drop table reached;
drop table steps;
drop table episode_districts;
drop table episodes;
