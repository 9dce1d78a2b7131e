-- migrate:up

-- The month (plan 4.2.2): the last day on which the search starts in time, and when it was found to be breached.
alter table journeys
    add column start_by date,
    add column intake_from date,        -- before it the daily intake leaves the youth alone (plan 4.1.5); null: at once
    add column start_breached_at timestamptz;
update journeys set start_by = registered_on + 30 where registered_on is not null;
create index journeys_waiting on journeys (registered_on, episode_id)
    where step = 'awaiting_start' and ended_at is null;

-- Large mailings (docs/waves.md). The workflow `TermMailing` asks here whether its wave runs, and for whom.
create table waves (
    wave_id uuid primary key,
    state text not null check (state in ('preview', 'running', 'paused', 'stopped', 'done')),
    districts text[],                   -- null: all
    pace jsonb not null,                -- contracts.policy.WavePolicy as it was for the preview
    policy_version text not null,
    begins timestamptz not null,        -- civil, as all times here
    created_at timestamptz not null,
    created_by text not null,
    approved_at timestamptz,
    approved_by text,
    changed_at timestamptz not null,
    finished_at timestamptz,            -- all handed over; or stopped, and recalled what could be
    recalled int not null default 0,
    too_late int not null default 0,
    constraint waves_run_by_approval check (state not in ('running', 'paused', 'done') or approved_at is not null)
);
-- Two at once would be twice the pace.
create unique index waves_one_at_a_time on waves ((true)) where state in ('running', 'paused');

create table wave_youths (
    wave_id uuid not null references waves,
    youth_id uuid not null,
    episode_id uuid not null,
    place int not null,                 -- in the order of sending, which mixes the districts
    excluded text check (excluded in ('ended', 'protected', 'held', 'new', 'mailed')),
    batch int,                          -- in which it was handed over
    handed_over_at timestamptz,
    primary key (wave_id, youth_id),
    constraint wave_youths_excluded_get_nothing check (excluded is null or batch is null)
);
create index wave_youths_waiting on wave_youths (wave_id, place) where batch is null and excluded is null;
create index wave_youths_batch on wave_youths (wave_id, batch) where batch is not null;
create index wave_youths_youth on wave_youths (youth_id, handed_over_at);

-- migrate:down

drop table wave_youths;
drop table waves;

drop index journeys_waiting;
alter table journeys drop column intake_from, drop column start_by, drop column start_breached_at;
